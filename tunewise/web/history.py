"""History and search: what happened when, and where something stands."""

from flask import Blueprint, Response, request

from tunewise.web.paged import whole
from tunewise.web.site import answer, home, twinned
from tunewise.workflow import history
from tunewise.workflow.history import Only

blueprint = Blueprint("history", __name__)

_FILTERS = ("kind", "by", "subject", "since")


@twinned(blueprint, "/history")
def index() -> Response:
    """Show what was done, by whom, when; ``at`` gives the state on a date.

    A page holds the newest events; ``offset`` passes over them. ``kind``, ``by``,
    ``subject`` and ``since`` keep to some of the events.
    """
    at = request.args.get("at", "")
    offset = whole("offset", 0)
    asked = {key: request.args.get(key, "").strip() for key in _FILTERS}
    view = history.page(home(), at, offset=offset, only=Only(**asked))
    return answer("history", view, at=at, asked=asked)


@twinned(blueprint, "/search")
def search() -> Response:
    """Show the records that a text occurs in, of one kind where ``kind`` names it."""
    query = request.args.get("q", "").strip()
    kind = request.args.get("kind", "")
    found = history.search(home(), query, kind=kind) if query else []
    return answer("search", found, query=query, kind=kind, most=history.MOST)

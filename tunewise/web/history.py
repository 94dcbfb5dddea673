"""History and search: what happened when, and where something stands."""

from flask import Blueprint, Response, request

from tunewise.web.paged import whole
from tunewise.web.site import answer, as_csv, home, twinned
from tunewise.workflow import history
from tunewise.workflow.history import Only

blueprint = Blueprint("history", __name__)

_FARTHEST = 1_000  # hits that anybody passes over: more words find fewer
_FILTERS = ("kind", "by", "subject", "since")


@twinned(blueprint, "/history")
def index() -> Response:
    """Show what was done, by whom, when; ``at`` gives the state on a date.

    A page holds the newest events; ``offset`` passes over them. ``kind``, ``by``,
    ``subject`` and ``since`` keep to some of the events.
    """
    at = request.args.get("at", "")
    offset = whole("offset", 0)
    asked = _asked()
    view = history.page(home(), at, offset=offset, only=Only(**asked))
    return answer("history", view, at=at, asked=asked)


@blueprint.get("/history.csv")
def table() -> Response:
    """Return the events that the filters keep as a table, oldest first."""
    at = request.args.get("at", "")
    return as_csv(history.every(home(), at, only=Only(**_asked())), "history.csv")


def _asked() -> dict[str, str]:
    return {key: request.args.get(key, "").strip() for key in _FILTERS}


@twinned(blueprint, "/search")
def search() -> Response:
    """Show the records that a text occurs in, of one kind where ``kind`` names it."""
    query = request.args.get("q", "").strip()
    kind = request.args.get("kind", "")
    offset, most = min(whole("offset", 0), _FARTHEST), history.MOST
    found = []
    if query:  # one more than is shown says whether there are others
        found = history.search(home(), query, kind=kind, limit=most + 1, offset=offset)
    place = {"offset": offset, "more": len(found) > most, "most": most}
    return answer("search", found[:most], query=query, kind=kind, **place)

"""What rests on a record: the decisions that lean on it."""

from flask import Blueprint, Response

from tunewise.web.site import answer, home, twinned
from tunewise.workflow import decisions

blueprint = Blueprint("resting", __name__)


@twinned(blueprint, "/rests-on/<kind>/<path:id>")
def rests_on(kind: str, id: str) -> Response:
    """List the decisions that rest on a record, and what a change would alter."""
    return answer("rests_on", decisions.rests_on(home(), kind, id))

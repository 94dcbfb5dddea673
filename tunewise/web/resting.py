"""What rests on a record: the decisions, and which verdicts would alter without it."""

from flask import Blueprint, Response

from tunewise.web.site import answer, home, twinned
from tunewise.workflow.decisions.resting import resting_on

blueprint = Blueprint("resting", __name__)


@twinned(blueprint, "/rests-on/<kind>/<path:record>")
def show(kind: str, record: str) -> Response:
    """List the decisions that rest on a record."""
    return answer("resting", resting_on(home(), kind, record))

"""Rules: every criterion, and one with its source and its worked cases."""

from flask import Blueprint, Response

from tunewise.web.site import answer, home, twinned
from tunewise.workflow.rules import records as rules

blueprint = Blueprint("rules", __name__)


@twinned(blueprint, "/rules")
def index() -> Response:
    """List every criterion."""
    return answer("rules", rules.list_all(home()))


@twinned(blueprint, "/rules/<criterion_id>")
def show(criterion_id: str) -> Response:
    """Show one criterion."""
    return answer("rule", rules.show(home(), criterion_id))

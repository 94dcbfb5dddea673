"""Rules: every criterion, and one with its source and its worked cases."""

from flask import Blueprint, Response, request

from tunewise.report.criteria import spoken
from tunewise.web.site import answer, home, twinned
from tunewise.workflow.rules import records as rules
from tunewise.workflow.rules.facts import dictionary

blueprint = Blueprint("rules", __name__)


@twinned(blueprint, "/rules")
def index() -> Response:
    """List every criterion, or those that say something about ``option``."""
    option = request.args.get("option", "")
    every = rules.list_all(home())
    counts = {"spoken": spoken(every), "total": len(every)}
    if option:
        every = [c for c in every if option in {t["option"] for t in c["consequences"]}]
    return answer("rules", every, option=option, **counts)


@twinned(blueprint, "/rules/facts")
def facts() -> Response:
    """Show the fact dictionary, what reads each fact, and the risks."""
    return answer("facts", dictionary(home()))


@twinned(blueprint, "/rules/coverage")
def coverage() -> Response:
    """Show which worked cases exercise each criterion."""
    key = ("coverage", home().rules().digest)
    return answer("coverage", home().answer(key, lambda: rules.coverage(home())))


@twinned(blueprint, "/rules/<criterion_id>")
def show(criterion_id: str) -> Response:
    """Show one criterion."""
    return answer("rule", rules.show(home(), criterion_id))

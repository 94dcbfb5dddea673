"""A decision with other facts: tried out on its page, recorded only as a successor.

GET   /decisions/ID/try?FACT=ANSWER&unknown=FACT    the verdict they would have
GET   /decisions/ID/try/verdict?…                   the verdict alone, for the page
POST  /decisions/ID/try                             propose a successor with them
"""

from collections.abc import Sequence

from flask import Blueprint, Response, request

from tunewise.domain.errors import StatusError, TunewiseError
from tunewise.report.pages import verdict_tried
from tunewise.web.forms import Form
from tunewise.web.site import acting, answer, as_page, home, seen_other, site, twinned
from tunewise.workflow import decisions
from tunewise.workflow.decisions.trying import attempt
from tunewise.workflow.views import View

blueprint = Blueprint("trying", __name__)

UNKNOWN = "?"  # what a field says of a fact that nobody shall know
_OURS = ("by", "review_on", "all", "seen")  # fields that are no facts

Pairs = Sequence[tuple[str, str]]


@twinned(blueprint, "/decisions/<decision_id>/try")
def show(decision_id: str) -> Response:
    """Show the facts as fields, and the verdict that they would have."""
    given = _asked()
    return answer("try", _attempt(decision_id, given), **_context(given))


@blueprint.get("/decisions/<decision_id>/try/verdict")
def verdict(decision_id: str) -> Response:
    """Show the verdict alone, as the page swaps it in while somebody tries."""
    return Response(verdict_tried(site().environment, _attempt(decision_id, _asked())))


@blueprint.post("/decisions/<decision_id>/try")
def propose(decision_id: str) -> Response:
    """Propose a successor with these facts; the old one holds until it is accepted."""
    sent = Form.of_request()
    by, review_on = sent.title("by"), sent.day("review_on")
    given = list(request.form.items(multi=True))
    found = _attempt(decision_id, given)
    status = 422
    if not (sent.errors or found["errors"]):
        try:
            made = decisions.supersede(
                acting(by),
                decision_id,
                found["facts"],
                review_on=review_on,
                documents=None,
                seen=sent.text("seen"),
            )
        except TunewiseError as error:
            sent.errors[""] = str(error)
            status = 409 if isinstance(error, StatusError) else 422
        else:
            return seen_other("decisions", made["id"])
    errors = {**found["errors"], **sent.errors}
    response = as_page("try", {**found, "errors": errors}, **_context(given))
    response.status_code = status
    return response


def _attempt(id: str, given: Pairs) -> View:
    typed, people, unknown = _answers(given)
    return attempt(home(), id, typed, unknown=unknown, people=people)


def _asked() -> Pairs:
    return list(request.args.items(multi=True))


def _answers(given: Pairs) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Return the changed answers, who says so, and what shall be unknown."""
    typed, by, unknown = {}, "", []
    for name, value in given:
        said = value.strip()
        if name == "by":
            by = said
        elif name not in _OURS and said == UNKNOWN:
            unknown.append(name)
        elif name not in _OURS and said:
            typed[name] = said
    return typed, dict.fromkeys(typed, by) if by else {}, unknown


def _context(given: Pairs) -> dict[str, object]:
    typed, _, unknown = _answers(given)
    said = dict(given)
    return {
        "typed": {**typed, **dict.fromkeys(unknown, UNKNOWN)},
        "by": said.get("by", home().actor.name),
        "review_on": said.get("review_on", ""),
        "all": "all" in said,
    }

"""A decision's facts, changed to see what the rules would say; nothing is kept here.

GET   /decisions/<id>/try?FACT=ANSWER…           the facts as a form, the verdict
GET   /decisions/<id>/try/verdict?FACT=ANSWER…   the verdict alone, for the page
POST  /decisions/<id>/try                        a successor with these facts
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request

from tunewise.domain.errors import StatusError, TunewiseError
from tunewise.report.pages import tried_now
from tunewise.web.forms import Form
from tunewise.web.intake import LONGEST
from tunewise.web.site import acting, answer, as_page, home, seen_other, site, twinned
from tunewise.workflow import decisions
from tunewise.workflow.views import View

blueprint = Blueprint("trying", __name__)

_OURS = ("by", "seen", "every")  # fields that are no facts


@twinned(blueprint, "/decisions/<decision_id>/try")
def form(decision_id: str) -> Response:
    """Show the facts as a form, and what the rules say of them."""
    view = _tried(decision_id, list(request.args.items(multi=True)))
    return answer("try", view, by=home().actor.name, more=_more(view))


@blueprint.get("/decisions/<decision_id>/try/verdict")
def verdict(decision_id: str) -> Response:
    """Show the verdict alone, as the page swaps it in while somebody changes facts."""
    view = _tried(decision_id, list(request.args.items(multi=True)))
    return Response(tried_now(site().environment, view))


@blueprint.post("/decisions/<decision_id>/try")
def send(decision_id: str) -> Response:
    """Propose a successor with these facts, and show it."""
    sent = Form.of_request()
    by = sent.title("by")
    view = _tried(decision_id, list(request.form.items(multi=True)))
    status = 422
    if not (sent.errors or view["errors"]):
        try:
            made = decisions.propose_tried(
                acting(by), decision_id, _answers(view), seen=sent.text("seen")
            )
        except TunewiseError as error:
            sent.errors[""] = str(error)
            status = 409 if isinstance(error, StatusError) else 422
        else:
            return seen_other("decisions", made["id"])
    response = as_page(
        "try", view, by=by, more=_more(view), form_errors={**sent.errors}
    )
    response.status_code = status
    return response


def _tried(decision_id: str, given: Sequence[tuple[str, str]]) -> View:
    if len(request.query_string) > LONGEST:
        abort(413)
    typed = {name: text for name, text in given if name not in _OURS}
    every = any(name == "every" for name, _ in given)
    return decisions.try_facts(home(), decision_id, typed, every=every)


def _answers(view: View) -> dict[str, str]:
    return {field["name"]: field["tried"] for field in view["changed"]}


def _more(view: View) -> str:
    """Return the address at which every fact stands, with what was changed."""
    return urlencode({**_answers(view), "every": "yes"})

"""I have a task: one question at a time, the verdict beside it, nothing kept here.

    GET   /decisions/new?FACT=ANSWER&skip=FACT…       the next question
    GET   /decisions/new/verdict?…                    the verdict alone, for the page
    GET   /decisions/new/preliminary?…                to look at and to send on
    POST  /decisions                                  on record, as proposed

All answers are in the address: it can be sent to somebody, and the way back is the
browser's. ``FACT.by`` says who says so.
"""

from urllib.parse import quote, urlencode

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.datastructures import MultiDict

from tunewise.domain.errors import TunewiseError
from tunewise.report.pages import verdict_now
from tunewise.web.forms import Form
from tunewise.web.site import acting, answer, as_page, home, site, twinned
from tunewise.workflow import decisions, intake
from tunewise.workflow.views import View

blueprint = Blueprint("intake", __name__)

LONGEST = 8192  # bytes of an address; proxies cut what is longer
_BY = ".by"
_OURS = ("skip", "title", "by", "review_on")  # fields that are no facts


@twinned(blueprint, "/decisions/new")
def ask() -> Response:
    """Ask for the fact that says most about the verdict."""
    if request.args.get("show"):  # the way on, without a script
        return redirect(f"/decisions/new/preliminary?{_query()}", 303)  # type: ignore[return-value]
    return answer("intake", _step(), **_address())


@blueprint.get("/decisions/new/verdict")
def verdict() -> Response:
    """Show the verdict alone, as the page swaps it in while somebody answers."""
    return Response(verdict_now(site().environment, _step()))


@twinned(blueprint, "/decisions/new/preliminary")
def preliminary() -> Response:
    """Show what the rules say so far; nothing of it is on record."""
    return answer("preliminary", _step(), **_address())


@blueprint.post("/decisions")
def record() -> Response:
    """Put it on record as proposed."""
    sent = Form.of_request()
    title, by = sent.title("title"), sent.title("by")
    review_on = sent.day("review_on")
    step = _step(request.form)
    if not (sent.errors or step["errors"]):
        try:
            made = decisions.propose(
                acting(by),
                step["facts"],
                title=title,
                review_on=review_on,
                documents=None,
            )
        except TunewiseError as error:
            sent.errors[""] = str(error)
        else:
            return redirect(f"/decisions/{quote(made['id'])}", 303)  # type: ignore[return-value]
    response = as_page(
        "preliminary",
        step,
        **{**_address(request.form), "by": by},
        form_errors={**step["errors"], **sent.errors},
    )
    response.status_code = 422
    return response


def _step(given: MultiDict[str, str] | None = None) -> View:
    args = request.args if given is None else given
    if len(request.query_string) > LONGEST:
        abort(413)
    typed, people = _answers(args)
    skipped = [name for name in args.getlist("skip") if not typed.get(name)]
    return intake.step(home(), typed, skipped=skipped, people=people)


def _answers(args: MultiDict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the answers by fact, and who gave them; of a repeated one the last."""
    typed, people = {}, {}
    for name in args:
        value = args.getlist(name)[-1].strip()
        if name.endswith(_BY) and name != "by":
            people[name.removesuffix(_BY)] = value
        elif name not in (*_OURS, "show", "seen", "state") and value:
            typed[name] = value
    return typed, people


def _address(given: MultiDict[str, str] | None = None) -> dict[str, object]:
    """Return what links and hidden fields carry on."""
    args = request.args if given is None else given
    typed, people = _answers(args)
    return {
        "typed": typed,
        "people": {name: by for name, by in people.items() if by and name in typed},
        "address": _query(args),
        "by": home().actor.name,
    }


def _query(given: MultiDict[str, str] | None = None) -> str:
    args = request.args if given is None else given
    typed, people = _answers(args)
    skipped = [name for name in args.getlist("skip") if name not in typed]
    pairs = [
        *typed.items(),
        *((f"{name}{_BY}", by) for name, by in people.items() if by and name in typed),
        *(("skip", name) for name in dict.fromkeys(skipped)),
    ]
    return urlencode(pairs)

"""I have a task: one question at a time, the verdict beside it, nothing kept here.

    GET   /decisions/new?FACT=ANSWER&skip=FACT…       the next question
    GET   /decisions/new/verdict?…                    the verdict alone, for the page
    GET   /decisions/new/preliminary?…                to look at and to send on
    POST  /decisions                                  on record, as proposed

All answers are in the address: it can be sent to somebody, and the way back is the
browser's. ``FACT.by`` says who says so.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request

from tunewise.domain.errors import TunewiseError
from tunewise.report.pages import verdict_now
from tunewise.web.forms import Form
from tunewise.web.site import (
    acting,
    answer,
    as_page,
    home,
    seen_other,
    site,
    twinned,
)
from tunewise.workflow import decisions, intake
from tunewise.workflow.views import View

blueprint = Blueprint("intake", __name__)

LONGEST = 8192  # bytes of an address; proxies cut what is longer
_BY = ".by"
_OURS = ("skip", "title", "by", "review_on")  # fields that are no facts

Pairs = Sequence[tuple[str, str]]


@twinned(blueprint, "/decisions/new")
def ask() -> Response:
    """Ask for the fact that says most about the verdict."""
    return answer("intake", _step(_asked()), **_address(_asked()))


@blueprint.get("/decisions/new/verdict")
def verdict() -> Response:
    """Show the verdict alone, as the page swaps it in while somebody answers."""
    return Response(verdict_now(site().environment, _step(_asked())))


@twinned(blueprint, "/decisions/new/preliminary")
def preliminary() -> Response:
    """Show what the rules say so far; nothing of it is on record."""
    return answer("preliminary", _step(_asked()), **_address(_asked()))


@blueprint.post("/decisions")
def record() -> Response:
    """Put it on record as proposed."""
    sent = Form.of_request()
    title, by = sent.title("title"), sent.title("by")
    review_on = sent.day("review_on")
    step = _step(_sent())
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
            return seen_other("decisions", made["id"])
    response = as_page(
        "preliminary",
        step,
        **{**_address(_sent()), "by": by},
        form_errors={**step["errors"], **sent.errors},
    )
    response.status_code = 422
    return response


def _asked() -> Pairs:
    return list(request.args.items(multi=True))


def _sent() -> Pairs:
    return list(request.form.items(multi=True))


def _step(given: Pairs) -> View:
    if len(request.query_string) > LONGEST:
        abort(413)
    typed, people, skipped = _answers(given)
    return intake.step(home(), typed, skipped=skipped, people=people)


def _answers(given: Pairs) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Return the answers and who gave them, by fact, and what is not known.

    Of a repeated answer the last counts; what is answered is known.
    """
    typed, people = {}, {}
    for name, value in given:
        if name.endswith(_BY):
            people[name.removesuffix(_BY)] = value.strip()
        elif name not in _OURS and value.strip():
            typed[name] = value.strip()
    said = {name: by for name, by in people.items() if by and name in typed}
    skipped = dict.fromkeys(v for k, v in given if k == "skip" and v not in typed)
    return typed, said, list(skipped)


def _address(given: Pairs) -> dict[str, object]:
    """Return what links and hidden fields carry on."""
    typed, people, _ = _answers(given)
    return {
        "typed": typed,
        "people": people,
        "address": _query(given),
        "by": home().actor.name,
    }


def _query(given: Pairs) -> str:
    typed, people, skipped = _answers(given)
    pairs = [
        *typed.items(),
        *((f"{name}{_BY}", by) for name, by in people.items()),
        *(("skip", name) for name in skipped),
    ]
    return urlencode(pairs)

"""What people do about a decision: the forms, and what happens when they are sent.

    GET   /decisions/<id>/<act>                  the form
    POST  the same                               done, then the decision's page
    …     /decisions/<id>/conditions/<n>/<act>   of one condition
    …     /decisions/<id>/risks/<risk>/<act>     of one risk

A form carries what was read: where somebody acted meanwhile, nothing is recorded, and
the form comes back with everything typed. A field that cannot be taken says why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, Response, abort

from tunewise.domain.errors import NotRecorded, Stale, StatusError, TunewiseError
from tunewise.domain.rules import Option
from tunewise.web.description import DESCRIBE, kept_of_others
from tunewise.web.fields import Act, Field
from tunewise.web.forms import Form
from tunewise.web.messages import in_form_words
from tunewise.web.site import acting, as_page, home, seen_other
from tunewise.workflow import decisions
from tunewise.workflow.home import Home

blueprint = Blueprint("acts", __name__)


def _close(home: Home, id: str, n: int, **more: str) -> object:
    """Close a condition; no file of this machine is read for somebody's browser."""
    return decisions.close_condition(home, id, n, documents=None, **more)


_BECAUSE = Field("because", "Why", help="It is read years later.", required=True)
_REVIEW = Field("review_on", "Review on", "day", "When to look again.")

ACTS: Mapping[str, Act] = {
    "describe": DESCRIBE,
    "accept": Act(
        "Accept, or choose otherwise",
        "The choice goes on record beside the verdict, with your name. A measured "
        "choice becomes a model version.",
        "Put the choice on record",
        (
            Field("choice", "Choice", "option", required=True),
            Field("because", "Why", help="Needed where it is not the verdict."),
            Field(
                "conditions",
                "Conditions",
                "lines",
                "What must hold, one a line. Each is closed by evidence later.",
            ),
            _REVIEW,
        ),
        decisions.accept,
        "proposed",
    ),
    "reject": Act(
        "Reject",
        "The proposal is turned down, and stays on record.",
        "Reject it",
        (_BECAUSE,),
        decisions.reject,
        "proposed",
    ),
    "withdraw": Act(
        "Withdraw",
        "The proposal is taken back, and stays on record.",
        "Take it back",
        (_BECAUSE,),
        decisions.withdraw,
        "proposed",
    ),
    "sign": Act(
        "Sign",
        "Your agreement, or your dissent, goes on record with what you have read.",
        "Sign it",
        (
            Field(
                "role",
                "In which role",
                "line",
                "Such as data protection officer.",
                required=True,
            ),
            Field("dissent", "I disagree", "flag"),
            Field("comment", "Comment", help="Needed where you disagree."),
        ),
        decisions.sign,
        "",
        reads="state",  # whatever else was signed meanwhile
    ),
    "review": Act(
        "Review",
        "What it came to goes on record beside what it promised.",
        "Put the review on record",
        (
            Field(
                "score", "Score realised", "number", "Of the task's own metric, 0 to 1."
            ),
            Field(
                "cost", "Cost of a month", "number", "In the currency of the promise."
            ),
            Field("volume", "Requests a day", "number"),
            Field("because", "What shows these figures", required=True),
            _REVIEW,
        ),
        decisions.review,
        "accepted",
    ),
}

OF_A_CONDITION: Mapping[str, Act] = {
    "assign": Act(
        "Say who sees to a condition",
        "What is left empty stays as it is.",
        "Put it on record",
        (Field("owner", "Who sees to it", "line"), Field("due", "By when", "day")),
        decisions.assign_condition,
        "accepted",
    ),
    "close": Act(
        "Close a condition",
        "It was met, and this shows it.",
        "Close it",
        (
            Field(
                "evidence",
                "What shows it",
                "line",
                "person:NAME, run:ID, dataset:NAME@N, or document:TITLE. No file is "
                "read here: to keep one with the record, use the command line.",
                required=True,
            ),
            Field("because", "In what way it was met", required=True),
        ),
        _close,
        "accepted",
    ),
}


OF_A_RISK: Mapping[str, Act] = {
    "control": Act(
        "Say what controls a risk",
        "A risk is controlled once a control and its owner are on record.",
        "Put it on record",
        (
            Field("control", "What controls it"),
            Field("owner", "Who sees to it", "line"),
        ),
        decisions.assign_risk,
        "proposed accepted",
    ),
}


@blueprint.get(
    "/decisions/<decision_id>/<any({names}):act>".format(names=",".join(ACTS))
)
def form(decision_id: str, act: str) -> Response:
    """Show the form of an act."""
    return _shown(_About(decision_id, ACTS[act]))


@blueprint.post(
    "/decisions/<decision_id>/<any({names}):act>".format(names=",".join(ACTS))
)
def send(decision_id: str, act: str) -> Response:
    """Do it, and show the decision."""
    return _sent(_About(decision_id, ACTS[act]))


@blueprint.get("/decisions/<decision_id>/conditions/<int:n>/<act>")
def condition_form(decision_id: str, n: int, act: str) -> Response:
    """Show the form of an act about one condition."""
    return _shown(_About(decision_id, _named(act, OF_A_CONDITION), n=n))


@blueprint.post("/decisions/<decision_id>/conditions/<int:n>/<act>")
def condition_send(decision_id: str, n: int, act: str) -> Response:
    """Do it, and show the decision."""
    return _sent(_About(decision_id, _named(act, OF_A_CONDITION), n=n))


@blueprint.get("/decisions/<decision_id>/risks/<risk>/<act>")
def risk_form(decision_id: str, risk: str, act: str) -> Response:
    """Show the form of an act about one risk, with what is on record of it."""
    return _shown(_About(decision_id, _named(act, OF_A_RISK), risk=risk))


@blueprint.post("/decisions/<decision_id>/risks/<risk>/<act>")
def risk_send(decision_id: str, risk: str, act: str) -> Response:
    """Do it, and show the decision."""
    return _sent(_About(decision_id, _named(act, OF_A_RISK), risk=risk))


@dataclass(frozen=True, slots=True)
class _About:
    """What a form is about: a decision, or one condition or risk of it."""

    id: str
    act: Act
    n: int = 0
    risk: str = ""

    @property
    def part(self) -> tuple[int | str, ...]:
        """What the act takes beside the decision."""
        return tuple(filter(None, (self.n, self.risk)))


def _named(act: str, acts: Mapping[str, Act]) -> Act:
    return acts[act] if act in acts else abort(404)


def _shown(about: _About, sent: Form | None = None, *, status: int = 200) -> Response:
    """Return the form; with what was typed, and what cannot be taken of it."""
    act, decision = about.act, decisions.show(home(), about.id)
    risk = decisions.risk(home(), about.id, about.risk) if about.risk else None
    hints = act.hints(decision)
    view = {
        "decision": decision,
        "condition": _condition(decision, about.n) if about.n else None,
        "risk": risk,
        "risks": decision["risks"] if act is DESCRIBE else [],
        "act": {"title": act.title, "what": act.what, "button": act.button},
        "possible": not act.status or decision["status"] in act.status.split(),
        "fields": [{**asdict(f), "hint": hints.get(f.name, "")} for f in act.fields],
        "seen": decision["audit"][-1]["seq"] if decision["audit"] else "",
        "by": home().actor.name,
        "options": [option.value for option in Option],
    }
    typed = dict(sent.typed) if sent else {**act.start(decision), **_of_risk(risk)}
    response = as_page("act", view, typed=typed, errors=sent.errors if sent else {})
    response.status_code = status
    return response


def _condition(decision: Mapping[str, Any], n: int) -> Mapping[str, Any]:
    found: Sequence[Mapping[str, Any]] = decision["conditions"]
    for condition in found:
        if condition["n"] == n:
            return condition
    known = ", ".join(str(c["n"]) for c in found) or "none"
    raise NotRecorded(
        f"decision {decision['id']} has no condition {n}\n  Its conditions: {known}."
    )


def _of_risk(risk: Mapping[str, Any] | None) -> Mapping[str, str]:
    return {key: risk[key] or "" for key in ("control", "owner")} if risk else {}


def _sent(about: _About) -> Response:
    act, sent = about.act, Form.of_request()
    by = sent.title("by")
    values = {field.name: _value(sent, field) for field in act.fields}
    seen = sent.text(act.reads)
    if sent.errors:
        return _shown(about, sent, status=422)
    try:
        act.do(acting(by), about.id, *about.part, seen=seen, **values)
    except Stale as error:
        if act is DESCRIBE:
            sent = kept_of_others(sent, decisions.show(home(), about.id), seen)
        return _refused(about, sent, error)
    except NotRecorded as error:
        if f"'{about.id}'" in str(error):  # the decision itself: a page that helps
            raise
        return _refused(about, sent, error)
    except TunewiseError as error:
        return _refused(about, sent, error)
    return seen_other("decisions", about.id)


def _refused(about: _About, sent: Form, error: TunewiseError) -> Response:
    """Return the form with the message, at its field where it begins with one."""
    labels = {field.name: field.label for field in about.act.fields}
    message = in_form_words(str(error), labels)
    name, _, rest = message.partition(": ")
    known = {field.name.replace("_", "-"): field.name for field in about.act.fields}
    if name in known:
        sent.errors[known[name]] = rest
        return _shown(about, sent, status=422)
    sent.errors[""] = message
    status = 409 if isinstance(error, StatusError) else 422
    return _shown(about, sent, status=status)


def _value(sent: Form, field: Field) -> Any:  # noqa: ANN401
    match field.kind:
        case "lines":
            return sent.lines(field.name)
        case "day":
            return sent.day(field.name)
        case "number":
            return sent.number(field.name)
        case "flag":
            return sent.flag(field.name)
        case "option":
            return sent.choice(field.name, tuple(Option), required=field.required)
        case "line":
            return sent.title(field.name, required=field.required)
    return sent.text(field.name, required=field.required)

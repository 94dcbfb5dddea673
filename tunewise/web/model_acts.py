"""What people do about a model version: alias, deployment, description, retirement.

GET   /models/<name>/<n>/<act>     the form
POST  the same                     done, then the version's page
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue

from tunewise.domain.errors import TunewiseError
from tunewise.report.numbers import moment
from tunewise.report.shown import contained
from tunewise.web.form_pages import Group, Input, Page, shown
from tunewise.web.forms import Form
from tunewise.web.messages import in_form_words
from tunewise.web.site import acting, home
from tunewise.web.starting import BY
from tunewise.workflow.home import Home
from tunewise.workflow.models import deployments
from tunewise.workflow.models import versions as models

blueprint = Blueprint("model_acts", __name__)

_ONE_AT_A_TIME = Lock()  # between the look at what was done meanwhile, and the act
_BECAUSE = Input("because", "Why", "text", "It is read years later.", required=True)
_SERVED = (
    Input("product", "Product", help="What uses it.", required=True),
    Input("environment", "Environment", help="Such as production.", required=True),
    Input("outside", "Name it runs under", required=True),
    Input("since", "Since", "day", "Empty is now."),
    Input("until", "Until", "day", "If it is known."),
)
_DESCRIBED = (
    Input("purpose", "Purpose", "text"),
    Input("out_of_scope", "Out of scope", "text"),
    Input("limits", "Limits", "text"),
    Input("oversight", "Oversight", "text"),
    Input("monitoring", "Monitoring", "text"),
    Input("rollback", "Rollback", "text"),
)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that people do about a version, and the form for it."""

    title: str
    what: str  # it does, in a sentence
    button: str
    fields: tuple[Input, ...]
    do: Callable[[Home, str, Mapping[str, str]], object]


def _alias(home: Home, ref: str, said: Mapping[str, str]) -> object:
    return models.alias(home, ref, said["alias"], because=said["because"])


def _unalias(home: Home, ref: str, said: Mapping[str, str]) -> object:
    return models.unalias(home, ref, said["alias"], because=said["because"])


def _describe(home: Home, ref: str, said: Mapping[str, str]) -> object:
    given = {f.name: said[f.name] for f in _DESCRIBED if said[f.name]}
    return models.describe(home, ref, given, because=said["because"])


_ALIAS = Input("alias", "Alias", help="Such as champion.", required=True)

ACTS: Mapping[str, Act] = {
    "alias": Act(
        "Set an alias",
        "The alias moves here, from whatever version has it now.",
        "Move it here",
        (_ALIAS,),
        _alias,
    ),
    "unalias": Act(
        "Take an alias away",
        "The alias then stands for no version.",
        "Take it away",
        (_ALIAS,),
        _unalias,
    ),
    "deploy": Act(
        "Record where it runs",
        "What stood under that name in that environment ends at the same moment.",
        "Put it on record",
        _SERVED,
        lambda home, ref, said: deployments.deploy(home, ref, **said),
    ),
    "undeploy": Act(
        "Record that it no longer runs",
        "Name and environment are needed where it runs in several.",
        "Put it on record",
        (
            Input("outside", "Name it runs under"),
            Input("environment", "Environment"),
            Input("until", "Since when", "day", "Empty is now."),
        ),
        lambda home, ref, said: deployments.undeploy(home, ref, **said),
    ),
    "describe": Act(
        "Say what its record lacks",
        "Nothing that stands there is changed.",
        "Put it on record",
        _DESCRIBED,
        _describe,
    ),
    "retire": Act(
        "Take it out of service",
        "Its aliases are released and its deployments end; the record stays.",
        "Retire it",
        (),
        lambda home, ref, said: models.retire(home, ref, **said),
    ),
}
_PATH = "/models/<name>/<int:number>/<any({}):act>".format(",".join(ACTS))


@blueprint.get(_PATH)
def form(name: str, number: int, act: str) -> Response:
    """Show the form of an act."""
    models.show(home(), f"{name}@{number}")  # a page that helps where there is none
    return shown(_page(name, number, ACTS[act]))


@blueprint.post(_PATH)
def send(name: str, number: int, act: str) -> ResponseReturnValue:
    """Do it, and show the version."""
    asked, ref = ACTS[act], f"{name}@{number}"
    models.show(home(), ref)
    sent = Form.of_request()
    by = sent.title("by")
    fields = (*asked.fields, _BECAUSE)
    said = {field.name: _value(sent, field) for field in fields}
    page = _page(name, number, asked)
    if sent.errors:
        return shown(page, sent, status=422)
    try:
        with _ONE_AT_A_TIME:
            if stale := _stale(sent, page, name):
                sent.errors[""] = stale
                return shown(page, sent, status=409)
            asked.do(acting(by), ref, said)
    except TunewiseError as error:
        labels = {field.name: field.label for field in fields}
        sent.errors[""] = in_form_words(str(error), labels)
        return shown(page, sent, status=422)
    return redirect(url_for("models.show", name=name, number=number), code=303)


def _stale(sent: Form, page: Page, name: str) -> str:
    """Return what somebody did since the form was opened, "" where nobody did."""
    seen = sent.text("seen")
    if not seen or seen == str(page.seen):
        return ""
    last = models.newest_entry(home(), name)
    did = (
        f"{contained(last['by'])}, {moment(last['at'])}: {last['what']}" if last else ""
    )
    return (
        f"Meanwhile something else was done about {name}. {did}.\n"
        "  Look at the version first. What you typed is kept: send it again if it "
        "still holds."
    )


def _value(sent: Form, field: Input) -> str:
    if field.kind == "day":
        return sent.day(field.name)
    if field.kind == "text":
        return sent.text(field.name, required=field.required)
    return sent.title(field.name, required=field.required)


def _page(name: str, number: int, act: Act) -> Page:
    place = url_for("models.show", name=name, number=number)
    last = models.newest_entry(home(), name)
    return Page(
        title=act.title,
        seen=last["seq"] if last else None,
        lead=f"{name}@{number}. {act.what}",
        section="models",
        groups=(Group("On record", (*act.fields, _BECAUSE, BY)),),
        buttons=(("do", act.button),),
        links=((place, "Back without recording anything"),),
    )

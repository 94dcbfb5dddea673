"""Forms of many fields: groups with help, everything typed kept, errors at their field.

Page(title, …, groups)  --shown-->  pages/form.html
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from flask import Response

from tunewise.web.forms import Form
from tunewise.web.site import as_page, home


@dataclass(frozen=True, slots=True)
class Input:
    """One field: of kind line, text, code, number, choice, checks, flag or file."""

    name: str
    label: str
    kind: str = "line"
    help: str = ""
    required: bool = False
    options: tuple[tuple[str, str], ...] = ()  # value and what it is called
    value: str = ""  # as it stands before anything was typed; of checks several


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; one that is folded is for those who look for it."""

    title: str
    fields: tuple[Input, ...]
    help: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A form as a page."""

    title: str
    lead: str
    section: str  # of the navigation
    groups: tuple[Group, ...]
    buttons: tuple[tuple[str, str], ...]  # value of "do", and what it is called
    upload: bool = False
    empty: str = ""  # what is missing before the form is of any use
    links: tuple[tuple[str, str], ...] = ()  # address, and what it is called
    seen: int | None = None  # the newest entry of the log about what it changes


def shown(page: Page, sent: Form | None = None, *, status: int = 200) -> Response:
    """Return a form; with what was typed, and what cannot be taken of it."""
    sent = sent or Form({})
    view = {**asdict(page), "by": home().actor.name}
    labels = {field.name: field.label for g in page.groups for field in g.fields}
    response = as_page(
        "form",
        view,
        typed=dict(sent.typed),
        errors=sent.errors,
        labels_of={**labels, "by": "Your name"},
    )
    response.status_code = status
    return response


def ticked(sent: Form, name: str, among: Sequence[str]) -> list[str]:
    """Return what was ticked of several boxes."""
    return [value for value in among if sent.flag(f"{name}.{value}")]

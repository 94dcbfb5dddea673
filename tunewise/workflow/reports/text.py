"""The text of a report, line by line, against what its record gives.

page ....... from the record that it holds itself
Markdown ... from the records as of its head: it holds none

A text names what made it (``maker``: the digest of templates and code). Where that has
changed since, or was edited, the text cannot be made once more: its figures are held
against today's text, and a note names what could not be (``report_wording``).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tracker.problems import Problem
from tunewise.domain.errors import NotRecorded
from tunewise.report import documents
from tunewise.report.environment import RENDERING_FAULT, Templates, environment
from tunewise.workflow.home import Home
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.output import SOFTWARE
from tunewise.workflow.reports.files import decision_report
from tunewise.workflow.reports.wording import hold

# what reading JSON meets whose values may be anything
OF_ANY_SHAPE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)

_MAKER = re.compile(
    r'<meta name="generator" content="(?P<page_by>[^"]*)">\s*'
    r'<meta name="maker" content="(?P<page>[^"]*)">'
    r"|<!-- made by (?P<by>[^,]*), (?P<text>sha256:[0-9a-f]{64}) -->"
)
_DECISION = re.compile(r'^id: "?([^"\n]+)"?$', re.MULTILINE)  # in its front matter
_MOST = 20  # differences that are named one by one
_CARD = re.compile(r"^# (\S+@\d+)$", re.MULTILINE)  # the title of a model card


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a report: what does not hold, and what could not be said."""

    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def check_text(
    home: Home, text: str, name: str, made: Callable[[Templates], Sequence[str]]
) -> Checked:
    """Hold a text against the texts that it may be, made with the same templates.

    One that names no maker, as every text of Tunewise does, is held against today's.
    """
    named = _MAKER.search(text)
    maker = named and (named["page"] or named["text"])
    meant: list[str] = []
    by_others: list[str] = []
    for env in _environments(home):
        same = not maker or env.globals["maker"] == maker
        try:
            (meant if same else by_others).extend(made(env))
        except NotRecorded:
            return _wrong(name, "nothing is recorded as of its head of what it reports")
        except (*OF_ANY_SHAPE, RENDERING_FAULT):
            if same:
                form = "its record is not of a form that a page can be made of"
                return _wrong(name, form)
    if text in meant:
        return Checked()
    if meant:
        return _wrong(name, _first_difference(text, meant[0]))
    by = named and (named["page_by"] or named["by"])
    return _of_others(text, by_others, str(by), name)


def _of_others(text: str, meant: Sequence[str], by: str, name: str) -> Checked:
    """Hold a text against what other templates or other software make of the same."""
    said = f"its text was made by {by} with other templates or other software than here"
    if not meant:
        return Checked(notes=(f"{said}, so what it shows was not compared",))
    named = text.replace(f"Made by {by}.", f"Made by {SOFTWARE}.")  # its last line
    found = min((hold(named, each) for each in meant), key=lambda h: len(h.differences))
    told = found.differences[:_MOST]
    if (more := len(found.differences) - _MOST) > 0:
        told.append(f"and {more} more differences of its text")
    lines = len(found.uncompared)
    first = f", the first {found.uncompared[0][:80]!r}" if lines else ""
    note = (
        f"{said}, so it could not be compared word by word: figures, options and "
        f"statuses were; {lines} of its lines have other words than here{first}"
    )
    return Checked(tuple(Problem("report", name, each) for each in told), (note,))


def check_markdown(home: Home, homes: Sequence[Home], text: str, name: str) -> Checked:
    """Hold a Markdown report, or a model card, against the records as of its head."""
    if found := _DECISION.search(text):
        return check_text(home, text, name, _decision(found[1], homes))
    if found := _CARD.search(text.replace("\\", "")):
        return check_text(home, text, name, _card(found[1], homes))
    return _wrong(name, "it does not say which decision or model version it is of")


def _decision(id: str, homes: Sequence[Home]) -> Callable[[Templates], list[str]]:
    return lambda env: [
        documents.decision_markdown(decision_report(then, id), env) for then in homes
    ]


def _card(id: str, homes: Sequence[Home]) -> Callable[[Templates], list[str]]:
    def made(env: Templates) -> list[str]:
        found = [lineage.why(then, id) for then in homes]
        return [
            documents.model_card(
                whole["model"], lineage=whole, merged=merged, environment=env
            )
            for whole in found
            for merged in (False, True)
        ]

    return made


def _environments(home: Home) -> Iterator[Templates]:
    """Yield the shipped templates, and those with the house's over them."""
    yield environment()
    house = home.path / "house" / "templates"
    if house.is_dir():
        yield environment([house])


def _wrong(name: str, message: str) -> Checked:
    return Checked((Problem("report", name, message),))


def _first_difference(text: str, meant: str) -> str:
    shown, wanted = text.splitlines(), meant.splitlines()
    for number, (a, b) in enumerate(zip(shown, wanted, strict=False), start=1):
        if a != b:
            said = a.strip()[:80]
            return f"line {number} of its text is not what its record gives: {said!r}"
    if len(shown) != len(wanted):
        return "its text is longer or shorter than what its record gives"
    return "the line ends of its text are not as they were written"

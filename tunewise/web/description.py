"""The form in which a decision is described: it begins with what is on record.

So what is sent may repeat what others said. Where they have said otherwise since, their
word stands in the form that comes back, unless this person changed that field too.
"""

from collections.abc import Mapping

from tunewise.domain.description import FIELDS
from tunewise.web.fields import Act, Field, View
from tunewise.web.forms import Form
from tunewise.workflow import decisions
from tunewise.workflow.home import Home


def kept_of_others(sent: Form, decision: View, seen: str) -> Form:
    """Return a stale form with what others said since in the fields left alone."""
    read, now = _said(decision, upto=seen), _said(decision)
    typed = {
        name: now.get(name, "")
        if name in FIELDS and _same(text, read.get(name, ""))
        else text
        for name, text in sent.typed.items()
    }
    return Form(typed, sent.errors)


def _describe(home: Home, id: str, *, seen: str, **fields: object) -> object:
    return decisions.describe(home, id, fields, seen=seen)


def _said(decision: View, *, upto: str = "") -> Mapping[str, str]:
    """Return what people said of it, by an entry of the log, as a form shows it."""
    fields: dict[str, object] = {}
    for event in decision["described"]:
        if not upto.isdigit() or event["seq"] <= int(upto):
            fields |= event["fields"]
    return {
        name: said if isinstance(said, str) else "\n".join(map(str, said))
        for name, said in fields.items()
        if isinstance(said, str | list)
    }


def _elsewhere(decision: View) -> Mapping[str, str]:
    return {
        name: f"By the {source}: {decision['description'][name]}"
        for name, source in decision["description_from"].items()
    }


def _same(text: str, other: str) -> bool:
    return text.split() == other.split()


_KINDS = {"text": "text", "line": "line", "names": "lines"}

DESCRIBE = Act(
    "Describe",
    "What the decision is for and who answers for it goes on record, field by field. "
    "What is emptied is taken back.",
    "Put it on record",
    tuple(
        Field(f.name, f.label, _KINDS[f.kind], f.asks, rows=2) for f in FIELDS.values()
    ),
    _describe,
    "proposed accepted",
    start=_said,
    hints=_elsewhere,
)

"""The context of a decision that is tried with other facts."""

from typing import Any

from tunewise.report import words
from tunewise.report.decision import complete_decision
from tunewise.report.facts import complete_fact
from tunewise.report.shapes import View, fill, rows, shape

_KEYS = shape(
    lists="fields changed because ignored",
    tables="errors facts",
    none="verdict other_rules",
)
_FIELD = shape(
    text="name question type unit group", lists="values", none="recorded matters"
)


def complete_attempt(view: View) -> dict[str, Any]:
    """Return what the page of an attempt reads."""
    found = fill(view, _KEYS)
    decision = complete_decision(view["decision"])
    said = found["verdict"]
    whole = complete_decision({"id": "", "verdict": said}) if said else {}
    return {
        "decision": decision["decision"],
        "recorded": decision["verdict"],
        "fields": [_field(each) for each in rows(found["fields"], _FIELD)],
        "changed": found["changed"],
        "other_rules": found["other_rules"],
        "ignored": found["ignored"],
        "because": found["because"],
        "errors": found["errors"],
        "tried": whole.get("verdict"),
        "why_not": whole.get("why_not", []),
        "flips": [_flip(flip) for flip in decision["verdict"]["flips"]],
        "labels": decision["labels"],
        # what the address holds; the view adds it
        "typed": {},
        "by": "",
        "review_on": "",
        "all": False,
    }


def _field(field: View) -> dict[str, Any]:
    known = complete_fact(field["name"], field["recorded"], field)
    has = field["recorded"] is not None
    return {
        **field,
        "said": known["text"] if has else "unknown",
        "choices": ["yes", "no"] if field["type"] == "bool" else field["values"],
    }


def _flip(flip: View) -> dict[str, Any]:
    """Return a flip with the answers that an address would carry."""
    return {
        "text": words.change(flip["change"]),
        "recommended": flip["recommended"],
        "answers": {name: _typed(value) for name, value in flip["change"].items()},
    }


def _typed(value: object) -> str:
    """Return a value as it is typed.

    >>> _typed(True), _typed(0.5), _typed(None)
    ('yes', '0.5', '?')
    """
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)

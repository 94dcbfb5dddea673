"""The context of the intake: the question, what is answered, the verdict so far."""

from typing import Any

from tunewise.report.decision import complete_decision
from tunewise.report.shapes import View, fill, rows, shape

_KEYS = shape(
    lists="answered skipped",
    tables="errors facts sheet",
    none="question asked most verdict",
)
_QUESTION = shape(
    text="name question why help who type unit turns",
    lists="values criteria",
    none="low high",
)
_ANSWERED = shape(text="name question unit answer")


def complete_intake(view: View) -> dict[str, Any]:
    """Return a step of the intake with every key that its pages read."""
    found = fill(view, _KEYS)
    question = fill(found["question"], _QUESTION) if found["question"] else None
    if question:
        question["within"] = _within(question["low"], question["high"])
    shown: dict[str, Any] = {"verdict": None, "options": [], "questions": {}}
    if found["verdict"]:
        definitions = {
            **{a["name"]: a for a in found["answered"]},
            **{a["name"]: a for a in found["skipped"]},
        }
        whole = complete_decision(
            {
                "verdict": found["verdict"],
                "facts": found["sheet"],
                "fact_definitions": definitions,
            }
        )
        shown = {key: whole[key] for key in shown}
    return {
        **shown,
        "question": question,
        "answered": rows(found["answered"], _ANSWERED),
        "skipped": rows(found["skipped"], _ANSWERED),
        "errors": found["errors"],
        "asked": found["asked"] or 0,
        "most": found["most"] or 0,
        # what the address holds; the view adds it
        "typed": {},
        "people": {},
        "address": "",
        "by": "",
        "form_errors": {},
    }


def _within(low: float | None, high: float | None) -> str:
    """Return in words which numbers can be answered, "" where any can.

    >>> _within(0, 1), _within(0, None), _within(None, None)
    ('from 0 to 1', 'from 0', '')
    """
    ends = (("from", low), ("to", high))
    return " ".join(f"{word} {end:g}" for word, end in ends if end is not None)

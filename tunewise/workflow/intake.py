"""The questions, one at a time: answers in, the next question and the verdict out.

    answers, skipped -> sheet -> the question that says most, the verdict so far

Nothing is kept between two steps: whoever asks brings all answers along. So a step can
be sent to somebody, and a verdict be looked at before anything is on record.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tunewise.domain.errors import FactError
from tunewise.domain.facts import FactDefinition, FactSheet
from tunewise.domain.rules import RuleSet
from tunewise.engine.intake import read_answer
from tunewise.engine.questions import next_question, outlook
from tunewise.engine.what_if import WhatIf
from tunewise.workflow.advice import MOST_QUESTIONS, give_advice
from tunewise.workflow.facts import checked_sheet
from tunewise.workflow.home import Home
from tunewise.workflow.views import View, facts_view


def step(
    home: Home,
    typed: Mapping[str, str],
    *,
    skipped: Sequence[str] = (),
    people: Mapping[str, str] | None = None,
) -> View:
    """Return the next question and the verdict on what is answered so far.

    Parameters
    ----------
    typed : by fact, the answer as a person typed it; "" is none
    skipped : facts that they do not know
    people : by fact, who says so; the others count as assumed

    Returns
    -------
    dict
        ``question`` (None where no answer seems to matter any more), ``answered``,
        ``skipped``, ``asked`` and ``most`` (after so many the verdict is useful),
        ``verdict`` (None where answers cannot be taken), ``facts`` as a proposal takes
        them, ``errors`` by fact, "" for what concerns several.
    """
    rules = home.rules()
    raw, errors = read(rules, typed, people or {})
    view: View = {
        "question": None,
        "answered": [_answered(rules, name, typed[name]) for name in raw],
        "skipped": [_known(rules, name) for name in skipped if name in rules.facts],
        "asked": len({*raw, *skipped}),
        "most": MOST_QUESTIONS,
        "verdict": None,
        "facts": raw,
        "errors": errors,
    }
    try:
        sheet = checked_sheet(raw, rules)
    except FactError as error:  # two answers contradict each other
        errors[""] = str(error)
        return view
    wrong = next((name for name in errors if name in rules.facts), None)
    view["question"] = (
        _definition(rules.facts[wrong]) if wrong else _next(rules, sheet, skipped)
    )
    view["verdict"] = give_advice(home, raw)
    view["sheet"] = facts_view(sheet)
    return view


def read(
    rules: RuleSet, typed: Mapping[str, str], people: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the answers as a fact file has them, and a message for each other one.

    Raises
    ------
    FactError
        If a name is no fact; it suggests the nearest one.
    """
    raw: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, text in typed.items():
        if name not in rules.facts:
            checked_sheet({name: text}, rules)  # says which name may be meant
        try:
            value = read_answer(text, rules.facts[name])
            if value is None:
                continue
            by = people.get(name, "")
            entry = {"value": value, "evidence": f"person:{by}"} if by else value
            checked_sheet({name: entry}, rules)
        except FactError as error:
            errors[name] = str(error)
        else:
            raw[name] = entry
    return raw, errors


def _next(rules: RuleSet, sheet: FactSheet, skipped: Sequence[str]) -> View | None:
    what_if = WhatIf(rules, sheet)
    asked = next_question(what_if, outlook(what_if, skip=skipped))
    if asked is None:
        return None
    criteria = what_if.asking.get(asked.fact, ())
    return {
        **_definition(rules.facts[asked.fact]),
        "turns": asked.why,
        "criteria": [{"id": c.id, "title": c.title} for c in criteria],
    }


def _definition(definition: FactDefinition) -> View:
    return {
        "name": definition.name,
        "question": definition.question,
        "why": definition.why,
        "help": definition.help,
        "who": definition.who,
        "type": definition.type.value,
        "values": list(definition.values),
        "unit": definition.unit,
        "low": definition.low,
        "high": definition.high,
        "turns": "",
        "criteria": [],
    }


def _answered(rules: RuleSet, name: str, text: str) -> View:
    return {**_known(rules, name), "answer": text}


def _known(rules: RuleSet, name: str) -> View:
    definition = rules.facts[name]
    return {"name": name, "question": definition.question, "unit": definition.unit}

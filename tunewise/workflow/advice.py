"""Advice: facts in, verdict out; records nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tunewise.domain.errors import FactError
from tunewise.domain.facts import FactDefinition, Scalar
from tunewise.engine.conditions import allowed
from tunewise.engine.intake import read_answer
from tunewise.engine.verdict import advise
from tunewise.workflow.facts import sheet_of
from tunewise.workflow.home import Home
from tunewise.workflow.views import View, verdict_view


def give_advice(
    home: Home, raw: Mapping[str, Any], *, rules_folder: Path | None = None
) -> View:
    """Return the verdict on these facts, as ``tunewise advise --json`` prints it."""
    rules = home.rules(rules_folder)
    return verdict_view(advise(rules, sheet_of(raw, rules), today=home.today()))


def answer_open_questions(
    home: Home,
    raw: Mapping[str, Any],
    *,
    ask: Callable[[str, str], str],
    rules_folder: Path | None = None,
) -> dict[str, Any]:
    """Ask for the unknown facts that matter, the most telling first.

    ``ask`` takes the question and its help and returns what was typed; an empty
    answer leaves the fact unknown, EOFError ends the questions. They also end when
    no unknown fact matters any more.
    """
    rules = home.rules(rules_folder)
    answered = dict(raw)
    facts = answered
    if "facts" in raw:
        facts = answered["facts"] = dict(raw["facts"])
    passed: set[str] = set()
    while True:
        verdict = advise(rules, sheet_of(answered, rules), today=home.today())
        first = verdict.next_question.fact if verdict.next_question else ""
        order = [f for f in (first, *verdict.unknown) if f and f not in passed]
        if not order:
            return answered
        definition = rules.facts[order[0]]
        passed.add(definition.name)
        try:
            value = _answer(definition, ask)
        except EOFError:
            return answered
        if value is not None:
            facts[definition.name] = value


def _answer(
    definition: FactDefinition, ask: Callable[[str, str], str]
) -> Scalar | None:
    question = definition.question
    hint = f"{definition.help} Answer: {allowed(definition)}.".strip()
    while True:
        try:
            return read_answer(ask(question, hint), definition)
        except FactError as error:
            wrong = str(error).splitlines()[0]
            question = f"{wrong}\n{definition.question}"

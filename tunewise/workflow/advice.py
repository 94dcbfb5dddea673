"""Advice: facts in, verdict out; records nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tunewise.domain.errors import FactError
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
    answer leaves the fact unknown. It ends when no unknown fact matters any more.
    """
    rules = home.rules(rules_folder)
    nested = raw.get("facts")
    facts: dict[str, Any] = dict(nested if isinstance(nested, Mapping) else raw)
    passed: set[str] = set()
    while True:
        verdict = advise(rules, sheet_of(facts, rules), today=home.today())
        first = verdict.next_question.fact if verdict.next_question else ""
        order = [f for f in (first, *verdict.unknown) if f and f not in passed]
        if not order:
            return facts
        definition = rules.facts[order[0]]
        passed.add(definition.name)
        try:
            value = read_answer(ask(definition.question, definition.help), definition)
        except FactError as error:
            ask_again = f"{error}\n{definition.question}"
            value = read_answer(ask(ask_again, definition.help), definition)
        if value is not None:
            facts[definition.name] = value

"""Advice: facts in, verdict out; records nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunewise.domain.decision import Question
from tunewise.domain.errors import FactError, NotRecorded
from tunewise.domain.facts import Fact, FactSheet, Scalar
from tunewise.domain.record import Claim, Standing
from tunewise.domain.rules import RuleSet
from tunewise.engine.conditions import allowed
from tunewise.engine.contradictions import contradictions
from tunewise.engine.intake import read_answer
from tunewise.engine.questions import next_question, outlook
from tunewise.engine.verdict import advise
from tunewise.engine.what_if import WhatIf
from tunewise.evidence.price_table import parse_prices
from tunewise.evidence.prices import stale_warning
from tunewise.workflow.decisions.claims import claims_of, marked, not_imported
from tunewise.workflow.facts import checked_sheet
from tunewise.workflow.home import Home
from tunewise.workflow.views import View, verdict_view

MOST_QUESTIONS = 8
# where one of these is known, the advice weighs money, and dated prices matter
_OF_MONEY = (
    "request_volume_per_day",
    "tokens_in",
    "tokens_out",
    "token_budget_pressure",
    "data_preparation_hours",
    "maintenance_hours_per_month",
    "current_monthly_cost",
    "monthly_cost_limit",
)


@dataclass(frozen=True, slots=True)
class Interview:
    """The answers with those that were there before, and why the questions ended."""

    facts: Mapping[str, Any]
    ended: str


def give_advice(
    home: Home, raw: Mapping[str, Any], *, rules_folder: Path | None = None
) -> View:
    """Return the verdict on these facts, as ``tunewise advise --json`` prints it.

    A score that the run it names does not hold counts as stated; where the run is not
    recorded here, nothing is held against it.
    """
    rules = home.rules(rules_folder)
    sheet = checked_sheet(raw, rules)
    claims = _claims(home, sheet)
    view = verdict_view(advise(rules, marked(sheet, claims), today=home.today()))
    wrong = [
        f"{c.fact}: the facts say {c.said}, {c.evidence} holds {c.recorded}."
        for c in claims
        if c.standing in (Standing.CONTRADICTED, Standing.STATED)
    ]
    return {
        **view,
        "warnings": [*view["warnings"], *wrong, *_stale(home, rules, sheet)],
    }


def _stale(home: Home, rules: RuleSet, sheet: FactSheet) -> list[str]:
    """Return a warning where the facts speak of money and the prices are old."""
    table = rules.texts.get("prices.toml")  # a draft of rules may do without
    if not table or not any(sheet.get(name) for name in _OF_MONEY):
        return []
    found = stale_warning(parse_prices(table), home.today())
    return [found] if found else []


def _claims(home: Home, sheet: FactSheet) -> list[Claim]:
    """Return what the facts say of records, as far as all of those are here."""
    if not home.has_records():
        return not_imported(sheet)
    with home.store() as store:
        try:
            return claims_of(store, sheet)
        except NotRecorded:
            return not_imported(sheet, store)


def answer_open_questions(
    home: Home,
    raw: Mapping[str, Any],
    *,
    ask: Callable[[str, str], str],
    rules_folder: Path | None = None,
) -> Interview:
    """Ask for the unknown facts that matter, the most telling first.

    ``ask`` takes the question and its help and returns what was typed; an empty
    answer leaves the fact unknown, EOFError ends the questions. They also end after
    eight, and as soon as no answer seems to change the verdict any more.
    """
    rules = home.rules(rules_folder)
    answered = dict(raw)
    facts = answered
    if "facts" in raw:
        facts = answered["facts"] = dict(raw["facts"])
    passed: list[str] = []
    while len(passed) < MOST_QUESTIONS:
        what_if = WhatIf(rules, checked_sheet(answered, rules))
        question = next_question(what_if, outlook(what_if, skip=passed))
        if question is None:
            return Interview(answered, _settled(passed))
        passed.append(question.fact)
        try:
            value = _answer(what_if, question, ask)
        except EOFError:
            return Interview(answered, "You ended the questions.")
        if value is not None:
            facts[question.fact] = value
    return Interview(
        answered,
        f"{len(passed)} questions asked: enough for a useful verdict.",
    )


def _settled(passed: Sequence[str]) -> str:
    if not passed:
        return "Nothing to ask: no answer seems to change this verdict."
    return "No further answer seems to change this verdict."


def _answer(
    what_if: WhatIf, asked: Question, ask: Callable[[str, str], str]
) -> Scalar | None:
    definition = what_if.rule_set.facts[asked.fact]
    question = definition.question
    hint = "\n".join(
        part
        for part in (
            definition.help,
            f"Why: {definition.why} {asked.why}",
            f"Who usually knows: {definition.who}." if definition.who else "",
            f"Answer: {allowed(definition)}; empty where you do not know.",
        )
        if part
    )
    while True:
        try:
            value = read_answer(ask(question, hint), definition)
            _refuse_contradiction(what_if, Fact(asked.fact, value))
            return value
        except FactError as error:
            wrong = str(error).splitlines()[0]
            question = f"{wrong}\n{definition.question}"


def _refuse_contradiction(what_if: WhatIf, answer: Fact) -> None:
    """Raise FactError where an answer contradicts what is known already."""
    if answer.value is None:
        return
    sheet = what_if.sheet.with_facts(answer)
    if found := contradictions(what_if.rule_set.contradictions, sheet):
        raise FactError("\n".join(found))

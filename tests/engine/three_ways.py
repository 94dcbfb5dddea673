"""One rule set asked three ways: durable-rules, the reference, the second opinion."""

from collections.abc import Mapping
from random import Random
from typing import Any

from tunewise.domain.decision import NotMatched
from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import Criterion, Truth
from tunewise.engine.conditions import facts_of
from tunewise.engine.durable_adapter import available, evaluate_criteria
from tunewise.engine.intake import fact_sheet
from tunewise.engine.loader import load
from tunewise.engine.readings import CriterionReading, read_criteria
from tunewise.engine.reference import (
    evaluate_all,
    failure,
    is_open,
    matching_facts,
    read,
)

from .generated import Answers
from .second_opinion import FAILS, HOLDS, WAITS, SecondOpinion

_TRUTHS = {Truth.FAILS: FAILS, Truth.WAITS: WAITS, Truth.HOLDS: HOLDS}


class ThreeWays:
    """One rule set, ready to be asked."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.rule_set = load(texts)
        self._opinion = SecondOpinion(texts)
        self._answers = Answers(texts)

    def draw(self, random: Random) -> dict[str, Any]:
        """Return generated answers."""
        return self._answers.draw(random)

    def truths(self, answers: Mapping[str, Any]) -> dict[str, int]:
        """Return what all three say; AssertionError where they differ."""
        sheet = fact_sheet(answers, self.rule_set.facts).sheet
        truths = self._opinion.truths(answers)
        criteria = self.rule_set.criteria
        short = {i: _TRUTHS[t] for i, t in evaluate_all(criteria, sheet).items()}
        readings = read_criteria(criteria, sheet)
        whole = {i: _TRUTHS[r.truth] for i, r in readings.items()}
        assert readings == {c.id: _read_alone(c, sheet) for c in criteria}
        holding = {i for i, truth in truths.items() if truth == HOLDS}
        fired = evaluate_criteria(self.rule_set, sheet) if available() else holding
        wrong = [
            f"{i}: second opinion {truths[i]}, reference {short[i]} and {whole[i]}, "
            f"durable-rules {'fires' if i in fired else 'does not'}"
            for i in truths
            if not truths[i] == short[i] == whole[i] or (i in fired) != (i in holding)
        ]
        assert not wrong, f"{wrong}\non the answers {answers}"
        return truths


def _read_alone(criterion: Criterion, sheet: FactSheet) -> CriterionReading:
    """Return what the reference evaluator says of one criterion, nothing shared."""
    truth, leaves, _ = reading = read(criterion.when, sheet)
    failed: dict[str, None] = {}
    waiting: dict[str, None] = {}
    for leaf in leaves:
        if truth is Truth.FAILS:
            failed[failure(leaf, sheet)] = None
        elif truth is Truth.WAITS:
            names = (n for n in facts_of(leaf) if is_open(sheet.get(n)))
            waiting |= dict.fromkeys(names)
    matches = truth is Truth.HOLDS
    reason = NotMatched(criterion.id, tuple(failed), tuple(waiting))
    return CriterionReading(truth, matching_facts(reading), None if matches else reason)

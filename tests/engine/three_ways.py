"""One rule set asked three ways: durable-rules, the reference, the second opinion."""

from collections.abc import Mapping
from random import Random
from typing import Any

from tunewise.domain.rules import Truth
from tunewise.engine.durable_adapter import available, evaluate_criteria
from tunewise.engine.intake import fact_sheet
from tunewise.engine.loader import load
from tunewise.engine.readings import read_criteria
from tunewise.engine.reference import evaluate_all

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
        read = read_criteria(criteria, sheet)
        whole = {i: _TRUTHS[r.reading.truth] for i, r in read.items()}
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

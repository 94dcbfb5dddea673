"""One rule set and one sheet, prepared for many small changes of facts.

Only criteria that ask a changed fact are evaluated again, by the reference
evaluator: some hundred what-ifs take about ten milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tunewise.domain.facts import Fact, FactDefinition, FactSheet, FactType, Scalar
from tunewise.domain.rules import Criterion, Option, RuleSet, Truth
from tunewise.engine.arms import TARGET, arms_of
from tunewise.engine.conditions import facts_of
from tunewise.engine.possible import (
    measured_thresholds,
    possible_answers,
    thresholds,
)
from tunewise.engine.ranking import Ranking, rank
from tunewise.engine.reference import evaluate, evaluate_all
from tunewise.engine.weighing import SCORES, STRONGER

# A veto moves more than the heaviest weight, 3.
VETO = 4


@dataclass(frozen=True, slots=True)
class Change:
    """One fact answered differently, and what would then be recommended."""

    fact: Fact
    recommended: Option
    size: float  # in [0, 1]; how far the answer is from today's
    gain: float  # by how much it brings another option closer
    rules_out: bool = False  # whether it rules out what is recommended today

    @property
    def value(self) -> Scalar:
        """The answer."""
        return "" if self.fact.value is None else self.fact.value


class WhatIf:
    """One rule set and one sheet, prepared for many small changes."""

    def __init__(self, rule_set: RuleSet, sheet: FactSheet) -> None:
        self.rule_set = rule_set
        self.sheet = sheet
        self.truths: Mapping[str, Truth] = evaluate_all(rule_set.criteria, sheet)
        self.asking: dict[str, list[Criterion]] = {}
        for criterion in rule_set.criteria:
            for name in facts_of(criterion.when):
                self.asking.setdefault(name, []).append(criterion)
        self.today = self.ranking()

    def ranking(self, *changed: Fact) -> Ranking:
        """Return the ranking with these facts in place of today's."""
        truths, sheet = self.truths, self.sheet
        if changed:
            sheet = sheet.with_facts(*changed)
            affected = {c.id: c for f in changed for c in self.asking.get(f.name, ())}
            again = {i: evaluate(c.when, sheet) for i, c in affected.items()}
            truths = {**truths, **again}
        matched = [c for c in self.rule_set.criteria if truths[c.id] is Truth.HOLDS]
        return rank(matched, sheet, self.rule_set.facts)

    @cached_property
    def matched(self) -> frozenset[str]:
        """The ids of the criteria that hold today."""
        return frozenset(i for i, t in self.truths.items() if t is Truth.HOLDS)

    @cached_property
    def open_facts(self) -> tuple[str, ...]:
        """The facts that may matter and are unknown or only known as a range.

        Not the scores that decided: what their intervals leave open is the
        judgement's to say.
        """
        judged = self.today.judgement or self.today.set_aside
        return tuple(
            n
            for n in self._mattering
            if _is_open(fact := self.sheet.get(n))
            and (fact is None or judged is None or not fact.measured)
        )

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Every single answer that conditions can tell from today's."""
        points = dict(thresholds((c.when for c in self.rule_set.criteria), self.sheet))
        for name, more in measured_thresholds(self.sheet).items():
            points[name] = points.get(name, frozenset()) | more
        return tuple(
            change
            for name in self._mattering
            for change in self._changes_of(name, points.get(name, frozenset()))
        )

    def changes_within(self, name: str) -> list[Change]:
        """Return the changes of a fact to answers that it may have today."""
        fact = self.sheet.get(name)
        changes = [c for c in self.changes if c.fact.name == name]
        return changes if fact is None else [c for c in changes if _in_range(c, fact)]

    def turning(self, name: str) -> list[Change]:
        """Return the changes within a fact that turn the verdict."""
        today = self.today.recommended
        return [c for c in self.changes_within(name) if c.recommended is not today]

    @cached_property
    def _mattering(self) -> tuple[str, ...]:
        """The facts that conditions ask, or the measured basis, in their order."""
        names = set(self.asking)
        if arms := arms_of(self.sheet):
            names |= {*(SCORES[a.option] for a in arms), TARGET, STRONGER}
        return tuple(n for n in self.rule_set.facts if n in names)

    def _changes_of(self, name: str, points: frozenset[Scalar]) -> list[Change]:
        definition, now = self.rule_set.facts[name], self.sheet.get(name)
        near = None if now is None else now.value
        changes = []
        for value in possible_answers(definition, points, near):
            if now is not None and now.lower == now.upper == value:
                continue
            fact = _answered(now, name, value)
            ranking = self.ranking(fact)
            changes.append(
                Change(
                    fact=fact,
                    recommended=ranking.recommended,
                    size=_size(definition, near, value),
                    gain=_lead_of(self.today) - _lead_over(ranking, self.today),
                    rules_out=self.today.recommended in ranking.weighed.ruled_out,
                )
            )
        return changes


def _answered(now: Fact | None, name: str, value: Scalar) -> Fact:
    if now is None:
        return Fact(name, value)
    return replace(now, value=value, low=None, high=None)


def _is_open(fact: Fact | None) -> bool:
    return fact is None or fact.value is None or fact.lower != fact.upper


def _in_range(change: Change, fact: Fact) -> bool:
    value, low, high = change.value, fact.low, fact.high
    if isinstance(value, str):
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def _size(definition: FactDefinition, near: Scalar | None, value: Scalar) -> float:
    """Return how far an answer is from today's; half way where today's is unknown."""
    if near is None:
        return 0.5
    if definition.type is FactType.ENUM:
        order = definition.values
        return abs(order.index(str(near)) - order.index(str(value))) / len(order)
    if isinstance(near, bool | str) or isinstance(value, str):
        return 1.0
    largest = max(abs(near), abs(value))
    return min(abs(near - value) / largest, 1.0) if largest else 0.0


def _lead_of(ranking: Ranking) -> float:
    return _lead_over(ranking, ranking)


def _lead_over(ranking: Ranking, today: Ranking) -> float:
    """Return how far today's option would be ahead of the best other one."""
    totals, out = ranking.weighed.totals, ranking.weighed.ruled_out
    others = [totals[o] for o in totals if o is not today.recommended and o not in out]
    own = totals[today.recommended]
    if today.recommended in out:
        own -= VETO
    return own - max(others, default=0)

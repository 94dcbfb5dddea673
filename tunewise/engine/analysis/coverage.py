"""How much of a rule set its worked cases exercise, test by test and both ways.

A test is a leaf, or a branch of an ``any`` that joins several. It is exercised when
some case makes it hold and some case makes it fail.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import AllOf, Condition, Criterion, RuleSet, Truth
from tunewise.engine.analysis.cases import case_sheet
from tunewise.engine.analysis.problems import path_of, placed_parts
from tunewise.engine.analysis.reach import unused_facts
from tunewise.engine.conditions import describe
from tunewise.engine.reference import evaluate
from tunewise.engine.source_text import Keys, line_of


@dataclass(frozen=True, slots=True)
class CoveredTest:
    """One test of a criterion, and what worked cases make of it."""

    line: int  # in the criterion's file, from 1
    test: str  # in words
    held: bool  # some case makes it hold
    failed: bool  # some case makes it fail


@dataclass(frozen=True, slots=True)
class CoveredCriterion:
    """One criterion, the worked cases that match it, and its tests."""

    id: str
    cases: tuple[str, ...]
    tests: tuple[CoveredTest, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a rule set its worked cases exercise."""

    criteria: tuple[CoveredCriterion, ...]
    cases: int
    facts: int
    facts_used: int

    @property
    def tests(self) -> tuple[CoveredTest, ...]:
        """The tests of all criteria."""
        return tuple(t for c in self.criteria for t in c.tests)


def coverage(rule_set: RuleSet) -> Coverage:
    """Return how much of the rule set the worked cases exercise."""
    sheets = {case.name: case_sheet(rule_set, case) for case in rule_set.cases}
    return Coverage(
        criteria=tuple(
            CoveredCriterion(
                id=c.id,
                cases=tuple(
                    name
                    for name, sheet in sheets.items()
                    if evaluate(c.when, sheet) is Truth.HOLDS
                ),
                tests=_tests(c, rule_set, list(sheets.values())),
            )
            for c in rule_set.criteria
        ),
        cases=len(rule_set.cases),
        facts=len(rule_set.facts),
        facts_used=len(rule_set.facts) - len(unused_facts(rule_set)),
    )


def number_of_tests(rule_set: RuleSet) -> int:
    """Return how many tests all criteria have."""
    return sum(
        _is_test(part.condition)
        for c in rule_set.criteria
        for part in placed_parts(c.when)
    )


def _tests(
    criterion: Criterion, rule_set: RuleSet, sheets: Sequence[FactSheet]
) -> tuple[CoveredTest, ...]:
    text = rule_set.texts[path_of(criterion)]
    return tuple(
        _covered(part.condition, part.keys, text, sheets)
        for part in placed_parts(criterion.when)
        if _is_test(part.condition)
    )


def _covered(
    test: Condition, keys: Keys, text: str, sheets: Sequence[FactSheet]
) -> CoveredTest:
    truths = {evaluate(test, sheet) for sheet in sheets}
    return CoveredTest(
        line=line_of(text, keys),
        test=describe(test),
        held=Truth.HOLDS in truths,
        failed=Truth.FAILS in truths,
    )


def _is_test(condition: Condition) -> bool:
    """Return whether a part counts: a branch with one leaf is that leaf again."""
    return not isinstance(condition, AllOf) or len(condition.conditions) > 1

"""What is wrong with a rule set although every file is valid: gaps, dead ends, doubles.

A worked case is run like any fact sheet and must match exactly the criteria that it
names. A criterion that no answers can make hold is found per fact: the possible
answers are finite, so this is exact as long as no test refers to another fact.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, product

from tunewise.domain.dataset import Severity
from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import (
    AnyOf,
    Condition,
    Criterion,
    FactReference,
    Leaf,
    RuleSet,
    Truth,
    WorkedCase,
)
from tunewise.engine.arms import TARGET
from tunewise.engine.base_models import USED_FACTS
from tunewise.engine.conditions import describe, facts_of, leaves
from tunewise.engine.intake import fact_sheet
from tunewise.engine.possible import possible_answers, thresholds
from tunewise.engine.reference import evaluate
from tunewise.engine.source_text import listed
from tunewise.engine.weighing import SCORES, STRONGER
from tunewise.engine.what_if import WhatIf

# Facts that tunewise uses itself, beside criteria and training settings.
_BUILT_IN = (*SCORES.values(), TARGET, STRONGER, *USED_FACTS)
# A condition with more ways to hold than this is taken to be reachable.
_MOST_WAYS = 256


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend; ``where`` is a path in the rule set."""

    code: str  # case, uncovered, unreachable, duplicate, unused
    severity: Severity
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a rule set its worked cases exercise.

    A leaf test counts as held (failed) when some case makes it hold (fail).
    """

    criteria: int
    criteria_matched: int
    tests: int
    tests_held: int
    tests_failed: int
    cases: int
    facts: int
    facts_used: int
    never_matched: tuple[str, ...]  # ids of criteria


def check(rule_set: RuleSet) -> tuple[Problem, ...]:
    """Return every problem of a rule set, those that block first."""
    problems = [
        *_failing_cases(rule_set),
        *_uncovered(rule_set),
        *_unreachable(rule_set),
        *_duplicates(rule_set),
        *_unused(rule_set),
    ]
    order = list(Severity)
    return tuple(sorted(problems, key=lambda p: order.index(p.severity)))


def coverage(rule_set: RuleSet) -> Coverage:
    """Return how much of the rule set the worked cases exercise."""
    sheets = [_sheet(rule_set, case) for case in rule_set.cases]
    tests = {leaf for c in rule_set.criteria for leaf in leaves(c.when)}
    seen = {leaf: {evaluate(leaf, sheet) for sheet in sheets} for leaf in tests}
    missing = tuple(
        c.id
        for c in rule_set.criteria
        if not any(evaluate(c.when, sheet) is Truth.HOLDS for sheet in sheets)
    )
    return Coverage(
        criteria=len(rule_set.criteria),
        criteria_matched=len(rule_set.criteria) - len(missing),
        tests=len(tests),
        tests_held=sum(Truth.HOLDS in truths for truths in seen.values()),
        tests_failed=sum(Truth.FAILS in truths for truths in seen.values()),
        cases=len(rule_set.cases),
        facts=len(rule_set.facts),
        facts_used=len(rule_set.facts) - len(_unused_facts(rule_set)),
        never_matched=missing,
    )


def _sheet(rule_set: RuleSet, case: WorkedCase) -> FactSheet:
    return fact_sheet(case.facts, rule_set.facts).sheet


def _failing_cases(rule_set: RuleSet) -> list[Problem]:
    problems = []
    for case in rule_set.cases:
        what_if = WhatIf(rule_set, _sheet(rule_set, case))
        wrong = _matched_otherwise(case, what_if.matched)
        recommended = what_if.today.recommended
        if recommended is not case.recommended:
            wrong.append(f"recommended is {recommended}, not {case.recommended}")
        if wrong:
            where = f"cases/{case.name}.toml"
            problems.append(Problem("case", Severity.BLOCK, where, "; ".join(wrong)))
    return problems


def _matched_otherwise(case: WorkedCase, matched: frozenset[str]) -> list[str]:
    expected = frozenset(case.matched)
    wrong = []
    if expected - matched:
        wrong.append(f"{listed(sorted(expected - matched))} did not match")
    if matched - expected:
        wrong.append(f"{listed(sorted(matched - expected))} matched, not expected")
    return wrong


def _uncovered(rule_set: RuleSet) -> list[Problem]:
    named = {name for case in rule_set.cases for name in case.matched}
    return [
        Problem(
            "uncovered",
            Severity.BLOCK,
            f"criteria/{c.id}.toml",
            "no worked case matches it: add one to cases/",
        )
        for c in rule_set.criteria
        if c.id not in named
    ]


def _unreachable(rule_set: RuleSet) -> list[Problem]:
    return [
        Problem(
            "unreachable",
            Severity.BLOCK,
            f"criteria/{c.id}.toml",
            f"no answers can make it match: {describe(c.when)}",
        )
        for c in rule_set.criteria
        if not _reachable(c, rule_set)
    ]


def _reachable(criterion: Criterion, rule_set: RuleSet) -> bool:
    ways = _ways(criterion.when)
    return len(ways) > _MOST_WAYS or any(_satisfiable(way, rule_set) for way in ways)


def _ways(condition: Condition) -> list[tuple[Leaf, ...]]:
    """Return the sets of leaves that each make a condition hold."""
    if isinstance(condition, Leaf):
        return [(condition,)]
    parts = [_ways(child) for child in condition.conditions]
    if isinstance(condition, AnyOf):
        return [way for part in parts for way in part]
    ways: list[tuple[Leaf, ...]] = [()]
    for part in parts:
        ways = [left + right for left, right in product(ways, part)]
        if len(ways) > _MOST_WAYS:
            break
    return ways


def _satisfiable(way: Iterable[Leaf], rule_set: RuleSet) -> bool:
    by_fact: dict[str, list[Leaf]] = {}
    for leaf in way:
        if not isinstance(leaf.operand, FactReference):
            by_fact.setdefault(leaf.fact, []).append(leaf)
    return all(_answerable(name, by_fact[name], rule_set) for name in by_fact)


def _answerable(name: str, tests: list[Leaf], rule_set: RuleSet) -> bool:
    unknown = FactSheet()
    points = thresholds(tests, unknown)[name]
    sheets = [unknown] + [
        FactSheet({name: Fact(name, answer)})
        for answer in possible_answers(rule_set.facts[name], points)
    ]
    return any(
        all(evaluate(test, sheet) is Truth.HOLDS for test in tests) for sheet in sheets
    )


def _duplicates(rule_set: RuleSet) -> list[Problem]:
    forms = {c.id: _form(c.when) for c in rule_set.criteria}
    return [
        Problem(
            "duplicate",
            Severity.WARN,
            f"criteria/{b.id}.toml",
            f"asks exactly what {a.id} asks: put both into one criterion",
        )
        for a, b in combinations(rule_set.criteria, 2)
        if forms[a.id] == forms[b.id]
    ]


def _form(condition: Condition) -> object:
    """Return a value that is equal for conditions that differ only in order."""
    if isinstance(condition, Leaf):
        operand = condition.operand
        choices = frozenset(operand) if isinstance(operand, tuple) else operand
        return condition.fact, condition.operator, choices
    parts = frozenset(_form(child) for child in condition.conditions)
    if len(parts) == 1:
        return next(iter(parts))
    return isinstance(condition, AnyOf), parts


def _unused(rule_set: RuleSet) -> list[Problem]:
    return [
        Problem(
            "unused",
            Severity.WARN,
            "facts.toml",
            f"{name} is asked, and nothing uses the answer",
        )
        for name in _unused_facts(rule_set)
    ]


def _unused_facts(rule_set: RuleSet) -> tuple[str, ...]:
    conditions = [c.when for c in rule_set.criteria]
    conditions += [s.when for s in rule_set.settings]
    used = {name for when in conditions for name in facts_of(when)}
    return tuple(n for n in rule_set.facts if n not in used and n not in _BUILT_IN)

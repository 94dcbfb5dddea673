"""The reference evaluator: conditions over a fact sheet, in three values.

Strong Kleene logic. A leaf over an unknown fact waits, and so does one over a range
that spans its threshold; ``all`` fails as soon as one part fails, ``any`` holds as
soon as one holds, whatever the others wait for. ``known`` never waits.

durable-rules is tested against this module on every call; what-if searches use it
alone, because it is faster.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tunewise.domain.facts import Fact, FactSheet, Scalar
from tunewise.domain.rules import (
    AllOf,
    Condition,
    Criterion,
    FactReference,
    Leaf,
    Operator,
    Truth,
)
from tunewise.engine.conditions import describe_operand, words
from tunewise.engine.source_text import listed

_NUMERIC_ONLY = -math.inf, math.inf


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The smallest and largest value of one side of a test."""

    lower: Scalar
    upper: Scalar


def evaluate(condition: Condition, sheet: FactSheet) -> Truth:
    """Return whether a condition holds, fails or waits.

    >>> evaluate(AllOf(), FactSheet())
    <Truth.HOLDS: 'holds'>
    """
    if isinstance(condition, Leaf):
        return _leaf(condition, sheet)
    settles = Truth.FAILS if isinstance(condition, AllOf) else Truth.HOLDS
    waits = False
    for child in condition.conditions:
        truth = evaluate(child, sheet)
        if truth is settles:
            return settles
        waits = waits or truth is Truth.WAITS
    if waits:
        return Truth.WAITS
    return Truth.HOLDS if settles is Truth.FAILS else Truth.FAILS


def evaluate_all(
    criteria: Iterable[Criterion], sheet: FactSheet
) -> Mapping[str, Truth]:
    """Return the truth of every criterion by id."""
    return {c.id: evaluate(c.when, sheet) for c in criteria}


def failed_tests(condition: Condition, sheet: FactSheet) -> tuple[str, ...]:
    """Return the leaf tests that make a condition fail, in words.

    "knowledge_changes is static, not weekly or daily". Empty where the condition
    does not fail.
    """
    if evaluate(condition, sheet) is not Truth.FAILS:
        return ()
    if isinstance(condition, Leaf):
        return (_failure(condition, sheet),)
    parts = [failed_tests(child, sheet) for child in condition.conditions]
    return tuple(dict.fromkeys(text for part in parts for text in part))


def waiting_for(condition: Condition, sheet: FactSheet) -> tuple[str, ...]:
    """Return the facts that a waiting condition needs, unknown or too imprecise."""
    if evaluate(condition, sheet) is not Truth.WAITS:
        return ()
    if isinstance(condition, Leaf):
        sides = [condition.fact]
        if isinstance(condition.operand, FactReference):
            sides.append(condition.operand.fact)
        return tuple(n for n in sides if _open(sheet.get(n)))
    parts = [waiting_for(child, sheet) for child in condition.conditions]
    return tuple(dict.fromkeys(name for part in parts for name in part))


def matching_facts(condition: Condition, sheet: FactSheet) -> tuple[Fact, ...]:
    """Return the known facts that make a condition hold, once each, in order."""
    facts = {f.name: f for f in _matching(condition, sheet)}
    return tuple(facts.values())


def _matching(condition: Condition, sheet: FactSheet) -> list[Fact]:
    if evaluate(condition, sheet) is not Truth.HOLDS:
        return []
    if not isinstance(condition, Leaf):
        return [f for c in condition.conditions for f in _matching(c, sheet)]
    names = [condition.fact]
    if isinstance(condition.operand, FactReference):
        names.append(condition.operand.fact)
    return [fact for n in names if (fact := sheet.get(n)) is not None]


def _open(fact: Fact | None) -> bool:
    return fact is None or fact.value is None or fact.lower != fact.upper


def _failure(leaf: Leaf, sheet: FactSheet) -> str:
    fact = sheet.get(leaf.fact)
    if leaf.operator is Operator.KNOWN:
        state = "unknown" if fact is None else "known"
        return f"{leaf.fact} is {state}, not {describe_operand(leaf)}"
    asked = describe_operand(leaf)
    if isinstance(leaf.operand, FactReference):
        other = sheet.get(leaf.operand.fact)
        asked = f"{asked} ({_value_words(other)})"
    if leaf.operator is Operator.NOT:
        return f"{leaf.fact} is {asked.removeprefix('other than ')}"
    return f"{leaf.fact} is {_value_words(fact)}, not {asked}"


def _value_words(fact: Fact | None) -> str:
    if fact is None:
        return "unknown"
    if fact.lower == fact.upper:
        return words(fact.lower)
    ends = [words(end) for end in (fact.lower, fact.upper) if end is not None]
    if len(ends) == 2:
        return " to ".join(ends)
    return f"{'at least' if fact.upper is None else 'at most'} {listed(ends)}"


def _leaf(leaf: Leaf, sheet: FactSheet) -> Truth:
    fact = sheet.facts.get(leaf.fact)
    if leaf.operator is Operator.KNOWN:
        return _truth((fact is not None) is leaf.operand)
    if fact is None:
        return Truth.WAITS
    have = _bounds(fact)
    if isinstance(leaf.operand, tuple):
        return _one_of(have, leaf.operand)
    if isinstance(leaf.operand, FactReference):
        other = sheet.facts.get(leaf.operand.fact)
        if other is None:
            return Truth.WAITS
        want = _bounds(other)
    else:
        want = _Bounds(leaf.operand, leaf.operand)
    return _TESTS[leaf.operator](have, want)


def _bounds(fact: Fact) -> _Bounds:
    lower, upper = fact.lower, fact.upper
    least, most = _NUMERIC_ONLY  # a range with one end is open at the other
    return _Bounds(least if lower is None else lower, most if upper is None else upper)


def _truth(holds: bool) -> Truth:
    return Truth.HOLDS if holds else Truth.FAILS


def _one_of(have: _Bounds, choices: tuple[Scalar, ...]) -> Truth:
    truths = [_equal(have, _Bounds(c, c)) for c in choices]
    if Truth.HOLDS in truths:
        return Truth.HOLDS
    return Truth.WAITS if Truth.WAITS in truths else Truth.FAILS


def _equal(have: _Bounds, want: _Bounds) -> Truth:
    if have.lower == have.upper == want.lower == want.upper:
        return Truth.HOLDS
    exact = have.lower == have.upper and want.lower == want.upper
    if exact or _less(have.upper, want.lower) or _less(want.upper, have.lower):
        return Truth.FAILS
    return Truth.WAITS


def _different(have: _Bounds, want: _Bounds) -> Truth:
    return _negated(_equal(have, want))


def _at_least(have: _Bounds, want: _Bounds) -> Truth:
    if not _less(have.lower, want.upper):
        return Truth.HOLDS
    return Truth.FAILS if _less(have.upper, want.lower) else Truth.WAITS


def _above(have: _Bounds, want: _Bounds) -> Truth:
    if _less(want.upper, have.lower):
        return Truth.HOLDS
    return Truth.WAITS if _less(want.lower, have.upper) else Truth.FAILS


def _at_most(have: _Bounds, want: _Bounds) -> Truth:
    return _negated(_above(have, want))


def _below(have: _Bounds, want: _Bounds) -> Truth:
    return _negated(_at_least(have, want))


def _negated(truth: Truth) -> Truth:
    if truth is Truth.WAITS:
        return truth
    return Truth.FAILS if truth is Truth.HOLDS else Truth.HOLDS


def _less(a: Scalar, b: Scalar) -> bool:
    """Return a < b for two numbers or two texts (ISO dates sort as they read)."""
    if isinstance(a, str) or isinstance(b, str):
        return str(a) < str(b)
    return a < b


_TESTS: Mapping[Operator, Callable[[_Bounds, _Bounds], Truth]] = {
    Operator.IS: _equal,
    Operator.NOT: _different,
    Operator.AT_LEAST: _at_least,
    Operator.AT_MOST: _at_most,
    Operator.ABOVE: _above,
    Operator.BELOW: _below,
}

"""The reference evaluator: conditions over a fact sheet, in three values.

Strong Kleene logic. A leaf over an unknown fact waits, and so does one over a range
that spans its threshold; ``all`` fails as soon as one part fails, ``any`` holds as
soon as one holds, whatever the others wait for. ``known`` never waits.

durable-rules is tested against this module on every call; what-if searches use it
alone, because it is faster.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from tunewise.domain.facts import Fact, FactSheet, Scalar
from tunewise.domain.rules import (
    AllOf,
    AnyOf,
    Condition,
    Criterion,
    FactReference,
    Leaf,
    Operator,
    Truth,
)
from tunewise.engine.conditions import describe_operand, words
from tunewise.engine.source_text import listed

# By these names a member is found ten times as fast as through its enum.
_HOLDS, _FAILS, _WAITS = Truth.HOLDS, Truth.FAILS, Truth.WAITS
_KNOWN, _NOT = Operator.KNOWN, Operator.NOT
_NEGATED = {_HOLDS: _FAILS, _FAILS: _HOLDS, _WAITS: _WAITS}

# What one part settles for the whole tree, and what the tree is where none does.
SETTLED: Mapping[type[Condition], tuple[Truth, Truth]] = {
    AllOf: (_FAILS, _HOLDS),
    AnyOf: (_HOLDS, _FAILS),
}


class Reading(NamedTuple):
    """The truth of a condition on a sheet, and the leaves that make it so."""

    truth: Truth
    leaves: tuple[Leaf, ...]
    sheet: FactSheet


def evaluate(condition: Condition, sheet: FactSheet) -> Truth:
    """Return whether a condition holds, fails or waits.

    >>> evaluate(AllOf(), FactSheet())
    <Truth.HOLDS: 'holds'>
    """
    if isinstance(condition, Leaf):
        return _leaf(condition, sheet)
    settles, otherwise = SETTLED[type(condition)]
    waits = False
    for child in condition.conditions:
        if isinstance(child, Leaf):  # nearly all are
            truth = _leaf(child, sheet)
        else:
            truth = evaluate(child, sheet)
        if truth is settles:
            return settles
        waits = waits or truth is _WAITS
    return _WAITS if waits else otherwise


def evaluate_all(
    criteria: Iterable[Criterion], sheet: FactSheet
) -> Mapping[str, Truth]:
    """Return the truth of every criterion by id."""
    return {c.id: evaluate(c.when, sheet) for c in criteria}


def read(condition: Condition, sheet: FactSheet) -> Reading:
    """Return whether a condition holds, fails or waits, and because of which leaves.

    Where a tree fails these are the leaves that fail, of the parts that fail; where
    it waits or holds, those that wait or hold.
    """
    if isinstance(condition, Leaf):
        return Reading(_leaf(condition, sheet), (condition,), sheet)
    found: dict[Truth, tuple[Leaf, ...]] = {}
    for child in condition.conditions:
        leaves: tuple[Leaf, ...]
        if isinstance(child, Leaf):  # nearly all are
            truth, leaves = _leaf(child, sheet), (child,)
        else:
            truth, leaves, _ = read(child, sheet)
        found[truth] = found[truth] + leaves if truth in found else leaves
    settles, otherwise = SETTLED[type(condition)]
    waits = _WAITS if _WAITS in found else otherwise
    truth = settles if settles in found else waits
    return Reading(truth, found.get(truth, ()), sheet)


def matching_facts(reading: Reading) -> tuple[Fact, ...]:
    """Return the known facts that make a condition hold, once each, in order."""
    if reading.truth is not _HOLDS:
        return ()
    facts = (reading.sheet.get(n) for n in _names(reading.leaves))
    return tuple(fact for fact in facts if fact is not None)


def is_open(fact: Fact | None) -> bool:
    """Return whether a fact is unknown or only known as a range."""
    return fact is None or fact.value is None or fact.lower != fact.upper


def failure(leaf: Leaf, sheet: FactSheet) -> str:
    """Return in words why a leaf fails: "training_examples is 40, not at least 50"."""
    fact = sheet.get(leaf.fact)
    if leaf.operator is _KNOWN:
        state = "unknown" if fact is None else "known"
        return f"{leaf.fact} is {state}, not {describe_operand(leaf)}"
    asked = describe_operand(leaf)
    if isinstance(leaf.operand, FactReference):
        other = sheet.get(leaf.operand.fact)
        asked = f"{asked} ({_value_words(other)})"
    if leaf.operator is _NOT:
        return f"{leaf.fact} is {asked.removeprefix('other than ')}"
    return f"{leaf.fact} is {_value_words(fact)}, not {asked}"


def _names(leaves: Iterable[Leaf]) -> Iterable[str]:
    names: dict[str, None] = {}
    for leaf in leaves:
        names[leaf.fact] = None
        if isinstance(leaf.operand, FactReference):
            names[leaf.operand.fact] = None
    return names


def _value_words(fact: Fact | None) -> str:
    if fact is None:
        return "unknown"
    low, high = fact.lower, fact.upper
    if low == high:
        return words(low)
    ends = [words(end) for end in (low, high) if end is not None]
    if len(ends) == 2:
        return " to ".join(ends)
    return f"{'at least' if high is None else 'at most'} {listed(ends)}"


def _leaf(leaf: Leaf, sheet: FactSheet) -> Truth:
    fact, operand = sheet.facts.get(leaf.fact), leaf.operand
    if leaf.operator is _KNOWN:
        return _truth((fact is not None) is operand)
    if fact is None:
        return _WAITS
    low, high = _bounds(fact)
    if isinstance(operand, tuple):
        return _one_of(low, high, operand)
    if not isinstance(operand, FactReference):
        return _TESTS[leaf.operator](low, high, operand, operand)
    other = sheet.facts.get(operand.fact)
    if other is None:
        return _WAITS
    return _TESTS[leaf.operator](low, high, *_bounds(other))


def _bounds(fact: Fact) -> tuple[Scalar, Scalar]:
    """Return the smallest and the largest value; a range may be open at one end."""
    if fact.low is None and fact.high is None and fact.value is not None:
        return fact.value, fact.value
    low, high = fact.lower, fact.upper
    return -math.inf if low is None else low, math.inf if high is None else high


def _truth(holds: bool) -> Truth:
    return _HOLDS if holds else _FAILS


def _one_of(low: Scalar, high: Scalar, choices: tuple[Scalar, ...]) -> Truth:
    if low == high:
        return _truth(low in choices)
    possible = any(_equal(low, high, c, c) is _WAITS for c in choices)
    return _WAITS if possible else _FAILS


# The tests below ask how low..high stands to least..most; exact values are ranges too.


def _equal(low: Scalar, high: Scalar, least: Scalar, most: Scalar) -> Truth:
    if low == high and least == most:
        return _truth(low == least)
    return _FAILS if _less(high, least) or _less(most, low) else _WAITS


def _different(low: Scalar, high: Scalar, least: Scalar, most: Scalar) -> Truth:
    return _NEGATED[_equal(low, high, least, most)]


def _at_least(low: Scalar, high: Scalar, least: Scalar, most: Scalar) -> Truth:
    if not _less(low, most):
        return _HOLDS
    return _FAILS if _less(high, least) else _WAITS


def _above(low: Scalar, high: Scalar, least: Scalar, most: Scalar) -> Truth:
    if _less(most, low):
        return _HOLDS
    return _WAITS if _less(least, high) else _FAILS


def _at_most(low: Scalar, high: Scalar, least: Scalar, most: Scalar) -> Truth:
    return _NEGATED[_above(low, high, least, most)]


def _below(low: Scalar, high: Scalar, least: Scalar, most: Scalar) -> Truth:
    return _NEGATED[_at_least(low, high, least, most)]


def _less(a: Scalar, b: Scalar) -> bool:
    """Return a < b for two numbers or two texts (ISO dates sort as they read)."""
    if isinstance(a, str) or isinstance(b, str):
        return str(a) < str(b)
    return a < b


_TESTS: Mapping[Operator, Callable[[Scalar, Scalar, Scalar, Scalar], Truth]] = {
    Operator.IS: _equal,
    Operator.NOT: _different,
    Operator.AT_LEAST: _at_least,
    Operator.AT_MOST: _at_most,
    Operator.ABOVE: _above,
    Operator.BELOW: _below,
}

"""What can be known of conditions by looking at every answer that they can tell apart.

The possible answers of a fact are finite (``engine.possible``), so whether one
condition holds whenever another does is a matter of counting:

    condition  --ways-->  conjunctions of leaves  --answers that fit-->  sheets

A leaf rules out answers of its own fact, so only the facts of the other condition,
and facts that are compared with each other, are combined. A fact that is only known
as a range is not looked at.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product

from tunewise.domain.facts import Fact, FactDefinition, FactSheet, FactType, Scalar
from tunewise.domain.rules import (
    AnyOf,
    Condition,
    FactReference,
    Leaf,
    Operator,
    RuleSet,
    Truth,
)
from tunewise.engine.conditions import facts_of, leaves
from tunewise.engine.possible import possible_answers, thresholds
from tunewise.engine.reference import evaluate

# The possible answers of every fact that criteria ask, by its name.
Possible = Mapping[str, tuple[Fact, ...]]

# A condition with more ways to hold, or more sheets to look at, is left undecided.
MOST_WAYS = 256
MOST_SHEETS = 40_000


def possible_facts(rule_set: RuleSet) -> Possible:
    """Return every answer that the criteria of a rule set can tell apart.

    Facts that are compared with each other share their thresholds, and get three
    answers in each gap between them: enough for three facts in any order.
    """
    conditions = [c.when for c in rule_set.criteria]
    points = dict(thresholds(conditions, FactSheet()))
    for group in _compared(conditions):
        shared = _shared_points([rule_set.facts[name] for name in group], points)
        points.update(dict.fromkeys(group, shared))
    return {
        name: tuple(Fact(name, a) for a in dict.fromkeys(answers))
        for name, definition in rule_set.facts.items()
        if name in points
        for answers in [possible_answers(definition, points[name])]
    }


def can_hold(condition: Condition, possible: Possible) -> Truth:
    """Return whether any answers make a condition hold; waits where undecided."""
    return _exists(condition, (), possible, lambda sheet: True)


def implies(condition: Condition, other: Condition, possible: Possible) -> Truth:
    """Return whether another condition holds whenever this one does.

    It waits where there are too many combinations of answers to look at them all,
    and none that was looked at says no. A fact that only the other condition tests
    is left unknown: what holds then holds whatever its answer is. Only ``known``
    can tell the difference.
    """
    own = facts_of(condition)
    names = [n for n in facts_of(other) if n in own or n in _asked_known(other)]

    def speaks_against(sheet: FactSheet) -> bool:
        return evaluate(other, sheet) is not Truth.HOLDS

    found = _exists(condition, names, possible, speaks_against)
    return {Truth.HOLDS: Truth.FAILS, Truth.FAILS: Truth.HOLDS}.get(found, found)


def examples(condition: Condition, possible: Possible) -> Iterator[FactSheet]:
    """Yield a sheet for each way in which a condition can hold."""
    for way in _ways(condition):
        fitting = (s for s in _sheets(way, (), possible) if _all_hold(way, s))
        yield from islice(fitting, 1)


def _asked_known(condition: Condition) -> set[str]:
    return {x.fact for x in leaves(condition) if x.operator is Operator.KNOWN}


def _exists(
    condition: Condition,
    names: Iterable[str],
    possible: Possible,
    wanted: Callable[[FactSheet], bool],
) -> Truth:
    """Return whether the condition holds on any sheet of these facts that is wanted."""
    ways = _ways(condition)
    if len(ways) > MOST_WAYS:
        return Truth.WAITS
    left = MOST_SHEETS
    for way in ways:
        for sheet in _sheets(way, names, possible):
            if left == 0:
                return Truth.WAITS
            left -= 1
            if _all_hold(way, sheet) and wanted(sheet):
                return Truth.HOLDS
    return Truth.FAILS


def _ways(condition: Condition) -> list[tuple[Leaf, ...]]:
    """Return the sets of leaves that each make a condition hold.

    Where there are more than MOST_WAYS it stops, and what it returns is of no use.
    """
    if isinstance(condition, Leaf):
        return [(condition,)]
    parts = [_ways(child) for child in condition.conditions]
    if isinstance(condition, AnyOf):
        return [way for part in parts for way in part]
    ways: list[tuple[Leaf, ...]] = [()]
    for part in parts:
        ways = [left + right for left, right in product(ways, part)]
        if len(ways) > MOST_WAYS:
            break
    return ways


def _sheets(
    way: Sequence[Leaf], names: Iterable[str], possible: Possible
) -> Iterator[FactSheet]:
    """Yield the sheets on which each fact alone passes its tests, unknown first.

    Facts outside ``names`` are left at one answer that passes, unless they are
    compared with another one.
    """
    tests: dict[str, list[Leaf]] = {}
    combined = set(names)
    for leaf in way:
        if isinstance(leaf.operand, FactReference):
            combined |= {leaf.fact, leaf.operand.fact}
        else:
            tests.setdefault(leaf.fact, []).append(leaf)
    choices = []
    for name in dict.fromkeys([*tests, *sorted(combined)]):
        passing = _passing(possible[name], tests.get(name, ()))
        choices.append(passing if name in combined else passing[:1])
    for facts in product(*choices):
        yield FactSheet({f.name: f for f in facts if f is not None})


def _passing(facts: Iterable[Fact], tests: Sequence[Leaf]) -> list[Fact | None]:
    return [
        fact
        for fact in (None, *facts)
        for sheet in [FactSheet({} if fact is None else {fact.name: fact})]
        if _all_hold(tests, sheet)
    ]


def _all_hold(tests: Iterable[Leaf], sheet: FactSheet) -> bool:
    return all(evaluate(test, sheet) is Truth.HOLDS for test in tests)


def _compared(conditions: Iterable[Condition]) -> list[frozenset[str]]:
    """Return the groups of facts that conditions compare with each other."""
    groups: dict[str, frozenset[str]] = {}
    for condition in conditions:
        for leaf in leaves(condition):
            if isinstance(leaf.operand, FactReference):
                pair = leaf.fact, leaf.operand.fact
                joined = frozenset(pair).union(*(groups.get(n, ()) for n in pair))
                groups.update(dict.fromkeys(joined, joined))
    return list(dict.fromkeys(groups.values()))


def _shared_points(
    group: Iterable[FactDefinition], points: Mapping[str, frozenset[Scalar]]
) -> frozenset[Scalar]:
    """Return the thresholds of a group, with one more in each gap between them.

    Two texts can be equal or differ: each may be another one's name.
    """
    definitions = tuple(group)
    shared = frozenset[Scalar]().union(*(points[d.name] for d in definitions))
    if any(d.type is FactType.TEXT for d in definitions):
        return shared | {d.name for d in definitions}
    return shared.union(*(possible_answers(d, shared) for d in definitions))

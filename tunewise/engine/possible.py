"""The finite set of answers that can make a difference to a rule set.

A condition only asks a number where it stands to its thresholds, so one answer on
each threshold and one in each gap between them stand for all numbers. Enums and
booleans are finite already; a text is one that a condition names, or any other.

    thresholds 50, 100     answers 49, 50, 99, 100, 101  (of an integer)
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

from tunewise.domain.facts import Fact, FactDefinition, FactSheet, FactType, Scalar
from tunewise.domain.rules import Condition, FactReference, Leaf
from tunewise.engine.arms import TARGET, arms_of
from tunewise.engine.conditions import leaves, typed_value
from tunewise.engine.weighing import SCORES

OTHER_TEXT = "any other text"
_SOME_DAY = "2030-01-01"


def thresholds(
    conditions: Iterable[Condition], sheet: FactSheet
) -> Mapping[str, frozenset[Scalar]]:
    """Return, for every fact that conditions test, the values they test it against.

    Where a fact is tested against another one, the other's bounds in this sheet are
    thresholds of the first, and the other way round.
    """
    points: dict[str, set[Scalar]] = {}
    for condition in conditions:
        for leaf in leaves(condition):
            points.setdefault(leaf.fact, set()).update(_constants(leaf))
            if isinstance(leaf.operand, FactReference):
                points[leaf.fact].update(_ends(sheet.get(leaf.operand.fact)))
                other = points.setdefault(leaf.operand.fact, set())
                other.update(_ends(sheet.get(leaf.fact)))
    return {name: frozenset(values) for name, values in points.items()}


def measured_thresholds(sheet: FactSheet) -> Mapping[str, frozenset[Scalar]]:
    """Return the thresholds of scores and target on the measured basis."""
    arms = arms_of(sheet)
    points = {SCORES[a.option]: _ends(sheet.get(TARGET)) for a in arms}
    ends = (_ends(sheet.get(SCORES[a.option])) for a in arms)
    points[TARGET] = frozenset().union(*ends)
    return points


def possible_answers(
    definition: FactDefinition,
    points: Collection[Scalar],
    near: Scalar | None = None,
) -> tuple[Scalar, ...]:
    """Return one answer for each way in which conditions can tell answers apart.

    ``near`` is today's value: in a gap between thresholds, the answer is taken from
    the side that is closer to it.
    """
    match definition.type:
        case FactType.BOOL:
            return (True, False)
        case FactType.ENUM:
            return definition.values
        case FactType.TEXT:
            return (*sorted(str(p) for p in points), OTHER_TEXT)
        case FactType.DATE:
            return _days(sorted(str(p) for p in points))
    numbers = sorted(p for p in points if not isinstance(p, str))
    return _numbers(
        definition, numbers, near if isinstance(near, int | float) else None
    )


def _constants(leaf: Leaf) -> Collection[Scalar]:
    if isinstance(leaf.operand, FactReference | bool):
        return ()
    return leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)


def _ends(fact: Fact | None) -> frozenset[Scalar]:
    if fact is None:
        return frozenset()
    return frozenset(end for end in (fact.lower, fact.upper) if end is not None)


def _days(points: list[str]) -> tuple[str, ...]:
    """Return each day with the days before and after it: together they see all."""
    if not points:
        return (_SOME_DAY,)
    days = {
        dt.date.fromisoformat(p) + dt.timedelta(n) for p in points for n in (-1, 0, 1)
    }
    return tuple(day.isoformat() for day in sorted(days))


def _numbers(
    definition: FactDefinition, points: list[int | float], near: float | None
) -> tuple[Scalar, ...]:
    if not points:
        points = [_middle(definition)]
    step = _step(definition, points)
    found: list[float] = [points[0] - step]
    for position, point in enumerate(points):
        found.append(point)
        if position + 1 < len(points):
            following = points[position + 1]
            found.append(_between(point, following, step=step, near=near))
    found.append(points[-1] + step)
    answers = []
    for number in dict.fromkeys(found):
        try:
            answers.append(typed_value(definition, number))
        except ValueError:  # out of range, or no integer between two neighbours
            continue
    return tuple(answers)


def _between(low: float, high: float, *, step: float, near: float | None) -> float:
    """Return a number inside the gap, a step from the end that is nearer to today."""
    inside = low + step if near is not None and near <= low else high - step
    inside = float(f"{inside:.6g}")
    return inside if low < inside < high else (low + high) / 2


def _middle(definition: FactDefinition) -> float:
    low, high = definition.low, definition.high
    if definition.type is FactType.INTEGER:
        return 1 if low is None else max(low, 1)
    if low is None or high is None:
        return low if low is not None else (high or 0.0)
    return (low + high) / 2


def _step(definition: FactDefinition, points: list[int | float]) -> float:
    """Return how far "just below" is: 1, or a hundredth of the range."""
    if definition.type is FactType.INTEGER:
        return 1
    if definition.low is not None and definition.high is not None:
        return (definition.high - definition.low) / 100
    return max(abs(p) for p in points) / 100 or 0.01

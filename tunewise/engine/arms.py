"""Measured options: their scores with intervals, and what is shown between two.

A score counts as measured where its evidence is a run or an experiment, or answers
that were imported and scored here; hearsay and guesses do not, nor does a score that
the named run does not hold (``stated``).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tunewise.domain.facts import (
    Comparison,
    Conclusion,
    Fact,
    FactSheet,
)
from tunewise.domain.rules import Option
from tunewise.engine.weighing import SCORES

TARGET = "target_score"

_Z = 1.96  # 95 %, as the intervals of the scores


@dataclass(frozen=True, slots=True)
class Arm:
    """One measured option: its score and the interval it was measured with."""

    option: Option
    value: float
    low: float
    high: float

    @property
    def bounded(self) -> bool:
        """True where an interval was given."""
        return self.low < self.high

    def __str__(self) -> str:
        if not self.bounded:
            return f"{self.option} ({self.value:.3f})"
        return f"{self.option} ({self.value:.3f}, {self.low:.3f} to {self.high:.3f})"


def arms_of(sheet: FactSheet) -> tuple[Arm, ...]:
    """Return the measured options, cheapest first."""
    arms = []
    for option, name in SCORES.items():
        fact = sheet.get(name)
        if fact is not None and fact.measured:
            value, (low, high) = fact.value, bounds(fact)
            if isinstance(value, int | float):
                arms.append(Arm(option, value, low, high))
    return tuple(arms)


def best_of(arms: Sequence[Arm]) -> Arm:
    """Return the arm of the highest score, the cheapest of equals."""
    return max(arms, key=lambda a: a.value)  # the first of equals


def compared(a: Arm, b: Arm, comparisons: Sequence[Comparison]) -> Comparison | None:
    """Return the comparison of two arms as ``a`` sees it; not one that is stated."""
    for comparison in comparisons:
        pair = {comparison.a, comparison.b}
        if pair == {a.option.value, b.option.value} and not comparison.stated:
            return comparison.seen_from(a.option.value)
    return None


def shown_to_beat(a: Arm, b: Arm, comparisons: Sequence[Comparison]) -> bool:
    """Return whether ``a`` is shown to be better than ``b``.

    By their paired comparison; without one, by 95 % intervals that do not touch,
    which asks for more than a paired test would.
    """
    comparison = compared(a, b, comparisons)
    if comparison is not None:
        return comparison.conclusion is Conclusion.WIN
    return a.bounded and b.bounded and a.low > b.high


def examples_to_settle(arm: Arm, target: float) -> int | None:
    """Return about how many held-out examples would bring the interval off target.

    Wald: ``n = (z * sd / gap) ** 2``. A score in [0, 1] with mean p has
    sd <= sqrt(p (1 - p)), reached by right-or-wrong scores. None where the score is
    on the target, or 0 or 1.

    >>> examples_to_settle(Arm(Option.PROMPT, 0.8, 0.7, 0.9), 0.75)
    246
    """
    gap, variance = abs(arm.value - target), arm.value * (1 - arm.value)
    if gap < 1e-9 or variance <= 0:
        return None
    # Rounded first, so that 245.86200001 and its neighbours give one answer.
    return math.ceil(round(_Z**2 * variance / gap**2, 6))


def examples_behind(arm: Arm) -> int | None:
    """Return about how many examples an interval this wide was measured on."""
    half, variance = (arm.high - arm.low) / 2, arm.value * (1 - arm.value)
    if half <= 0 or variance <= 0:
        return None
    return round(_Z**2 * variance / half**2)


def bounds(fact: Fact) -> tuple[float, float]:
    """Return the bounds of a numeric fact, infinite where it has none."""
    lower, upper = fact.lower, fact.upper
    return (
        float(lower) if isinstance(lower, int | float) else -math.inf,
        float(upper) if isinstance(upper, int | float) else math.inf,
    )

"""What two arms show on the same held-out examples, before a conclusion is drawn.

    metric 0 or 1 per example   exact McNemar test, Tango's score interval (1998)
    any other, or with groups   paired permutation test, Student's t interval over the
                                jackknife's standard error

Scores on different held-out examples are never compared.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tunewise.domain.errors import DatasetError
from tunewise.evidence.aggregates import Aggregate, Counts, is_binary
from tunewise.evidence.intervals import (
    Interval,
    jackknife_error,
    left_out,
    normal_quantile,
    shared,
    student,
    unit_sums,
    wilson,
)

PERMUTATIONS = 5_000
_EXACT_UNITS = 12  # 2^12 swaps: all of them rather than a sample
_BLOCK = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class PairedScores:
    """One arm's counts, in the order of the held-out split.

    Where an arm ran with several seeds, ``counts`` is the mean over them: the seeds
    of one example are no further examples.
    """

    arm: str
    counts: Counts  # (n_examples, c)
    aggregate: Aggregate
    heldout_digest: str
    groups: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """How two arms differ: a - b, and how sure that is."""

    a: str
    b: str
    n: int
    units: int  # groups, and examples that are in none
    value: float
    interval: Interval  # 95 %
    inner: Interval  # 90 %
    p_value: float
    variance: float  # of one example's share in the difference


def difference(a: PairedScores, b: PairedScores, *, seed: int) -> Difference:
    """Return how two arms differ; the p-value is of this one comparison.

    Raises
    ------
    DatasetError
        If the arms were scored on different held-out examples.
    """
    _require_same_examples(a, b)
    n, value = len(a.counts), _value(a, b)
    if _are_shares(a, b):
        apart = _discordant(a, b)
        differ = apart.only_a + apart.only_b
        units, p, variance = n, _mcnemar_p(apart), differ / n - value**2
    else:
        units, p = _units(a), _permutation_p(a, b, seed)
        variance = _error(a, b) ** 2 * n
    return Difference(
        a=a.arm,
        b=b.arm,
        n=n,
        units=units,
        value=value,
        interval=interval(a, b, 0.95),
        inner=interval(a, b, 0.90),
        p_value=p,
        variance=variance,
    )


def interval(a: PairedScores, b: PairedScores, confidence: float) -> Interval:
    """Return the interval of a - b."""
    if _are_shares(a, b):
        return tango(*_discordant(a, b), len(a.counts), confidence)
    value, error, units = _value(a, b), _error(a, b), _units(a)
    if error > 1e-12:
        reach = student(units, confidence) * error
    else:  # nothing varies: what was not seen may still be there (rule of three)
        reach = wilson(0, units, confidence).high
    return Interval(max(-1.0, value - reach), min(1.0, value + reach))


def _require_same_examples(a: PairedScores, b: PairedScores) -> None:
    if a.heldout_digest != b.heldout_digest:
        raise DatasetError(
            f"{a.arm} and {b.arm}: scored on different held-out splits "
            f"({a.heldout_digest[:19]}…, {b.heldout_digest[:19]}…)\n"
            "  Run both arms on one dataset version to compare them."
        )
    if a.counts.shape != b.counts.shape or len(a.counts) == 0:
        raise ValueError(
            f"{a.arm}: counts of shape {a.counts.shape}, {b.arm}: {b.counts.shape}"
        )
    groups = (None if s.groups is None else list(s.groups) for s in (a, b))
    if a.aggregate is not b.aggregate or next(groups) != next(groups):
        raise ValueError(f"{a.arm} and {b.arm}: not the same metric or groups")


def tango(only_a: int, only_b: int, n: int, confidence: float) -> Interval:
    """Return Tango's score interval of a difference of paired shares.

    The difference d at which the score test of "the difference is d" just fails
    (Tango, Statistics in Medicine 17, 1998). It keeps its width where the arms
    agree on everything: then it is Wilson's bound for 0 of n, on both sides.

    Parameters
    ----------
    only_a, only_b : int
        Examples that only a, only b got right.
    """
    z = normal_quantile(confidence)

    def score(d: float) -> float:
        """Fall from + to - as d rises."""
        linear = -only_a - only_b + (2 * n - only_a + only_b) * d
        constant = -only_b * d * (1 - d)
        root = math.sqrt(max(0.0, linear**2 - 8 * n * constant))
        q = (root - linear) / (4 * n)
        spread = n * (2 * q + d * (1 - d))
        above = only_a - only_b - n * d
        return (
            above / math.sqrt(spread) if spread > 1e-15 else math.copysign(1e9, above)
        )

    point = (only_a - only_b) / n
    low = _bisected(lambda d: score(d) > z, -1.0, point)
    high = _bisected(lambda d: score(d) > -z, point, 1.0)
    return Interval(low, high)


def _bisected(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Return where a condition that holds at low stops holding."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return (low + high) / 2


class _Discordant(NamedTuple):
    """How many examples only one of two arms got right."""

    only_a: int
    only_b: int


def _are_shares(a: PairedScores, b: PairedScores) -> bool:
    binary = all(is_binary(s.counts, s.aggregate) for s in (a, b))
    return binary and not shared(a.groups)


def _discordant(a: PairedScores, b: PairedScores) -> _Discordant:
    apart = a.counts[:, 0] - b.counts[:, 0]
    return _Discordant(int(np.sum(apart > 0)), int(np.sum(apart < 0)))


def _value(a: PairedScores, b: PairedScores) -> float:
    of_a, of_b = (float(s.aggregate(s.counts.sum(axis=0))) for s in (a, b))
    return of_a - of_b


def _units(scores: PairedScores) -> int:
    return len(unit_sums(scores.counts, scores.groups))


def _error(a: PairedScores, b: PairedScores) -> float:
    """Return the jackknife's standard error of a - b, over examples or groups."""
    of_a, of_b = (s.aggregate(left_out(unit_sums(s.counts, s.groups))) for s in (a, b))
    return jackknife_error(of_a - of_b) if len(of_a) > 1 else 0.0


def _mcnemar_p(apart: _Discordant) -> float:
    from scipy.stats import binomtest

    differ = apart.only_a + apart.only_b
    return float(binomtest(apart.only_a, differ, 0.5).pvalue) if differ else 1.0


def _permutation_p(a: PairedScores, b: PairedScores, seed: int) -> float:
    """Return how often swapping the arms' names at random differs as much."""
    aggregate = a.aggregate
    units_a, units_b = (unit_sums(s.counts, s.groups) for s in (a, b))
    total_a, total_b = units_a.sum(axis=0), units_b.sum(axis=0)
    apart = units_a - units_b
    apart = apart[np.any(apart != 0, axis=1)]  # the others make no difference
    seen = abs(float(aggregate(total_a) - aggregate(total_b))) - 1e-12
    if len(apart) == 0:
        return 1.0

    def as_far(swapped: Counts) -> int:
        moved = swapped @ apart
        found = aggregate(total_a - moved) - aggregate(total_b + moved)
        return int(np.sum(np.abs(found) >= seen))

    if len(apart) <= _EXACT_UNITS:
        numbers = np.arange(2 ** len(apart))
        bits = (numbers[:, None] >> np.arange(len(apart))) & 1
        return as_far(bits.astype(np.float64)) / len(numbers)
    step = max(1, _BLOCK // len(apart))
    rng = np.random.default_rng(seed)
    far = 0
    for begin in range(0, PERMUTATIONS, step):
        size = min(step, PERMUTATIONS - begin)
        far += as_far(rng.integers(0, 2, (size, len(apart))).astype(np.float64))
    return (far + 1) / (PERMUTATIONS + 1)

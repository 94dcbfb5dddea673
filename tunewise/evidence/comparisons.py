"""Two arms on the same held-out examples: is one better, are they the same, who knows?

    metric 0 or 1 per example   exact McNemar test, Tango's score interval (1998)
    any other, or with groups   paired permutation test, paired bootstrap interval

Conclusions, from the side of the first arm, in this order:
    win, lose     p < .05 after Holm's correction, and the 95 % interval excludes 0
    equivalent    the 90 % interval lies inside +-margin (two one-sided tests)
    inconclusive  neither; ``needs_n`` says about how many examples would settle it

The margin is fixed before the run. Scores on different held-out examples are never
compared.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tunewise.domain.errors import DatasetError
from tunewise.domain.facts import Comparison, Conclusion
from tunewise.evidence.aggregates import Aggregate, Counts, is_binary
from tunewise.evidence.intervals import (
    RESAMPLES,
    Interval,
    bca,
    left_out,
    normal_quantile,
    resampled,
    unit_sums,
    wilson,
)

ALPHA = 0.05
PERMUTATIONS = 5_000
_EXACT_UNITS = 12  # 2^12 swaps: all of them rather than a sample
_TO_DIFFER = 2.8  # z(.975) + z(.8): found with 80 % power
_TO_EQUAL = 2.49  # z(.95) + z(.8): two one-sided tests with 80 % power
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
class _Measured:
    """What two arms show, before a conclusion is drawn."""

    a: str
    b: str
    n: int
    units: int
    difference: float
    interval: Interval  # 95 %
    inner: Interval  # 90 %
    p_value: float
    variance: float  # of one example's share in the difference


def compare(
    a: PairedScores, b: PairedScores, *, metric: str, margin: float, seed: int
) -> Comparison:
    """Compare two arms; the p-value is not corrected for further comparisons.

    Raises
    ------
    DatasetError
        If the arms were scored on different held-out examples.
    """
    return _concluded(_measured(a, b, seed), metric, margin)


def compare_all(
    scores: Mapping[str, PairedScores], *, metric: str, margin: float, seed: int
) -> tuple[Comparison, ...]:
    """Compare every pair of arms, with Holm's correction over all of them."""
    pairs = itertools.combinations(scores, 2)
    named = {arm: replace(s, arm=arm) for arm, s in scores.items()}
    measured = [_measured(named[a], named[b], seed) for a, b in pairs]
    corrected = holm([m.p_value for m in measured])
    return tuple(
        _concluded(replace(m, p_value=p), metric, margin)
        for m, p in zip(measured, corrected, strict=True)
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected by Holm's step-down method, in the order given.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = highest
    return corrected


def _measured(a: PairedScores, b: PairedScores, seed: int) -> _Measured:
    _require_same_examples(a, b)
    binary = is_binary(a.counts, a.aggregate) and is_binary(b.counts, b.aggregate)
    return _shares(a, b) if binary and a.groups is None else _resampled(a, b, seed)


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


def _shares(a: PairedScores, b: PairedScores) -> _Measured:
    from scipy.stats import binomtest

    n = len(a.counts)
    only_a = int(np.sum(a.counts[:, 0] > b.counts[:, 0]))
    only_b = int(np.sum(a.counts[:, 0] < b.counts[:, 0]))
    differ = only_a + only_b
    difference = (only_a - only_b) / n
    return _Measured(
        a=a.arm,
        b=b.arm,
        n=n,
        units=n,
        difference=difference,
        interval=tango(only_a, only_b, n, 0.95),
        inner=tango(only_a, only_b, n, 0.90),
        p_value=float(binomtest(only_a, differ, 0.5).pvalue) if differ else 1.0,
        variance=differ / n - difference**2,
    )


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


def _resampled(a: PairedScores, b: PairedScores, seed: int) -> _Measured:
    aggregate, columns = a.aggregate, a.counts.shape[1]
    units = unit_sums(np.hstack([a.counts, b.counts]), a.groups)

    def difference(sums: Counts) -> Counts:
        return aggregate(sums[..., :columns]) - aggregate(sums[..., columns:])

    point = float(difference(units.sum(axis=0)))
    rng = np.random.default_rng(seed)
    values = difference(resampled(units, RESAMPLES, rng))
    if np.ptp(values) > 1e-12:
        jackknife = difference(left_out(units))
        interval, inner = (bca(values, point, jackknife, c) for c in (0.95, 0.90))
    else:  # nothing varies: what was not seen may still be there (rule of three)
        interval, inner = (_around(point, len(units), c) for c in (0.95, 0.90))
    return _Measured(
        a=a.arm,
        b=b.arm,
        n=len(a.counts),
        units=len(units),
        difference=point,
        interval=interval,
        inner=inner,
        p_value=_permutation_p(units[:, :columns], units[:, columns:], aggregate, rng),
        variance=float(np.var(values)) * len(a.counts),
    )


def _around(point: float, units: int, confidence: float) -> Interval:
    reach = wilson(0, units, confidence).high
    return Interval(max(-1.0, point - reach), min(1.0, point + reach))


def _permutation_p(
    a: Counts, b: Counts, aggregate: Aggregate, rng: np.random.Generator
) -> float:
    """Return how often swapping the arms' names at random differs as much."""
    total_a, total_b = a.sum(axis=0), b.sum(axis=0)
    apart = a - b
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
    far = 0
    for begin in range(0, PERMUTATIONS, step):
        size = min(step, PERMUTATIONS - begin)
        far += as_far(rng.integers(0, 2, (size, len(apart))).astype(np.float64))
    return (far + 1) / (PERMUTATIONS + 1)


def _concluded(measured: _Measured, metric: str, margin: float) -> Comparison:
    conclusion = _conclusion(measured, margin)
    undecided = conclusion is Conclusion.INCONCLUSIVE
    return Comparison(
        a=measured.a,
        b=measured.b,
        metric=metric,
        difference=measured.difference,
        low=measured.interval.low,
        high=measured.interval.high,
        p_value=measured.p_value,
        conclusion=conclusion,
        needs_n=_needs_n(measured, margin) if undecided else None,
    )


def _conclusion(measured: _Measured, margin: float) -> Conclusion:
    if measured.p_value < ALPHA and measured.interval.low > 0:
        return Conclusion.WIN
    if measured.p_value < ALPHA and measured.interval.high < 0:
        return Conclusion.LOSE
    # With fewer units than this, a difference of the margin may just not have shown.
    unseen = wilson(0, measured.units, 0.90).high
    inside = -margin <= measured.inner.low and measured.inner.high <= margin
    if inside and unseen <= margin:
        return Conclusion.EQUIVALENT
    return Conclusion.INCONCLUSIVE


def _needs_n(measured: _Measured, margin: float) -> int | None:
    """Return about how many examples would settle it, if things stay as they look.

    The smaller of two numbers, rounded up to two digits:
      to show the difference     variance (2.8 / |difference|)^2
      to show the equivalence    variance (2.49 / (margin - |difference|))^2, and at
                                 least 2.71 (1 / margin - 1), the rule of three's
    where the variance is that of one example's share in the difference (for shares:
    d - difference^2, with d the share of examples on which the arms differ).
    """
    size = abs(measured.difference)
    candidates = []
    if size > 0 and measured.variance > 0:
        candidates.append(measured.variance * (_TO_DIFFER / size) ** 2)
    if size < margin < 1:
        equal = measured.variance * (_TO_EQUAL / (margin - size)) ** 2
        unseen = normal_quantile(0.90) ** 2 * (1 / margin - 1)
        candidates.append(max(equal, unseen))
    if not candidates:
        return None
    return _rounded_up(max(min(candidates), measured.n + 1))


def _rounded_up(number: float) -> int:
    step = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return int(math.ceil(number / step) * step)

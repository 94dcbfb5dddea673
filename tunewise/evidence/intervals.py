"""How sure a score is: intervals that hold for the few hundred examples people have.

    a share (0 or 1 per example)      Clopper-Pearson with mid-P (:func:`mid_p`)
    token F1, field F1, …             BCa bootstrap over examples
    macro F1; any score with groups   that of a share of as many examples as would
                                      vary as much (:func:`as_share`)

The normal approximation is not used: it fails below a few hundred examples (Bowyer,
Aitchison, Ivanova, ICML 2025). ``benchmarks/evidence/coverage.py`` counts how often
each interval holds the truth; docs/statistics.md has the figures.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tunewise.domain.experiment import Score
from tunewise.evidence.aggregates import Aggregate, Counts, is_binary, macro_f1

RESAMPLES = 2_000
_BLOCK = 2_000_000  # weights held at a time


class Interval(NamedTuple):
    """Lower and upper bound."""

    low: float
    high: float


def wilson(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Return Wilson's score interval of a share.

    >>> [round(x, 3) for x in wilson(8, 10)]
    [0.49, 0.943]
    """
    if n <= 0:
        return Interval(0.0, 1.0)
    z = normal_quantile(confidence)
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    spread = math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    spread *= z / (1 + z * z / n)
    low = 0.0 if share <= 0 else max(0.0, middle - spread)
    high = 1.0 if share >= 1 else min(1.0, middle + spread)
    return Interval(low, high)


def mid_p(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Return the interval of a share by Clopper and Pearson, with mid-P.

    Clopper and Pearson (Biometrika 26, 1934) keep every share under which what was
    seen, or more, has a chance of 2.5 % or more; Lancaster's mid-P (Biometrika 48,
    1961) counts what was seen itself by half. Without that half the interval is too
    wide: 95 % intervals cover up to 97.9 % where this one covers 93 to 97 %.

    Parameters
    ----------
    successes, n : float
        They need not be whole: a mean of seeds counts parts, and clustered examples
        are worth fewer than there are.

    Examples
    --------
    Of none in n the upper end is the rule of three, 3 / n:

    >>> [round(x, 3) for x in (*mid_p(8, 10), *mid_p(0, 100))]
    [0.48, 0.965, 0.0, 0.03]
    """
    from scipy.optimize import brentq
    from scipy.special import betainc

    if n <= 0:
        return Interval(0.0, 1.0)
    k = min(max(successes, 0.0), n)

    def above(share: float) -> float:
        """Return the chance of more than k, and half that of k."""
        at_least = betainc(k, n - k + 1, share) if k > 0 else 1.0
        more = betainc(k + 1, n - k, share) if k < n else 0.0
        return float(at_least + more) / 2

    tail = (1 - confidence) / 2
    low = brentq(lambda share: above(share) - tail, 0, 1) if k > 0 else 0.0
    high = brentq(lambda share: above(share) - 1 + tail, 0, 1) if k < n else 1.0
    return Interval(float(low), float(high))


def bootstrap(
    counts: Counts,
    aggregate: Aggregate,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    confidence: float = 0.95,
) -> Interval:
    """Return the BCa bootstrap interval of a metric in [0, 1].

    Parameters
    ----------
    counts : ndarray, shape (n_examples, c)
    aggregate : callable
        The metric of summed counts, (…, c) -> (…).

    Notes
    -----
    Where every resample scores the same, as at 0 and 1, the bootstrap knows nothing;
    the interval for that share of as many examples is given instead.
    """
    point, n = float(aggregate(counts.sum(axis=0))), len(counts)
    if n > 1:
        values = aggregate(resampled(counts, resamples, np.random.default_rng(seed)))
        if np.ptp(values) > 1e-12:
            return bca(values, point, aggregate(left_out(counts)), confidence)
    return mid_p(point * n, n, confidence)


def as_share(
    units: Counts, aggregate: Aggregate, *, confidence: float = 0.95
) -> Interval:
    """Return the interval of a share of as many examples as would vary as much.

    Korn and Graubard (Survey Methodology 24, 1998), who count so what a clustered
    sample is worth: n = p (1 - p) / error^2, less by (z / t)^2 for few units. It holds
    where the bootstrap is too narrow: with few groups, and for macro F1, where a
    label that occurs twice is in many resamples not at all.

    Parameters
    ----------
    units : ndarray, shape (n_units, c)
        The counts of examples, or of whole groups of them.
    """
    point, n = float(aggregate(units.sum(axis=0))), float(len(units))
    if n > 1 and (error := jackknife_error(aggregate(left_out(units)))) > 1e-12:
        shrunk = normal_quantile(confidence) / student(len(units), confidence)
        n = point * (1 - point) * (shrunk / error) ** 2
    return mid_p(point * n, n, confidence)


def score_of(
    counts: Counts,
    aggregate: Aggregate,
    *,
    seed: int,
    groups: Sequence[str] | None = None,
) -> Score:
    """Return a metric's value with its 95 % interval and number of examples."""
    if len(counts) == 0:
        raise ValueError("no examples, no score")
    value = float(aggregate(counts.sum(axis=0)))
    if aggregate is macro_f1 or shared(groups):
        low, high = as_share(unit_sums(counts, groups), aggregate)
    elif is_binary(counts, aggregate):
        low, high = mid_p(float(counts[:, 0].sum()), len(counts))
    else:
        low, high = bootstrap(counts, aggregate, seed=seed)
    return Score(value, min(low, value), max(high, value), len(counts))


def shared(groups: Sequence[str] | None) -> bool:
    """Tell whether two examples have a group in common; "" is no group.

    >>> shared(["a", "b", "", ""]), shared(["a", "b", "a"])
    (False, True)
    """
    named = [g for g in groups or () if g]
    return len(set(named)) < len(named)


def unit_sums(counts: Counts, groups: Sequence[str] | None) -> Counts:
    """Return the counts of what is drawn together: examples, or groups of them.

    An example without a group ("") is one of its own.
    """
    counts = np.asarray(counts, dtype=np.float64)
    if groups is None:
        return counts
    if len(groups) != len(counts):
        raise ValueError(f"{len(counts)} examples, but {len(groups)} groups")
    named = [g or f"\x00{i}" for i, g in enumerate(groups)]
    _, member = np.unique(np.array(named), return_inverse=True)
    sums = np.zeros((int(member.max()) + 1, counts.shape[1]))
    np.add.at(sums, member, counts)
    return sums


def resampled(units: Counts, resamples: int, rng: np.random.Generator) -> Counts:
    """Return the summed counts of each resample, shape (resamples, c)."""
    n = len(units)
    step = max(1, _BLOCK // n)
    sums = np.empty((resamples, units.shape[1]))
    for begin in range(0, resamples, step):
        size = min(step, resamples - begin)
        drawn = rng.integers(0, n, (size, n)) + n * np.arange(size)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n)
        sums[begin : begin + size] = weights.astype(np.float64) @ units
    return sums


def left_out(units: Counts) -> Counts:
    """Return the summed counts without each unit in turn (the jackknife)."""
    total: Counts = units.sum(axis=0)
    return total - units


def bca(
    values: NDArray[np.float64],
    point: float,
    jackknife: NDArray[np.float64],
    confidence: float,
) -> Interval:
    """Return the bias-corrected and accelerated interval of bootstrap values.

    Efron (1987); reaching as far as Student's t says for as few units, times
    sqrt(n / (n - 1)), since a resample varies less than a sample by that much
    (Hesterberg, The American Statistician 69, 2015, expanded percentiles).
    """
    normal = NormalDist()
    below = float(np.mean(values < point) + 0.5 * np.mean(values == point))
    edge = 1 / (len(values) + 1)
    bias = normal.inv_cdf(min(max(below, edge), 1 - edge))
    apart = jackknife.mean() - jackknife
    spread = float((apart**2).sum()) ** 1.5
    acceleration = float((apart**3).sum()) / (6 * spread) if spread > 0 else 0.0
    units = len(jackknife)
    far = student(units, confidence) * math.sqrt(units / (units - 1))
    bounds = []
    for z in (-far, far):
        shifted = bias + z
        shrunk = 1 - acceleration * shifted
        place = bias + shifted / shrunk if shrunk > 0 else shifted
        bounds.append(float(np.quantile(values, normal.cdf(place))))
    return Interval(*bounds)


def jackknife_error(values: NDArray[np.float64]) -> float:
    """Return a metric's standard error from its values without each unit in turn.

    Of a mean it is the standard deviation over sqrt(n):

    >>> round(jackknife_error(np.array([5.0, 4.0, 3.0]) / 2), 4)
    0.5774
    """
    n = len(values)
    apart = values - values.mean()
    return math.sqrt((n - 1) / n * float(apart @ apart))


def student(units: int, confidence: float) -> float:
    """Return how many standard errors an interval over so few units reaches.

    Student's t for n - 1 degrees of freedom.

    >>> round(student(5, 0.95), 2), round(student(1000, 0.95), 2)
    (2.78, 1.96)
    """
    from scipy.special import stdtrit

    return float(stdtrit(units - 1, 0.5 + confidence / 2))


def normal_quantile(confidence: float) -> float:
    """Return how many standard deviations a two-sided interval reaches.

    >>> round(normal_quantile(0.95), 2)
    1.96
    """
    return NormalDist().inv_cdf(0.5 + confidence / 2)

"""How sure a score is: intervals that hold for the few hundred examples people have.

A share of right answers gets Wilson's interval, anything else a BCa bootstrap
(Efron 1987) over examples, or over groups where examples belong together. The normal
approximation is not used: it fails below a few hundred examples (Bowyer, Aitchison,
Ivanova, ICML 2025).
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tunewise.domain.experiment import Score
from tunewise.evidence.aggregates import Aggregate, Counts, is_binary

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


def bootstrap(
    counts: Counts,
    aggregate: Aggregate,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    groups: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> Interval:
    """Return the BCa bootstrap interval of a metric in [0, 1].

    Parameters
    ----------
    counts : ndarray, shape (n_examples, c)
    aggregate : callable
        The metric of summed counts, (…, c) -> (…).
    groups : sequence of str, length n_examples, optional
        Examples of one group are drawn together (cluster bootstrap); without that
        an interval over clustered examples is too narrow.

    Notes
    -----
    Where every resample scores the same, as at 0 and 1, the bootstrap knows nothing;
    Wilson's interval for that share of as many units is given instead.
    """
    units = unit_sums(counts, groups)
    point = float(aggregate(units.sum(axis=0)))
    if len(units) > 1:
        values = aggregate(resampled(units, resamples, np.random.default_rng(seed)))
        if np.ptp(values) > 1e-12:
            return bca(values, point, aggregate(left_out(units)), confidence)
    return wilson(point * len(units), len(units), confidence)


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
    if groups is None and is_binary(counts, aggregate):
        low, high = wilson(float(counts[:, 0].sum()), len(counts))
    else:
        low, high = bootstrap(counts, aggregate, seed=seed, groups=groups)
    return Score(value, min(low, value), max(high, value), len(counts))


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
        weights = rng.multinomial(n, np.full(n, 1 / n), size=size)
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
    """Return the bias-corrected and accelerated interval of bootstrap values."""
    normal = NormalDist()
    below = float(np.mean(values < point) + 0.5 * np.mean(values == point))
    edge = 1 / (len(values) + 1)
    bias = normal.inv_cdf(min(max(below, edge), 1 - edge))
    apart = jackknife.mean() - jackknife
    spread = float((apart**2).sum()) ** 1.5
    acceleration = float((apart**3).sum()) / (6 * spread) if spread > 0 else 0.0
    bounds = []
    for z in (-normal_quantile(confidence), normal_quantile(confidence)):
        shifted = bias + z
        shrunk = 1 - acceleration * shifted
        place = bias + shifted / shrunk if shrunk > 0 else shifted
        bounds.append(float(np.quantile(values, normal.cdf(place))))
    return Interval(*bounds)


def normal_quantile(confidence: float) -> float:
    """Return how many standard deviations a two-sided interval reaches.

    >>> round(normal_quantile(0.95), 2)
    1.96
    """
    return NormalDist().inv_cdf(0.5 + confidence / 2)

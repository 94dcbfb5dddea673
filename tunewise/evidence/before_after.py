"""What changed between two measures of the same examples, one before, one after.

The difference is bootstrapped by example: both measures of one example are drawn
together, so that what makes an example hard falls out of the interval. The measure may
have any range, as a loss does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tunewise.evidence.aggregates import mean
from tunewise.evidence.intervals import RESAMPLES, Interval, bca, left_out, resampled

LEAST = 2  # examples; one alone says nothing of others


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Two means over the same examples, and after - before with its 95 % interval."""

    before: float
    after: float
    difference: float
    low: float
    high: float
    n: int

    @property
    def risen(self) -> bool:
        """Whether it is shown to be higher after."""
        return self.low > 0

    @property
    def fallen(self) -> bool:
        """Whether it is shown to be lower after."""
        return self.high < 0


def before_after(
    before: Sequence[float], after: Sequence[float], *, seed: int
) -> BeforeAfter:
    """Compare two measures of the same examples.

    Parameters
    ----------
    before, after : sequence of float, length n_examples
        The measures, in the same order; at least ``LEAST``.
    seed : of the bootstrap

    Raises
    ------
    ValueError
        If the lengths differ, or there are too few.

    Notes
    -----
    Where all examples differ by the same, above all by nothing, resamples do not
    vary, and the interval is that one number.

    Examples
    --------
    >>> before_after([2.0, 3.0], [2.0, 3.0], seed=0)
    BeforeAfter(before=2.5, after=2.5, difference=0.0, low=0.0, high=0.0, n=2)
    """
    if len(before) != len(after) or len(before) < LEAST:
        raise ValueError(f"{len(before)} measures before and {len(after)} after")
    apart = np.subtract(after, before, dtype=np.float64)
    difference = float(apart.mean())
    low, high = _interval(np.column_stack([apart, np.ones(len(apart))]), seed)
    return BeforeAfter(
        before=float(np.mean(before)),
        after=float(np.mean(after)),
        difference=difference,
        low=min(low, difference),
        high=max(high, difference),
        n=len(apart),
    )


def _interval(counts: np.ndarray, seed: int) -> Interval:
    """Return the BCa interval of a mean; counts are (difference, 1) by example."""
    point = float(counts[:, 0].mean())
    if np.ptp(counts[:, 0]) <= 1e-12:
        return Interval(point, point)
    drawn = resampled(counts, RESAMPLES, np.random.default_rng(seed))
    return bca(mean(drawn), point, mean(left_out(counts)), 0.95)

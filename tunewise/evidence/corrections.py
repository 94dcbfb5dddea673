"""How far forecasts were off, and what that says about the next one.

    log(actual / predicted) = bias + noise

The bias is what the forecast gets wrong each time (of this base model, on this
machine); the noise is what differs from run to run. Before anything is known the bias
is 1, give or take :data:`BIAS`; each run that ended tells more about it. This is the
normal mean with known variance of Gelman et al., Bayesian Data Analysis, 3rd edition,
section 2.5, on the logarithm.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tunewise.evidence.costs import Quantity

# Standard deviations of the logarithm, from nine runs: docs/training.md, "Before it
# starts".
BIAS = 0.35
NOISE = 0.15
WIDTH = 1.96  # standard deviations on each side: 95 % of a normal distribution


@dataclass(frozen=True, slots=True)
class Correction:
    """What a forecast is multiplied with: the likely factor and its 95 % bounds."""

    factor: float
    low: float
    high: float
    runs: int  # that it was learned from

    def applied(self, forecast: Quantity) -> Quantity:
        """Return the forecast as corrected; its own bounds are widened."""
        return Quantity(
            forecast.value * self.factor,
            forecast.low * self.low,
            forecast.high * self.high,
        )


def correction(former: Sequence[tuple[float, float]]) -> Correction:
    """Learn from former runs.

    Parameters
    ----------
    former : pairs of predicted and actual, both above zero and of one unit

    Raises
    ------
    ValueError
        If a number is not above zero.
    """
    if any(predicted <= 0 or actual <= 0 for predicted, actual in former):
        raise ValueError("predicted and actual must be above zero")
    logs = [math.log(actual / predicted) for predicted, actual in former]
    known = 1 / BIAS**2 + len(logs) / NOISE**2
    mean = sum(logs) / NOISE**2 / known
    spread = WIDTH * math.sqrt(1 / known + NOISE**2)
    return Correction(
        factor=math.exp(mean),
        low=math.exp(mean - spread),
        high=math.exp(mean + spread),
        runs=len(logs),
    )

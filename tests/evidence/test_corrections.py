import math

import numpy as np
import pytest

from tunewise.evidence.corrections import BIAS, NOISE, WIDTH, correction
from tunewise.evidence.costs import Quantity


def test_nothing_known_leaves_a_forecast_and_widens_it() -> None:
    found = correction([])

    assert found.factor == 1.0
    spread = WIDTH * math.hypot(BIAS, NOISE)
    assert found.low == pytest.approx(math.exp(-spread))
    assert found.high == pytest.approx(math.exp(spread))
    assert found.runs == 0


def test_one_run_by_hand() -> None:
    # precision of the prior 1 / 0.1225 = 8.163, of one run 1 / 0.0225 = 44.44
    found = correction([(100.0, 150.0)])

    weight = 44.4444 / (44.4444 + 8.1633)
    assert math.log(found.factor) == pytest.approx(weight * math.log(1.5), rel=1e-4)
    spread = 1.96 * math.sqrt(1 / (44.4444 + 8.1633) + 0.0225)
    assert math.log(found.high / found.factor) == pytest.approx(spread, rel=1e-4)


def test_many_runs_that_agree_leave_their_noise_and_no_more() -> None:
    found = correction([(10.0, 13.0)] * 1000)

    assert found.factor == pytest.approx(1.3, rel=1e-3)
    spread = math.log(found.high / found.factor)
    assert spread == pytest.approx(WIDTH * NOISE, rel=1e-2)


def test_each_run_narrows_the_bounds() -> None:
    widths = [
        math.log(c.high / c.low) for n in range(5) for c in [correction([(1, 1.2)] * n)]
    ]

    assert widths == sorted(widths, reverse=True)


def test_the_bounds_hold_95_of_100_runs_of_the_model_they_assume() -> None:
    random = np.random.default_rng(0)
    held = []
    for _ in range(2000):
        bias = random.normal(0, BIAS)
        seen = np.exp(bias + random.normal(0, NOISE, 4))
        found = correction([(1.0, float(x)) for x in seen[:3]])
        held.append(found.low <= seen[3] <= found.high)

    assert 0.935 < np.mean(held) < 0.965


def test_a_forecast_with_bounds_is_multiplied_at_its_ends() -> None:
    found = correction([(10.0, 20.0)])

    applied = found.applied(Quantity(10.0, 8.0, 16.0))

    assert applied.value == pytest.approx(10 * found.factor)
    assert applied.low == pytest.approx(8 * found.low)
    assert applied.high == pytest.approx(16 * found.high)


@pytest.mark.parametrize("pair", [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0)])
def test_a_time_of_nothing_is_refused(pair) -> None:
    with pytest.raises(ValueError, match="above zero"):
        correction([pair])

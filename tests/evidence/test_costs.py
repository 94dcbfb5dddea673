import pytest

from tunewise.evidence.costs import Quantity, time_cost
from tunewise.evidence.price_table import parse_prices

PRICES = parse_prices(
    """
    [meta]
    currency = "EUR"
    [[price]]
    id = "gpu"
    what = "gpu_hour"
    value = 3.6
    low = 1.8
    high = 7.2
    currency = "EUR"
    per = "hour"
    source = "test"
    as_of = 2026-11-01
    """
)


def test_a_machine_bills_its_seconds() -> None:
    found = time_cost(PRICES, machine="gpu", seconds=Quantity(500, 400, 1000))

    # 500 s of 3.60 an hour = .50; 400 s of 1.80 = .20; 1000 s of 7.20 = 2.00
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.2, 2.0))
    assert found.rests_on == ("0.1389 h at 3.6 EUR per hour (gpu, 2026-11-01; test)",)

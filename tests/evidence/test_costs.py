import pytest

from tunewise.evidence.costs import (
    Estimate,
    Quantity,
    break_even,
    endpoint_cost,
    hosting_cost,
    machine_cost,
    tuning_cost,
)
from tunewise.evidence.prices import parse_prices

ENTRY = """
[[price]]
id = "{}"
what = "x"
value = {}
low = {}
high = {}
currency = "EUR"
per = "{}"
source = "test"
as_of = 2026-11-01
"""
PRICES = parse_prices(
    '[meta]\ncurrency = "EUR"\n'
    + ENTRY.format("in", 0.4, 0.1, 0.4, "million tokens")
    + ENTRY.format("out", 1.6, 1.6, 1.6, "million tokens")
    + ENTRY.format("gpu", 3.6, 1.8, 7.2, "hour")
    + ENTRY.format("labour", 80.0, 50.0, 120.0, "hour")
    + ENTRY.format("server", 30.0, 10.0, 100.0, "month")
)


def money(value: float, low: float, high: float, per: str = "1000 requests"):
    return Estimate(value, low, high, "EUR", per, ())


def bounds(estimate: Estimate):
    return (estimate.value, estimate.low, estimate.high)


def test_an_endpoint_bills_tokens() -> None:
    found = endpoint_cost(
        PRICES, token_in="in", token_out="out", tokens_in=1500, tokens_out=100
    )

    # 1.5 M in at .40 (.10 to .40) and .1 M out at 1.60 = .60 + .16
    assert bounds(found) == pytest.approx((0.76, 0.31, 0.76))
    assert found.per == "1000 requests"
    assert found.rests_on[0].startswith("1.5 million tokens in at 0.4 EUR")


def test_a_machine_bills_the_seconds_of_requests() -> None:
    found = machine_cost(
        PRICES, machine="gpu", seconds_per_request=Quantity(0.5, 0.4, 1.0)
    )

    # 500 s of 3.60 an hour = .50; 400 s of 1.80 = .20; 1000 s of 7.20 = 2.00
    assert bounds(found) == pytest.approx((0.5, 0.2, 2.0))
    assert found.as_cost().currency == "EUR"


def test_hosting_is_shared_by_the_requests_of_a_month() -> None:
    found = hosting_cost(PRICES, hosting="server", requests_per_month=10_000)

    assert bounds(found) == pytest.approx((3.0, 1.0, 10.0))
    with pytest.raises(ValueError, match="no requests a month"):
        hosting_cost(PRICES, hosting="server", requests_per_month=0)


def test_tuning_costs_training_preparation_and_retraining() -> None:
    found = tuning_cost(
        PRICES,
        machine="gpu",
        labour="labour",
        training_hours=Quantity(2, 1, 4),
        preparation_hours=Quantity.exact(10),
        retrainings_per_year=4,
    )

    # once 2 * 3.6 + 10 * 80 = 807.2; a year 4 * 7.2 + 4 * .25 * 800 = 828.8
    assert bounds(found.once) == pytest.approx((807.2, 501.8, 1228.8))
    assert found.per_year.value == pytest.approx(828.8)
    assert "4 retrainings a year, each with 25% of the preparation" in (
        found.per_year.rests_on
    )


def test_break_even_is_the_cost_over_the_saving() -> None:
    found = break_even(money(100, 50, 200, "once"), money(3, 2, 4), money(1, 0.5, 1.5))

    # 100 / 2 = 50 thousand; best 50 / 3.5, worst 200 / .5
    assert found.requests == pytest.approx(50_000)
    assert found.low == pytest.approx(50 / 3.5 * 1000)
    assert found.high == pytest.approx(400_000)


def test_a_dearer_request_never_pays() -> None:
    found = break_even(money(100, 50, 200, "once"), money(1, 1, 1), money(2, 0.5, 3))

    assert found.requests is None
    assert found.high is None
    assert found.low == pytest.approx(100_000)  # 50 / .5, if everything goes well
    assert "never earned back" in found.because


def test_different_units_are_not_compared() -> None:
    with pytest.raises(ValueError, match="costs per"):
        break_even(money(1, 1, 1, "once"), money(1, 1, 1), money(1, 1, 1, "month"))

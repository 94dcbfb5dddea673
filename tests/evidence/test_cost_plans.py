import pytest

from tunewise.evidence.cost_plans import (
    Kind,
    Per,
    monthly,
    most_sensitive,
    once,
    three_years,
    unused,
)
from tunewise.evidence.costs import Quantity
from tunewise.evidence.prices import Contract

from .plans import part, plan, price

HUNDRED = Quantity.exact(100)


def ends(quantity: Quantity) -> tuple[float, float, float]:
    return (quantity.value, quantity.low, quantity.high)


def test_once_a_month_and_three_years_are_sums_of_their_parts() -> None:
    found = plan(
        "finetune",
        part(Per.ONCE, price("labour", 80, 50, 120), Quantity(10, 5, 20)),
        part(Per.MONTH, price("labour", 80, 50, 120), 2),
        part(Per.REQUEST, price("gpu", 3.6), 0.01),
    )

    assert ends(once(found)) == (800, 250, 2400)
    # 2 h and 100 requests of .01 h: 160 + 3.60 (at the ends 100 and 240 + 3.60)
    assert ends(monthly(found, HUNDRED)) == pytest.approx((163.6, 103.6, 243.6))
    # 800 + 36 * 163.60
    assert three_years(found, HUNDRED).value == pytest.approx(6689.6)


def test_a_month_costs_what_its_number_of_requests_does() -> None:
    found = plan("prompt", part(Per.REQUEST, price("token", 2, 1, 3), 5))

    assert ends(monthly(found, Quantity(10, 1, 100))) == (100, 5, 1500)


def test_a_machine_that_idles_is_paid_for_whole() -> None:
    hosted = part(Per.MONTH, price("server", 730), 1, capacity=Quantity.exact(1000))
    found = plan("finetune", hosted)

    assert monthly(found, Quantity.exact(1)).value == 730
    assert monthly(found, Quantity.exact(1000)).value == 730
    assert monthly(found, Quantity.exact(1001)).value == 1460


def test_tasks_that_share_a_machine_share_its_cost_and_its_capacity() -> None:
    hosted = part(
        Per.MONTH, price("server", 1000), 1, capacity=Quantity.exact(100), shared_by=25
    )

    # 25 tasks of 4 requests fill one machine; of 5 they need a second
    assert monthly(plan("a", hosted), Quantity.exact(4)).value == 40
    assert monthly(plan("a", hosted), Quantity.exact(5)).value == 80


def test_what_is_committed_is_paid_also_where_less_is_used() -> None:
    contract = Contract("c", ("in", "out"), 0.0, 500.0, "test", "2026-11-01")
    found = plan(
        "prompt",
        part(Per.REQUEST, price("in", 1), 2),
        part(Per.REQUEST, price("out", 1), 1),
        contracts=(contract,),
    )

    assert monthly(found, HUNDRED).value == 500  # of which 300 are used
    assert unused(found, HUNDRED).value == 200
    assert monthly(found, Quantity.exact(200)).value == 600


def test_the_prices_that_matter_are_varied_one_at_a_time() -> None:
    found = plan(
        "finetune",
        part(Per.ONCE, price("labour", 80, 50, 120), 10),
        part(Per.MONTH, price("gpu", 2, 1, 3), 10),
        part(Per.MONTH, price("power", 1, 0.9, 1.1), 10),
    )

    labour, gpu = sorted(most_sensitive(found, HUNDRED), key=lambda s: s.price.id)[::-1]

    # all at their value: 800 + 36 * 30 = 1880
    assert (labour.low, labour.high) == (1580, 2280)  # 500 and 1200 instead of 800
    assert (gpu.low, gpu.high) == (1520, 2240)  # 360 and 1080 instead of 720


def test_a_price_without_a_range_matters_to_nothing() -> None:
    assert most_sensitive(plan("a", part(Per.ONCE, price("x", 9), 1)), HUNDRED) == ()


def test_a_sum_that_somebody_stated_holds_for_one_volume() -> None:
    assert plan("today", part(Per.MONTH, price("x", 9), 1, kind=Kind.WHOLE)).whole
    assert not plan("prompt", part(Per.MONTH, price("x", 9), 1)).whole

from datetime import date
from pathlib import Path

import pytest

from tunewise.domain.errors import RuleFileError
from tunewise.evidence.price_table import parse_prices
from tunewise.evidence.prices import stale_warning

SHIPPED = Path(__file__).parents[2] / "rules" / "prices.toml"
META = '[meta]\ncurrency = "EUR"\n'
PRICE = """
[[price]]
id = "gpu"
what = "gpu_hour"
value = 2.0
low = 1.0
high = 4.0
currency = "USD"
per = "hour"
source = "a page"
as_of = 2026-01-31
"""
RATE = """
[[exchange]]
from = "USD"
to = "EUR"
value = 0.9
low = 0.8
high = 1.0
source = "the bank"
"""
CONTRACT = """
[[contract]]
id = "deal"
prices = ["gpu"]
discount = 0.15
committed_a_month = 500
source = "signed"
as_of = 2026-01-31
"""
ASSUMPTION = """
[[assumption]]
id = "hours"
value = 2
low = 1
high = 3
unit = "hours"
source = "a guess"
as_of = 2020-01-01
"""


def test_the_shipped_table_can_be_read_and_converted() -> None:
    prices = parse_prices(SHIPPED.read_text(encoding="utf-8"))

    assert all(prices.price(p).currency == prices.currency for p in prices.prices)


def test_a_price_is_converted_with_its_bounds() -> None:
    price = parse_prices(META + PRICE + RATE).price("gpu")

    assert (price.value, price.low, price.high) == pytest.approx((1.8, 0.8, 4.0))
    assert price.currency == "EUR"
    assert "USD at 0.9: the bank" in price.source


def test_prices_older_than_90_days_are_stale() -> None:
    prices = parse_prices(META + PRICE)

    assert prices.stale(date(2026, 5, 1)) == ()  # 90 days
    assert prices.stale(date(2026, 5, 2)) == ("gpu",)


def test_what_was_read_before_has_its_own_price_as_wide_as_the_other() -> None:
    price = parse_prices(META + PRICE + "cached = 0.5\n" + RATE).price("gpu")

    cached = price.when_cached()

    # a quarter of 1.8 (0.8 to 4.0)
    assert cached is not None
    assert (cached.value, cached.low, cached.high) == pytest.approx((0.45, 0.2, 1.0))
    assert (cached.id, cached.table_id) == ("gpu (cached)", "gpu")
    assert parse_prices(META + PRICE + RATE).price("gpu").when_cached() is None


def test_a_contract_takes_its_discount_off_its_prices_alone() -> None:
    other = PRICE.replace('"gpu"', '"cpu"')
    prices = parse_prices(META + PRICE + other + RATE + CONTRACT)

    assert prices.price("gpu").value == pytest.approx(1.8 * 0.85)
    assert "15% off: deal" in prices.price("gpu").source
    assert prices.price("cpu").value == pytest.approx(1.8)
    assert [c.committed_a_month for c in prices.contracts_of(["gpu", "cpu"])] == [500]
    assert prices.contracts_of(["cpu"]) == ()


def test_old_prices_are_told_with_the_rate_that_they_need() -> None:
    prices = parse_prices(META + PRICE + RATE + "as_of = 2026-01-01\n" + ASSUMPTION)
    day = date(2026, 6, 1)

    assert prices.stale(day) == ("gpu", "USD to EUR")
    assert prices.stale(day, of=[]) == ()
    assert stale_warning(prices, day).startswith(
        "Prices older than 90 days: gpu, USD to EUR, the oldest of 2026-01-31."
    )
    assert stale_warning(prices, date(2026, 2, 1)) == ""


def test_the_shipped_table_says_what_no_run_and_no_fact_does() -> None:
    prices = parse_prices(SHIPPED.read_text(encoding="utf-8"))

    assert prices.assumptions["retrainings-a-year"].value == 1
    assert all(a.source for a in prices.assumptions.values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[price", "this is not TOML"),
        (f"a = {'9' * 5000}", "this is not TOML"),
        (f"a = {'[' * 20_000}", "this is not TOML"),
        ("[meta]", "has no currency"),
        (META + "[[prices]]\nid = 'x'\n", "unknown table 'prices'"),
        (META + PRICE + "cost = 1\n", "price 1: unknown key 'cost'"),
        (META + PRICE.replace("1.0", "3.0"), "low 3, value 2, high 4"),
        (META + PRICE.replace("value = 2.0", 'value = "2"'), "value = '2'"),
        (META + PRICE.replace("2026-01-31", '"soon"'), "is no date"),
        (META + PRICE.replace('source = "a page"\n', ""), "source = None"),
        (META + PRICE + PRICE, "a second price is called 'gpu'"),
        (META + PRICE + RATE.replace('"EUR"', '"GBP"'), "to = 'GBP'"),
        (META + PRICE + "cached = 3.0\n", "between 0 and the price, 2"),
        (META + CONTRACT, "contract 1: there is no price 'gpu'"),
        (META + PRICE + CONTRACT.replace("0.15", "15"), "discount = 15"),
        (META + ASSUMPTION.replace("low = 1", "low = 4"), "low 4, value 2, high 3"),
    ],
)
def test_a_fault_says_where_it_is(text: str, said: str) -> None:
    with pytest.raises(RuleFileError) as caught:
        parse_prices(text, file="house/prices.toml")

    assert str(caught.value).startswith("house/prices.toml")
    assert said in str(caught.value)


def test_an_unknown_price_or_rate_is_told() -> None:
    prices = parse_prices(META + PRICE)

    with pytest.raises(RuleFileError, match="there is no price 'tpu'"):
        prices.price("tpu")
    with pytest.raises(RuleFileError, match="no exchange rate to EUR"):
        prices.price("gpu")

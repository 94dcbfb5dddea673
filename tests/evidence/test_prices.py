from datetime import date
from pathlib import Path

import pytest

from tunewise.domain.errors import RuleFileError
from tunewise.evidence.prices import parse_prices

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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[price", "this is not TOML"),
        ("[meta]", "has no currency"),
        (META + "[[prices]]\nid = 'x'\n", "unknown table 'prices'"),
        (META + PRICE + "cost = 1\n", "price 1: unknown key 'cost'"),
        (META + PRICE.replace("1.0", "3.0"), "low 3, value 2, high 4"),
        (META + PRICE.replace("value = 2.0", 'value = "2"'), "value = '2'"),
        (META + PRICE.replace("2026-01-31", '"soon"'), "is no date"),
        (META + PRICE.replace('source = "a page"\n', ""), "source = None"),
        (META + PRICE + PRICE, "a second price is called 'gpu'"),
        (META + PRICE + RATE.replace('"EUR"', '"GBP"'), "to = 'GBP'"),
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

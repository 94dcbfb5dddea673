"""The dated price table (``rules/prices.toml``): what things cost, between bounds.

[meta] currency       estimates are shown in it
[[exchange]]          from, to, value, low, high
[[price]]             id, what, value, low, high, currency, per, source, as_of
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tunewise.domain.errors import RuleFileError

STALE_DAYS = 90
_PRICE_TEXTS = ("id", "what", "currency", "per", "source")
_AMOUNTS = ("value", "low", "high")


@dataclass(frozen=True, slots=True)
class Price:
    """What one thing costs, where that is written and when it was true."""

    id: str
    what: str  # token_in, token_out, gpu_hour, cpu_hour, labour_hour, hosting_month, …
    value: float
    low: float
    high: float
    currency: str
    per: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """How much of the table's currency one unit of another buys."""

    value: float
    low: float
    high: float
    source: str


@dataclass(frozen=True, slots=True)
class Prices:
    """A price table in one currency."""

    currency: str
    prices: Mapping[str, Price]
    exchange: Mapping[str, Exchange]  # by the other currency

    def price(self, identity: str) -> Price:
        """Return a price in the table's currency.

        Raises
        ------
        RuleFileError
            If the table has no such price, or no exchange rate for it.
        """
        found = self.prices.get(identity)
        if found is None:
            known = ", ".join(sorted(self.prices))
            raise RuleFileError(
                f"prices: there is no price {identity!r}\n  The table has {known}."
            )
        if found.currency == self.currency:
            return found
        rate = self.exchange.get(found.currency)
        if rate is None:
            raise RuleFileError(
                f"prices: {identity} is in {found.currency}, and there is no exchange "
                f"rate to {self.currency}\n  Add an [[exchange]] to the price table."
            )
        return Price(
            id=found.id,
            what=found.what,
            value=found.value * rate.value,
            low=found.low * rate.low,
            high=found.high * rate.high,
            currency=self.currency,
            per=found.per,
            source=f"{found.source}; {found.currency} at {rate.value:g}: {rate.source}",
            as_of=found.as_of,
        )

    def stale(self, today: date) -> tuple[str, ...]:
        """Return the prices that are older than 90 days."""
        return tuple(
            p.id
            for p in self.prices.values()
            if (today - date.fromisoformat(p.as_of)).days > STALE_DAYS
        )


def parse_prices(text: str, *, file: str = "prices.toml") -> Prices:
    """Return the price table that a TOML text holds.

    Raises
    ------
    RuleFileError
        If the text is no TOML, or an entry lacks a key or has bounds out of order.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleFileError(f"{file}: this is not TOML ({error})") from None
    if unknown := sorted(table.keys() - {"meta", "price", "exchange"}):
        raise RuleFileError(
            f"{file}: unknown table {unknown[0]!r}\n"
            "  A price table has [meta], [[price]] and [[exchange]]."
        )
    meta = table.get("meta", {})
    currency = meta.get("currency")
    if not isinstance(currency, str):
        raise RuleFileError(
            f'{file}: [meta] has no currency\n  Add currency = "EUR", or another.'
        )
    prices: dict[str, Price] = {}
    for number, entry in enumerate(table.get("price", []), start=1):
        price = _price(entry, f"{file}: price {number}")
        if price.id in prices:
            raise RuleFileError(
                f"{file}: price {number}: a second price is called {price.id!r}\n"
                "  Give every price an id of its own."
            )
        prices[price.id] = price
    exchange = {}
    for number, entry in enumerate(table.get("exchange", []), start=1):
        where = f"{file}: exchange {number}"
        value, low, high = _amounts(entry, where)
        if entry.get("to") != currency:
            raise RuleFileError(
                f"{where}: to = {entry.get('to')!r}\n"
                f"  Estimates are shown in {currency} ([meta]); give the rate to that."
            )
        source = str(entry.get("source", ""))
        exchange[_text(entry, "from", where)] = Exchange(value, low, high, source)
    return Prices(currency, prices, exchange)


def _price(entry: Mapping[str, object], where: str) -> Price:
    known = {*_PRICE_TEXTS, *_AMOUNTS, "as_of"}
    if unknown := sorted(entry.keys() - known):
        raise RuleFileError(
            f"{where}: unknown key {unknown[0]!r}\n"
            f"  A price has the keys {', '.join(sorted(known))}."
        )
    identity, what, currency, per, source = (
        _text(entry, key, where) for key in _PRICE_TEXTS
    )
    value, low, high = _amounts(entry, where)
    as_of = entry.get("as_of")
    if not isinstance(as_of, date):
        raise RuleFileError(
            f"{where}: as_of = {as_of!r} is no date\n  Write it like 2026-03-31."
        )
    iso = as_of.isoformat()[:10]
    return Price(identity, what, value, low, high, currency, per, source, iso)


def _text(entry: Mapping[str, object], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise RuleFileError(f"{where}: {key} = {value!r}\n  Write it as text.")
    return value


def _amounts(entry: Mapping[str, object], where: str) -> tuple[float, ...]:
    amounts = []
    for key in _AMOUNTS:
        value = entry.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RuleFileError(f"{where}: {key} = {value!r}\n  Write a number.")
        amounts.append(float(value))
    value, low, high = amounts
    if not (0 <= low <= value <= high and math.isfinite(high)):
        raise RuleFileError(
            f"{where}: low {low:g}, value {value:g}, high {high:g}\n"
            "  They must be in that order, and none below 0."
        )
    return (value, low, high)

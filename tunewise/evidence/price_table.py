"""The dated price table (``rules/prices.toml``): TOML in, ``Prices`` out.

[meta] currency       estimates are shown in it
[[exchange]]          from, to, value, low, high, source, as_of
[[price]]             id, what, value, low, high, currency, per, source, as_of,
                      cached, cached_from
[[contract]]          id, prices, discount, committed_a_month, source, as_of
[[assumption]]        id, value, low, high, unit, source, as_of: hours, cadence, load
"""

import math
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from tunewise.domain.errors import RuleFileError
from tunewise.evidence.prices import Assumption, Contract, Exchange, Price, Prices

_Entry = TypeVar("_Entry", Assumption, Contract, Price)
_PRICE_TEXTS = ("id", "what", "currency", "per", "source")
_AMOUNTS = ("value", "low", "high")
_TABLES = ("meta", "exchange", "price", "contract", "assumption")


def parse_prices(text: str, *, file: str = "prices.toml") -> Prices:
    """Return the price table that a TOML text holds.

    Raises
    ------
    RuleFileError
        If the text is no TOML, or an entry lacks a key or has bounds out of order.
    """
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # not only TOMLDecodeError
        raise RuleFileError(f"{file}: this is not TOML ({error})") from None
    if unknown := sorted(table.keys() - set(_TABLES)):
        raise RuleFileError(
            f"{file}: unknown table {unknown[0]!r}\n"
            "  A price table has [meta], [[price]], [[exchange]], [[contract]] and "
            "[[assumption]]."
        )
    currency = table.get("meta", {}).get("currency")
    if not isinstance(currency, str):
        raise RuleFileError(
            f'{file}: [meta] has no currency\n  Add currency = "EUR", or another.'
        )
    prices = {p.id: p for p in _each(table, "price", file, _price)}
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
        as_of = _day(entry, where) if "as_of" in entry else ""
        exchange[_text(entry, "from", where)] = Exchange(
            value, low, high, source, as_of
        )
    contracts = _each(table, "contract", file, _contract)
    for number, contract in enumerate(contracts, start=1):
        for named in contract.prices:
            if named not in prices:
                raise RuleFileError(
                    f"{file}: contract {number}: there is no price {named!r}\n"
                    f"  The table has {', '.join(sorted(prices))}."
                )
    assumptions = {a.id: a for a in _each(table, "assumption", file, _assumption)}
    return Prices(currency, prices, exchange, tuple(contracts), assumptions)


def _each(
    table: Mapping[str, Any],
    kind: str,
    file: str,
    read: Callable[[Mapping[str, object], str], _Entry],
) -> list[_Entry]:
    """Read the entries of one table; ids must differ."""
    found: dict[str, _Entry] = {}
    for number, entry in enumerate(table.get(kind, []), start=1):
        where = f"{file}: {kind} {number}"
        one = read(entry, where)
        if one.id in found:
            raise RuleFileError(
                f"{where}: a second {kind} is called {one.id!r}\n"
                f"  Give every {kind} an id of its own."
            )
        found[one.id] = one
    return list(found.values())


def _price(entry: Mapping[str, object], where: str) -> Price:
    _refuse_unknown(
        entry,
        {*_PRICE_TEXTS, *_AMOUNTS, "as_of", "cached", "cached_from"},
        where,
        "price",
    )
    identity, what, currency, per, source = (
        _text(entry, key, where) for key in _PRICE_TEXTS
    )
    value, low, high = _amounts(entry, where)
    cached = _number(entry, "cached", where) if "cached" in entry else None
    if cached is not None and not 0 <= cached <= value:
        raise RuleFileError(
            f"{where}: cached = {cached:g}\n"
            f"  What was read before costs between 0 and the price, {value:g}."
        )
    return Price(
        *(identity, what, value, low, high, currency, per, source),
        as_of=_day(entry, where),
        cached=cached,
        cached_from=int(_number(entry, "cached_from", where))
        if "cached_from" in entry
        else 0,
    )


def _contract(entry: Mapping[str, object], where: str) -> Contract:
    keys = ("id", "prices", "discount", "committed_a_month", "source", "as_of")
    _refuse_unknown(entry, set(keys), where, "contract")
    named = entry.get("prices")
    if not isinstance(named, list) or not named:
        raise RuleFileError(
            f"{where}: prices = {named!r}\n  List the ids of the prices it is about."
        )
    discount = _number(entry, "discount", where) if "discount" in entry else 0.0
    least = (
        _number(entry, "committed_a_month", where)
        if "committed_a_month" in entry
        else 0.0
    )
    if not 0 <= discount < 1 or least < 0:
        raise RuleFileError(
            f"{where}: discount = {discount:g}, committed_a_month = {least:g}\n"
            "  A discount is a share from 0 to below 1; a commitment is not below 0."
        )
    return Contract(
        id=_text(entry, "id", where),
        prices=tuple(map(str, named)),
        discount=discount,
        committed_a_month=least,
        source=_text(entry, "source", where),
        as_of=_day(entry, where),
    )


def _assumption(entry: Mapping[str, object], where: str) -> Assumption:
    _refuse_unknown(
        entry, {"id", "unit", "source", *_AMOUNTS, "as_of"}, where, "assumption"
    )
    value, low, high = _amounts(entry, where)
    identity, unit, source = (_text(entry, k, where) for k in ("id", "unit", "source"))
    return Assumption(identity, value, low, high, unit, source, _day(entry, where))


def _refuse_unknown(
    entry: Mapping[str, object], known: set[str], where: str, kind: str
) -> None:
    if unknown := sorted(entry.keys() - known):
        raise RuleFileError(
            f"{where}: unknown key {unknown[0]!r}\n"
            f"  A {kind} has the keys {', '.join(sorted(known))}."
        )


def _day(entry: Mapping[str, object], where: str) -> str:
    as_of = entry.get("as_of")
    if not isinstance(as_of, date):
        raise RuleFileError(
            f"{where}: as_of = {as_of!r} is no date\n  Write it like 2026-03-31."
        )
    return as_of.isoformat()[:10]


def _text(entry: Mapping[str, object], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise RuleFileError(f"{where}: {key} = {value!r}\n  Write it as text.")
    return value


def _number(entry: Mapping[str, object], key: str, where: str) -> float:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RuleFileError(f"{where}: {key} = {value!r}\n  Write a number.")
    return float(value)


def _amounts(entry: Mapping[str, object], where: str) -> tuple[float, ...]:
    value, low, high = (_number(entry, key, where) for key in _AMOUNTS)
    if not (0 <= low <= value <= high and math.isfinite(high)):
        raise RuleFileError(
            f"{where}: low {low:g}, value {value:g}, high {high:g}\n"
            "  They must be in that order, and none below 0."
        )
    return (value, low, high)

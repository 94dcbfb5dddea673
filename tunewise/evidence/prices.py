"""What the price table holds, as values: prices, rates, contracts, assumptions.

``price_table`` reads them from ``rules/prices.toml`` or a house's own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from tunewise.domain.errors import RuleFileError

STALE_DAYS = 90


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
    cached: float | None = None  # of a token that the provider has read before
    cached_from: int = 0  # tokens that a prompt must have for that
    form_of: str = ""  # id of the price that this is another form of

    @property
    def dated(self) -> str:
        """Its id and day, and what it rests on."""
        return f"{self.id}, {self.as_of}; {self.source}"

    @property
    def table_id(self) -> str:
        """The id that the price table has."""
        return self.form_of or self.id

    def when_cached(self) -> "Price | None":
        """Return the price of what the provider has read before, None without one.

        Its bounds are as wide, in proportion, as those of the price.
        """
        if self.cached is None or not self.value:
            return None
        form = replace(self, id=f"{self.id} (cached)", form_of=self.id, cached=None)
        share = self.cached / self.value
        return _times(form, share, share, share)


@dataclass(frozen=True, slots=True)
class Exchange:
    """How much of the table's currency one unit of another buys."""

    value: float
    low: float
    high: float
    source: str
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """What was agreed for some prices: less than the list, and a monthly minimum."""

    id: str
    prices: tuple[str, ...]
    discount: float  # share of the list price
    committed_a_month: float  # paid also where less is used; in the table's currency
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """An amount that nobody measured here: hours, how often, how busy."""

    id: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Prices:
    """A price table in one currency."""

    currency: str
    prices: Mapping[str, Price]
    exchange: Mapping[str, Exchange]  # by the other currency
    contracts: tuple[Contract, ...] = ()
    assumptions: Mapping[str, Assumption] = field(default_factory=dict)

    def price(self, identity: str) -> Price:
        """Return a price in the table's currency, as the contracts have it.

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
        for contract in self.contracts_of([identity]):
            if contract.discount:
                source = f"{found.source}; {contract.discount:.0%} off: {contract.id}"
                left = 1 - contract.discount
                found = _times(replace(found, source=source), left, left, left)
        if found.currency == self.currency:
            return found
        rate = self.exchange.get(found.currency)
        if rate is None:
            raise RuleFileError(
                f"prices: {identity} is in {found.currency}, and there is no exchange "
                f"rate to {self.currency}\n  Add an [[exchange]] to the price table."
            )
        source = f"{found.source}; {found.currency} at {rate.value:g}: {rate.source}"
        converted = replace(found, currency=self.currency, source=source)
        return _times(converted, rate.value, rate.low, rate.high)

    def contracts_of(self, identities: Iterable[str]) -> tuple[Contract, ...]:
        """Return the contracts that hold for any of these prices."""
        named = set(identities)
        return tuple(c for c in self.contracts if named & set(c.prices))

    def stale(self, today: date, *, of: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return the prices that are older than 90 days, and the rates they need.

        ``of`` names the prices that matter; without it all do.
        """
        looked_at = [self.prices[i] for i in (self.prices if of is None else of)]
        needed = {p.currency for p in looked_at} & self.exchange.keys()
        dated = [(p.id, p.as_of) for p in looked_at]
        dated += [
            (f"{c} to {self.currency}", self.exchange[c].as_of) for c in sorted(needed)
        ]
        return tuple(id for id, as_of in dated if _days(as_of, today) > STALE_DAYS)


def stale_warning(
    prices: Prices, today: date, *, of: Iterable[str] | None = None
) -> str:
    """Return a sentence on the prices that are older than 90 days, "" without any."""
    old = prices.stale(today, of=of)
    if not old:
        return ""
    dates = [prices.prices[id].as_of for id in old if id in prices.prices]
    oldest = f", the oldest of {min(dates)}" if dates else ""
    return (
        f"Prices older than {STALE_DAYS} days: {', '.join(old)}{oldest}. "
        "Look them up again and put them into house/prices.toml."
    )


def _times(price: Price, value: float, low: float, high: float) -> Price:
    return replace(
        price,
        value=price.value * value,
        low=price.low * low,
        high=price.high * high,
        cached=None if price.cached is None else price.cached * value,
    )


def _days(as_of: str, today: date) -> int:
    return (today - date.fromisoformat(as_of)).days if as_of else 0

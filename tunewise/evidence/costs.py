"""What an option costs: per request, once, per year, and from when tuning pays.

Every estimate has bounds and says which prices and quantities it rests on. Bounds are
those of the prices and quantities taken at their ends together: the widest that they
allow, not a 95 % interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tunewise.domain.experiment import Cost
from tunewise.evidence.prices import Price, Prices

SECONDS_PER_HOUR = 3_600
_UNITS = {"million tokens": 1e6, "1000 tokens": 1e3, "token": 1.0}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that is only known between bounds."""

    value: float
    low: float
    high: float

    @staticmethod
    def exact(value: float) -> "Quantity":
        """Return a number that is known."""
        return Quantity(value, value, value)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Money between bounds, and what it rests on."""

    value: float
    low: float
    high: float
    currency: str
    per: str  # "1000 requests", "once", "year", "month"
    rests_on: tuple[str, ...]

    def as_cost(self) -> Cost:
        """Return the estimate as the experiment's report holds it."""
        return Cost(self.value, self.low, self.high, self.currency, self.per)


@dataclass(frozen=True, slots=True)
class TuningCost:
    """What tuning costs before the first request, and in every year after."""

    once: Estimate
    per_year: Estimate


@dataclass(frozen=True, slots=True)
class BreakEven:
    """From how many requests the one-off cost is earned back; None: never.

    ``low`` is the number under the most favourable prices; ``high`` is None where
    unfavourable ones never earn it back.
    """

    requests: float | None
    low: float | None
    high: float | None
    because: str


def endpoint_cost(
    prices: Prices,
    *,
    token_in: str,
    token_out: str,
    tokens_in: float,
    tokens_out: float,
    requests: int = 1000,
) -> Estimate:
    """Return the cost of requests to an endpoint that bills tokens.

    Parameters
    ----------
    token_in, token_out : str
        Ids of prices per tokens.
    tokens_in, tokens_out : float
        Tokens of one request and of its answer, on average.
    """
    parts = [
        _tokens(prices.price(token_in), tokens_in * requests, "in"),
        _tokens(prices.price(token_out), tokens_out * requests, "out"),
    ]
    return total(parts, per=_requests(requests))


def machine_cost(
    prices: Prices, *, machine: str, seconds_per_request: Quantity, requests: int = 1000
) -> Estimate:
    """Return the cost of requests to a machine that is paid by the hour.

    Only the seconds that requests take are counted: a machine that idles costs
    ``hosting_cost`` instead.
    """
    hours = scaled(seconds_per_request, requests / SECONDS_PER_HOUR)
    return _priced(prices.price(machine), hours, "h", per=_requests(requests))


def time_cost(prices: Prices, *, machine: str, seconds: Quantity) -> Estimate:
    """Return the cost of so many seconds of a machine that is paid by the hour."""
    hours = scaled(seconds, 1 / SECONDS_PER_HOUR)
    return _priced(prices.price(machine), hours, "h", per="once")


def hosting_cost(
    prices: Prices, *, hosting: str, requests_per_month: float
) -> Estimate:
    """Return the cost of 1000 requests to a machine that is paid by the month.

    Raises
    ------
    ValueError
        If there are no requests: the cost of one is then not defined.
    """
    if requests_per_month <= 0:
        raise ValueError("no requests a month, no cost per request")
    months = Quantity.exact(1000 / requests_per_month)
    return _priced(prices.price(hosting), months, "months", per=_requests(1000))


def tuning_cost(
    prices: Prices,
    *,
    machine: str,
    labour: str,
    training_hours: Quantity,
    preparation_hours: Quantity,
    retrainings_per_year: float = 0.0,
    preparation_again: float = 0.25,
) -> TuningCost:
    """Return what tuning costs once and per year.

    Parameters
    ----------
    training_hours : Quantity
        Machine hours of every run that it takes, setups tried and failures included.
    preparation_hours : Quantity
        Working hours for the examples.
    preparation_again : float
        Share of the preparation that each retraining takes; a quarter is an
        assumption: new and changed examples, not all of them.
    """
    training = _priced(prices.price(machine), training_hours, "h training", per="once")
    preparing = _priced(
        prices.price(labour), preparation_hours, "h preparation", per="once"
    )
    again = [
        _times(training, retrainings_per_year),
        _times(preparing, retrainings_per_year * preparation_again),
    ]
    yearly = total(again, per="year")
    note = (
        f"{retrainings_per_year:g} retrainings a year, each with "
        f"{preparation_again:.0%} of the preparation"
    )
    return TuningCost(
        once=total([training, preparing], per="once"),
        per_year=replace(yearly, rests_on=(*yearly.rests_on, note)),
    )


def break_even(once: Estimate, before: Estimate, after: Estimate) -> BreakEven:
    """Return from how many requests on a cheaper request has paid the one-off cost.

    N = once / (before - after), each per request; ``before`` and ``after`` are costs
    of 1000 requests.

    Raises
    ------
    ValueError
        If the currencies or units differ.
    """
    if len({once.currency, before.currency, after.currency}) > 1:
        raise ValueError("costs in different currencies")
    if before.per != after.per or before.per != _requests(1000):
        raise ValueError(f"costs per {before.per} and per {after.per}")
    saved = before.value - after.value
    requests = _earned_back(once.value, saved)
    most = _earned_back(once.high, before.low - after.high)
    least = _earned_back(once.low, before.high - after.low)
    money = f"{once.value:,.2f} {once.currency}"
    if requests is None:
        because = (
            f"a request costs {-saved:,.4f} {once.currency} per 1000 more than before: "
            f"{money} are never earned back"
        )
    else:
        because = (
            f"{money} at {saved:,.4f} {once.currency} saved per 1000 requests are "
            f"earned back after {requests:,.0f} requests"
        )
    return BreakEven(requests, least, most, because)


def total(parts: Sequence[Estimate], *, per: str) -> Estimate:
    """Return the sum of estimates of one currency."""
    if len({p.currency for p in parts}) != 1:
        raise ValueError("costs in different currencies, or none")
    return Estimate(
        value=sum(p.value for p in parts),
        low=sum(p.low for p in parts),
        high=sum(p.high for p in parts),
        currency=parts[0].currency,
        per=per,
        rests_on=tuple(dict.fromkeys(r for p in parts for r in p.rests_on)),
    )


def scaled(quantity: Quantity, factor: float) -> Quantity:
    """Return the quantity times a number."""
    return Quantity(
        quantity.value * factor, quantity.low * factor, quantity.high * factor
    )


def _tokens(price: Price, tokens: float, what: str) -> Estimate:
    unit = _UNITS.get(price.per)
    if unit is None:
        raise ValueError(f"{price.id}: a price per {price.per}, not per tokens")
    return _priced(price, Quantity.exact(tokens / unit), f"{price.per} {what}", per="")


def _priced(price: Price, amount: Quantity, unit: str, *, per: str) -> Estimate:
    return Estimate(
        value=price.value * amount.value,
        low=price.low * amount.low,
        high=price.high * amount.high,
        currency=price.currency,
        per=per,
        rests_on=(
            f"{amount.value:,.4g} {unit} at {price.value:,.4g} {price.currency} per "
            f"{price.per} ({price.id}, {price.as_of}; {price.source})",
        ),
    )


def _times(estimate: Estimate, factor: float) -> Estimate:
    return replace(
        estimate,
        value=estimate.value * factor,
        low=estimate.low * factor,
        high=estimate.high * factor,
    )


def _earned_back(once: float, saved_per_1000: float) -> float | None:
    if saved_per_1000 <= 0:
        return 0.0 if once == 0 and saved_per_1000 == 0 else None
    return once / saved_per_1000 * 1000


def _requests(number: int) -> str:
    return f"{number} requests"

"""Amounts and money between bounds, and what so many seconds of a machine cost.

``cost_plans`` puts together what an option costs.
"""

from dataclasses import dataclass

from tunewise.evidence.prices import Price, Prices

SECONDS_PER_HOUR = 3_600


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
    """Money between bounds, and what it rests on.

    The bounds are those of the price and the amount taken together.
    """

    value: float
    low: float
    high: float
    currency: str
    per: str
    rests_on: tuple[str, ...]


def time_cost(prices: Prices, *, machine: str, seconds: Quantity) -> Estimate:
    """Return the cost of so many seconds of a machine that is paid by the hour."""
    price = prices.price(machine)
    hours = scaled(seconds, 1 / SECONDS_PER_HOUR)
    return Estimate(
        value=price.value * hours.value,
        low=price.low * hours.low,
        high=price.high * hours.high,
        currency=price.currency,
        per="once",
        rests_on=(said(price, hours.value, "h"),),
    )


def said(price: Price, amount: float, what: str) -> str:
    """Return an amount and its price as a person reads them."""
    return (
        f"{amount:,.4g} {what} at {price.value:,.4g} {price.currency} per {price.per} "
        f"({price.dated})"
    )


def scaled(quantity: Quantity, factor: float) -> Quantity:
    """Return the quantity times a number."""
    return Quantity(
        quantity.value * factor, quantity.low * factor, quantity.high * factor
    )

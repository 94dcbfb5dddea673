"""What an option costs once, a month and over three years.

    Part ........ so much of one priced thing, once, a month or a request
    CostPlan .... the parts of one option, or of what is in use today
    plan + requests a month -> money between bounds

The guide's four costs are the kinds of a part. Bounds are the ends of prices and
amounts taken together: the widest that they allow, not a 95 % interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Literal

from tunewise.evidence.costs import Quantity
from tunewise.evidence.prices import Contract, Price

MONTHS = 36  # three years
HOURS_A_MONTH = 730  # 365 * 24 / 12
End = Literal["value", "low", "high"]
_ENDS: tuple[End, ...] = ("value", "low", "high")


class Kind(StrEnum):
    """The guide's four costs, and a sum that somebody stated as a whole."""

    TRAINING = "training"  # set-ups tried and runs that failed included
    PREPARATION = "preparation"
    INFERENCE = "inference"
    MAINTENANCE = "maintenance"
    WHOLE = "whole"


class Per(StrEnum):
    """When an amount is spent."""

    ONCE = "once"
    MONTH = "month"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Part:
    """So much of one priced thing.

    ``amount`` counts in the unit of the price: hours, months, million tokens. Its
    ``low`` is what is used where all goes well, which may be more of a cheaper thing
    (cached tokens).
    """

    kind: Kind
    per: Per
    price: Price  # in the table's currency
    amount: Quantity
    what: str  # said behind the amount
    capacity: Quantity | None = None  # requests a month that one unit can answer
    shared_by: int = 1  # tasks that share the units

    def units(self, requests: float, end: End) -> float:
        """Return what is used: once, or in a month with so many requests.

        A machine that is always on is paid for whole, and a second one is needed
        where the requests of all that share it exceed its capacity.
        """
        amount = float(getattr(self.amount, end))
        if self.per is Per.REQUEST:
            return amount * requests
        if self.capacity is None:
            return amount / self.shared_by
        most = float(getattr(self.capacity, end))
        machines = max(1, ceil(requests * self.shared_by / most))
        return amount * machines / self.shared_by


@dataclass(frozen=True, slots=True)
class CostPlan:
    """All that an option costs; ``missing`` names what could not be priced."""

    option: str  # or "today"
    currency: str
    parts: tuple[Part, ...]
    contracts: tuple[Contract, ...] = ()
    assumed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether its monthly cost was stated as a sum, for one volume."""
        return any(part.kind is Kind.WHOLE for part in self.parts)


@dataclass(frozen=True, slots=True)
class Swing:
    """What three years cost at both ends of one price, all others at their value."""

    price: Price
    low: float
    high: float


def once(plan: CostPlan) -> Quantity:
    """Return what is paid before the first request."""
    return Quantity(*(spent(plan, Per.ONCE, 0, e, _prices(plan, e)) for e in _ENDS))


def monthly(plan: CostPlan, requests: Quantity) -> Quantity:
    """Return what a month with so many requests costs."""
    return Quantity(
        *(
            spent(plan, Per.MONTH, getattr(requests, e), e, _prices(plan, e))
            for e in _ENDS
        )
    )


def three_years(plan: CostPlan, requests: Quantity) -> Quantity:
    """Return what is paid once and in 36 months; nothing is discounted."""
    first, month = once(plan), monthly(plan, requests)
    return Quantity(*(getattr(first, e) + MONTHS * getattr(month, e) for e in _ENDS))


def unused(plan: CostPlan, requests: Quantity) -> Quantity:
    """Return what a month's committed capacity costs beyond what is used of it."""
    return Quantity(
        *(_unused(plan, getattr(requests, e), e, _prices(plan, e)) for e in _ENDS)
    )


def most_sensitive(
    plan: CostPlan, requests: Quantity, *, n: int = 2
) -> tuple[Swing, ...]:
    """Return the prices that move the cost of three years most, one at a time."""
    prices = {part.price.id: part.price for part in plan.parts}
    swings = [
        Swing(
            price,
            *(
                total(plan, requests.value, "value", {id: getattr(price, end)})
                for end in ("low", "high")
            ),
        )
        for id, price in prices.items()
    ]
    swings.sort(key=lambda s: s.low - s.high)
    return tuple(s for s in swings[:n] if s.high > s.low)


def total(plan: CostPlan, requests: float, end: End, at: Mapping[str, float]) -> float:
    """Return what three years cost, with amounts at one end; see :func:`spent`."""
    return spent(plan, Per.ONCE, requests, end, at) + MONTHS * spent(
        plan, Per.MONTH, requests, end, at
    )


def spent(
    plan: CostPlan, per: Per, requests: float, end: End, at: Mapping[str, float]
) -> float:
    """Return what is spent once, or in a month with so many requests.

    ``at`` holds, by id, the prices that are not at their value.
    """
    parts = [p for p in plan.parts if (p.per is Per.ONCE) is (per is Per.ONCE)]
    used = sum(
        p.units(requests, end) * at.get(p.price.id, p.price.value) for p in parts
    )
    return used + (0.0 if per is Per.ONCE else _unused(plan, requests, end, at))


def _unused(
    plan: CostPlan, requests: float, end: End, at: Mapping[str, float]
) -> float:
    left = 0.0
    for contract in plan.contracts:
        used = sum(
            p.units(requests, end) * at.get(p.price.id, p.price.value)
            for p in plan.parts
            if p.per is not Per.ONCE and p.price.table_id in contract.prices
        )
        left += max(0.0, contract.committed_a_month - used)
    return left


def _prices(plan: CostPlan, end: End) -> dict[str, float]:
    return {p.price.id: getattr(p.price, end) for p in plan.parts}

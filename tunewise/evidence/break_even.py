"""From when an option that is dearer at first has earned that back.

    two plans + requests a month -> months, requests, and the volume that pays

A price that both plans rest on is the same in both, also where bounds are taken.
"""

from dataclasses import dataclass, replace

from tunewise.evidence.cost_plans import CostPlan, End, Per, monthly, once, spent, total
from tunewise.evidence.costs import Quantity

_MOST_REQUESTS = 10**9  # a month; what does not pay by then never does
_DIGITS = 200  # bisections: a float has no more to give


@dataclass(frozen=True, slots=True)
class BreakEven:
    """From when ``option``, dearer at first, has earned that back; None: never.

    ``low`` is under the most favourable prices and amounts, ``high`` under the least.
    """

    option: str
    against: str
    once: float  # more than the other, at the middle of all ranges
    saved: float  # a month; below 0 where it costs more
    months: float | None
    low: float | None
    high: float | None
    requests: float | None  # in so many months
    from_volume: float | None  # requests a month that pay within three years


def break_even(one: CostPlan, other: CostPlan, requests: Quantity) -> BreakEven:
    """Return from when the option that is dearer at first has earned that back.

    months = (once_a - once_b) / (monthly_b - monthly_a), where a is the one with the
    higher one-off cost (research/decision-criteria 3d); never where nothing is saved.

    Raises
    ------
    ValueError
        If the currencies differ.
    """
    if one.currency != other.currency:
        raise ValueError(f"costs in {one.currency} and in {other.currency}")
    first = (once(one).value, -monthly(one, requests).value)
    second = (once(other).value, -monthly(other, requests).value)
    dearer, cheaper = (one, other) if first >= second else (other, one)
    a, b = _differing(dearer, cheaper), _differing(cheaper, dearer)
    middle = _case(a, b, requests.value, favour=0)
    volumes = {requests.low, requests.value, requests.high}
    best = [_case(a, b, v, favour=1).months for v in volumes]
    worst = [_case(a, b, v, favour=-1).months for v in volumes]
    months = middle.months
    return BreakEven(
        option=a.option,
        against=b.option,
        once=middle.once,
        saved=middle.saved,
        months=months,
        low=min((m for m in best if m is not None), default=None),
        high=max((m for m in worst if m is not None), default=None)
        if None not in worst
        else None,
        requests=None if months is None else months * requests.value,
        from_volume=None if a.whole or b.whole else _from_volume(a, b),
    )


def _differing(plan: CostPlan, other: CostPlan) -> CostPlan:
    """Return the plan without what the other pays as well: it is no difference.

    What stands under a contract stays: its minimum is one for all.
    """
    under = {id for contract in plan.contracts for id in contract.prices}
    parts = tuple(
        p for p in plan.parts if p not in other.parts or p.price.table_id in under
    )
    return replace(plan, parts=parts)


@dataclass(frozen=True, slots=True)
class _Case:
    once: float
    saved: float

    @property
    def months(self) -> float | None:
        if self.saved <= 0:
            return 0.0 if self.once <= 0 and self.saved == 0 else None
        return max(0.0, self.once / self.saved)


def _case(a: CostPlan, b: CostPlan, requests: float, *, favour: int) -> _Case:
    """Return what a costs more once and saves a month; ``favour`` 1: the best for a."""
    end_a, end_b = _ends(favour)
    at: dict[str, float] = {}
    shared = {p.price.id: p.price for plan in (a, b) for p in plan.parts}
    for id, price in shared.items() if favour else ():
        gains = {
            bound: favour
            * (
                total(b, requests, end_b, {id: bound})
                - total(a, requests, end_a, {id: bound})
            )
            for bound in (price.low, price.high)
        }
        at[id] = max(gains, key=lambda bound: gains[bound])
    paid = {
        (plan.option, per): spent(plan, per, requests, end, at)
        for plan, end in ((a, end_a), (b, end_b))
        for per in (Per.ONCE, Per.MONTH)
    }
    return _Case(
        once=paid[a.option, Per.ONCE] - paid[b.option, Per.ONCE],
        saved=paid[b.option, Per.MONTH] - paid[a.option, Per.MONTH],
    )


def _ends(favour: int) -> tuple[End, End]:
    if not favour:
        return "value", "value"
    return ("low", "high") if favour > 0 else ("high", "low")


def _from_volume(a: CostPlan, b: CostPlan) -> float | None:
    """Return the requests a month from which a costs no more than b in three years."""

    def pays(requests: float) -> bool:
        return total(a, requests, "value", {}) <= total(b, requests, "value", {})

    low, high = 0.0, 1.0
    if pays(low):
        return 0.0
    while not pays(high):
        low, high = high, high * 2
        if high > _MOST_REQUESTS:
            return None
    for _ in range(_DIGITS):
        middle = (low + high) / 2
        low, high = (low, middle) if pays(middle) else (middle, high)
        if high - low <= max(0.5, 1e-6 * high):
            break
    return high

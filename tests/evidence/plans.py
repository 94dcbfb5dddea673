"""Cost plans by hand: prices and parts in a line each."""

from tunewise.evidence.cost_plans import CostPlan, Kind, Part, Per
from tunewise.evidence.costs import Quantity
from tunewise.evidence.prices import Contract, Price


def price(
    id: str, value: float, low: float | None = None, high: float | None = None
) -> Price:
    ends = (value if low is None else low, value if high is None else high)
    return Price(id, "x", value, *ends, "EUR", "unit", "test", "2026-11-01")


def part(
    per: Per,
    cost: Price,
    amount: float | Quantity,
    *,
    kind: Kind = Kind.INFERENCE,
    capacity: Quantity | None = None,
    shared_by: int = 1,
) -> Part:
    so_much = amount if isinstance(amount, Quantity) else Quantity.exact(amount)
    return Part(kind, per, cost, so_much, "units", capacity, shared_by)


def plan(option: str, *parts: Part, contracts: tuple[Contract, ...] = ()) -> CostPlan:
    return CostPlan(option, "EUR", parts, contracts)

"""Amounts that no run measured: stated in the facts, or the price table's assumptions.

What neither says is not counted, and the notes of a plan say so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tunewise.domain.dataset import Split
from tunewise.domain.facts import FactSheet
from tunewise.evidence.costs import Quantity, scaled
from tunewise.evidence.prices import Prices
from tunewise.workflow.costs.prices import Chosen

DAYS_A_MONTH = 365 / 12


@dataclass(frozen=True, slots=True)
class Basis:
    """What all plans of an experiment rest on, beside what its runs took."""

    prices: Prices
    chosen: Chosen
    sheet: FactSheet
    examples: Mapping[Split, int]


@dataclass
class Notes:
    """What was assumed, and what could not be priced, while a plan is made."""

    assumed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def requests_a_month(basis: Basis) -> tuple[Quantity, bool]:
    """Return how many requests a month brings, and whether somebody stated it."""
    daily = stated(basis.sheet, "request_volume_per_day")
    if daily is not None:
        return scaled(daily, DAYS_A_MONTH), True
    return assumed(basis.prices, "requests-a-month", Notes()), False


def example_hours(basis: Basis, splits: Sequence[Split], notes: Notes) -> Quantity:
    """Return the hours that the examples of some splits take."""
    number = sum(basis.examples[split] for split in splits)
    hours = stated(basis.sheet, "data_preparation_hours")
    if hours is not None:  # for all of them
        return scaled(hours, number / max(1, sum(basis.examples.values())))
    return scaled(assumed(basis.prices, "minutes-an-example", notes), number / 60)


def assumed(prices: Prices, id: str, notes: Notes) -> Quantity:
    """Return an assumption of the table; 0 and a note where it has none."""
    found = prices.assumptions.get(id)
    if found is None:
        said = f"{id}: the price table has no such [[assumption]]"
        if said not in notes.missing:
            notes.missing.append(said)
        return Quantity.exact(0)
    said = f"{found.value:g} {found.unit} ({found.low:g} to {found.high:g}; {id})"
    if said not in notes.assumed:
        notes.assumed.append(said)
    return Quantity(found.value, found.low, found.high)


def stated(sheet: FactSheet, name: str) -> Quantity | None:
    """Return a number of the fact sheet between its bounds, None where unknown."""
    fact = sheet.get(name)
    low, high = (fact.lower, fact.upper) if fact else (None, None)
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    value = fact.value if fact else None
    middle = value if isinstance(value, int | float) else (low + high) / 2
    return Quantity(float(middle), float(low), float(high))


def times(one: Quantity, other: Quantity) -> Quantity:
    """Return the product, end by end."""
    return Quantity(one.value * other.value, one.low * other.low, one.high * other.high)

"""The best lookup without a model, as the facts of an experiment tell of it.

    best_lookup, lookup_score     which lookup, and what it scores
    options_beside_lookup         what paired comparisons with it show
    lookup_needs_examples         about how many examples would settle it, where open

Like a score, it counts only where it was measured: without that it is unknown, and
nothing is held against an option.
"""

from dataclasses import dataclass
from enum import StrEnum

from tunewise.domain.facts import FactSheet
from tunewise.engine.arms import bounds

BEST, SCORE = "best_lookup", "lookup_score"
BESIDE, NEEDED = "options_beside_lookup", "lookup_needs_examples"
LOOKUP_FACTS = (BEST, SCORE, BESIDE, NEEDED)

LOOKUPS = {
    "majority": "the most frequent answer",
    "nearest_example": "the answer of the nearest training example",
}


class Beside(StrEnum):
    """How the options that may be used stand beside the best lookup."""

    NOT_BETTER = "not_better"  # each is worse, or the same within the margin
    OPEN = "open"  # more examples would tell
    BETTER = "better"  # at least one is shown to beat it


@dataclass(frozen=True, slots=True)
class Lookup:
    """The best lookup: its score in [0, 1] with its interval, and what beats it."""

    name: str
    value: float
    low: float
    high: float
    beside: Beside
    needs_n: int | None  # held-out examples in all

    def __str__(self) -> str:
        return f"{self.name} ({self.value:.3f}, {self.low:.3f} to {self.high:.3f})"


def lookup_of(sheet: FactSheet) -> Lookup | None:
    """Return the best lookup, None where it was not measured beside the options."""
    score, beside = sheet.get(SCORE), sheet.get(BESIDE)
    if score is None or beside is None or not (score.measured and beside.measured):
        return None
    if not isinstance(score.value, int | float):
        return None
    needed = sheet.value(NEEDED)
    low, high = bounds(score)
    return Lookup(
        name=LOOKUPS.get(str(sheet.value(BEST)), "the best lookup"),
        value=score.value,
        low=low,
        high=high,
        beside=Beside(str(beside.value)),
        needs_n=int(needed) if isinstance(needed, int | float) else None,
    )

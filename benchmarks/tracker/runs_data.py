"""The runs that both trackers are given: the same settings, points and words.

Standard library only: the peer's interpreter reads it, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

METRICS = ("loss", "accuracy", "f1", "recall", "precision")
STEPS = 20  # points of each metric: 5 x 20 = 100 points a run
ARMS = ("prompt", "rag", "finetune", "hybrid")
RANKS = (4, 8, 16, 32)

_SYLLABLES = ("ba", "ce", "di", "fe", "gu", "ka", "le", "mi", "no", "pu", "ra", "sa")
WORDS = tuple(a + b + c for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES)


@dataclass(frozen=True)
class Made:
    """One run: what it was asked to do, its points, and a note of eight words."""

    id: str
    arm: str
    rank: int
    note: str
    points: tuple[tuple[str, int, float], ...]  # metric, step, value

    @property
    def final(self) -> dict[str, float]:
        """The last value of each metric."""
        return {metric: value for metric, _, value in self.points}


def made_runs(count: int, *, seed: int = 20261126) -> Iterator[Made]:
    """Yield runs that are the same for every caller."""
    random = Random(seed)
    for number in range(count):
        points = [
            (metric, step, round(random.random(), 9))
            for step in range(1, STEPS + 1)
            for metric in METRICS
        ]
        yield Made(
            id=f"run{number:06}",
            arm=random.choice(ARMS),
            rank=random.choice(RANKS),
            note=" ".join(random.choices(WORDS, k=8)),
            points=tuple(points),
        )

"""Held-out scores drawn from populations whose true scores are known.

    unit (an example, or a group of 2 to 10)  -> how hard it is, for all arms alike
                                              -> each arm's chance on it
    example of the unit                       -> each arm's counts, by the metric

Arms with one true score differ on every example and, in groups, on whole groups; only
on average there is no difference to find.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tunewise.evidence.aggregates import AGGREGATES, Aggregate, Counts

_SPREAD = (
    2.0  # of Beta(_SPREAD p, _SPREAD (1 - p)): U-shaped, as scores of small models
)
_LARGEST_GROUP = 10
_MOST_FIELDS = 6
# shares of eight labels, the rarest 1 in 50: at n = 50 it often occurs once or never
LABELS = np.array([0.35, 0.25, 0.15, 0.10, 0.06, 0.04, 0.03, 0.02])


@dataclass(frozen=True, slots=True)
class Drawn:
    """The counts of each arm on the same examples, and the examples' groups."""

    arms: tuple[Counts, ...]
    groups: list[str] | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A metric, how one arm's counts are drawn, and what the true score is."""

    aggregate: Aggregate
    draw: Callable[["_Examples", Counts, np.random.Generator], Counts]
    truth: Callable[[float], float]


@dataclass(frozen=True, slots=True)
class _Examples:
    """What all arms see alike."""

    fields: Counts  # (n,), how many fields the reference has
    label: Counts  # (n,), which label it is


def draw(
    kinds: Sequence[Kind],
    n: int,
    chances: Sequence[float],
    rng: np.random.Generator,
    *,
    grouped: bool = False,
) -> Drawn:
    """Draw n examples and each arm's counts on them.

    Each arm has its kind and its mean chance to be right, none below the first's.
    """
    member = _members(n, rng) if grouped else np.arange(n)
    units = int(member[-1]) + 1
    hard = _near(np.full(units, chances[0]), rng)
    examples = _Examples(
        fields=rng.integers(1, _MOST_FIELDS + 1, n).astype(float),
        label=rng.choice(len(LABELS), n, p=LABELS).astype(float),
    )
    arms = []
    for kind, chance in zip(kinds, chances, strict=True):
        lift = (chance - chances[0]) / (1 - chances[0])
        own = _near(hard, rng)
        own = own + lift * (1 - own)
        arms.append(kind.draw(examples, own[member], rng))
    groups = [str(m) for m in member] if grouped else None
    return Drawn(tuple(arms), groups)


def _members(n: int, rng: np.random.Generator) -> Counts:
    """Return to which group each of n examples belongs, groups of 2 to 10."""
    sizes = rng.integers(2, _LARGEST_GROUP + 1, n)
    return np.repeat(np.arange(n), sizes)[:n]


def _near(mean: Counts, rng: np.random.Generator) -> Counts:
    """Draw chances around a mean."""
    mean = np.clip(mean, 1e-6, 1 - 1e-6)
    return rng.beta(_SPREAD * mean, _SPREAD * (1 - mean))


def _share(_: _Examples, chance: Counts, rng: np.random.Generator) -> Counts:
    right = (rng.random(len(chance)) < chance).astype(float)
    return np.column_stack([right, np.ones(len(right))])


def _token_f1(partial: float) -> Callable[..., Counts]:
    """Return how token F1 is drawn: right or wrong, but part right on some."""

    def drawn(_: _Examples, chance: Counts, rng: np.random.Generator) -> Counts:
        whole = (rng.random(len(chance)) < chance).astype(float)
        mean = np.clip(chance, 1e-6, 1 - 1e-6)
        part = rng.beta(4 * mean, 4 * (1 - mean))
        value = np.where(rng.random(len(chance)) < partial, part, whole)
        return np.column_stack([value, np.ones(len(value))])

    return drawn


def _fields(examples: _Examples, chance: Counts, rng: np.random.Generator) -> Counts:
    """Draw fields right, invented and missed; half of the missed hold another value."""
    total = examples.fields.astype(int)
    right = rng.binomial(total, chance)
    missed = total - right
    invented = rng.binomial(missed, 0.5)
    return np.column_stack([right, invented, missed]).astype(float)


def _field_truth(chance: float) -> float:
    return 2 * chance / (2 * chance + 1.5 * (1 - chance))


def _labels(examples: _Examples, chance: Counts, rng: np.random.Generator) -> Counts:
    """Draw answers: wrong ones name the most frequent other label, or none."""
    n = len(chance)
    label = examples.label.astype(int)
    named = np.where(rng.random(n) < 0.5, np.where(label == 0, 1, 0), -1)
    answer = np.where(rng.random(n) < chance, label, named)
    every = np.arange(len(LABELS))
    wanted, given = label[:, None] == every, answer[:, None] == every
    triple = np.stack([wanted & given, ~wanted & given, wanted & ~given], axis=-1)
    return triple.reshape(n, -1).astype(float)


def _label_truth(chance: float) -> float:
    invented = np.zeros(len(LABELS))
    invented[0] = 0.5 * (1 - chance) * (1 - LABELS[0])
    invented[1] = 0.5 * (1 - chance) * LABELS[0]
    right, missed = LABELS * chance, LABELS * (1 - chance)
    return float(np.mean(2 * right / (2 * right + invented + missed)))


SHARE = Kind(AGGREGATES["mean"], _share, lambda p: p)
TOKEN_F1 = Kind(AGGREGATES["mean"], _token_f1(0.4), lambda p: p)
ALL_OR_NOTHING = Kind(AGGREGATES["mean"], _token_f1(0.0), lambda p: p)
IN_PARTS = Kind(AGGREGATES["mean"], _token_f1(1.0), lambda p: p)
FIELD_F1 = Kind(AGGREGATES["micro_f1"], _fields, _field_truth)
MACRO_F1 = Kind(AGGREGATES["macro_f1"], _labels, _label_truth)

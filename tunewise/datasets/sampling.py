"""A seeded sample of what is too much to look at whole; whoever uses it says so."""

import random
from collections.abc import Sequence
from typing import TypeVar

SAMPLE = 5_000  # examples, or documents, of one split
SEED = 20261126

_T = TypeVar("_T")


def sample(items: Sequence[_T], *, size: int = SAMPLE) -> tuple[_T, ...]:
    """Return at most ``size`` items, the same ones every time, in their order.

    >>> len(sample(range(10), size=3)), sample(range(3), size=3)
    (3, (0, 1, 2))
    """
    if len(items) <= size:
        return tuple(items)
    chosen = random.Random(SEED).sample(range(len(items)), size)
    return tuple(items[i] for i in sorted(chosen))


def sampled_view(of: int, *, size: int = SAMPLE) -> dict[str, int] | None:
    """Return what a report says of a sample, None where all were looked at.

    >>> sampled_view(5_000)
    >>> sampled_view(90_000)
    {'n': 5000, 'of': 90000, 'seed': 20261126}
    """
    return {"n": size, "of": of, "seed": SEED} if of > size else None


def sampled_words(of: int) -> str:
    """Return the beginning of a message about a sample, "" where it is all."""
    view = sampled_view(of)
    if view is None:
        return ""
    return f"in a sample of {view['n']:,} of {of:,} (seed {view['seed']}), "

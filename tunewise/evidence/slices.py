"""Scores of parts of the held-out split: a label, a group, prompts of one length.

They tell where to look, not which arm to take. Many slices are looked at and none was
planned, so none is tested, and no conclusion is drawn from them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tunewise.domain.experiment import Score
from tunewise.evidence.aggregates import Aggregate, Counts
from tunewise.evidence.intervals import score_of

LEAST = 20  # examples; at n = 20 a 95 % interval is already some 40 points wide


@dataclass(frozen=True, slots=True)
class SliceScore:
    """One arm's score on the examples that have one thing in common."""

    kind: str  # what they have in common
    name: str  # which of it
    score: Score


def slices_of(
    counts: Counts,
    aggregate: Aggregate,
    parts: Mapping[str, Sequence[str]],
    *,
    seed: int,
    groups: Sequence[str] | None = None,
) -> tuple[SliceScore, ...]:
    """Score every slice of at least ``LEAST`` examples, those with most first.

    Parameters
    ----------
    counts : ndarray, shape (n_examples, c)
    parts : by kind, sequence of str, length n_examples
        Which slice of that kind each example is in; "" is none. A slice that all
        examples are in tells nothing new and is left out.
    groups : sequence of str, length n_examples, optional
        Examples that belong together. Where the slices are the groups themselves,
        examples count one by one: the score is about that group, not others like it.
    """
    found = []
    for kind, names in parts.items():
        together = None if groups is None or [*names] == [*groups] else groups
        sizes = Counter(name for name in names if name)
        for name, size in sorted(sizes.items(), key=lambda each: (-each[1], each[0])):
            if not LEAST <= size < len(names):
                continue
            rows = [row for row, each in enumerate(names) if each == name]
            inside = None if together is None else [together[row] for row in rows]
            score = score_of(counts[rows], aggregate, seed=seed, groups=inside)
            found.append(SliceScore(kind, name, score))
    return tuple(found)


def too_small(names: Sequence[str]) -> int:
    """Return how many slices of a kind have too few examples to be shown.

    >>> too_small(["a"] * 20 + ["b"] * 19 + [""])
    1
    """
    return sum(0 < n < LEAST for n in Counter(n for n in names if n).values())

"""Closed label sets: references that are drawn from a small set of texts."""

from collections import Counter
from collections.abc import Iterable

_MOST_LABELS = 200
_LONGEST_LABEL = 100  # characters; longer ones are texts that happen to repeat
_LEAST_PER_LABEL = 3  # examples per label, on average
_MOST_SINGLE = 0.25  # share of labels met once; names and dates have a long tail


def label_counts(references: Iterable[str]) -> Counter[str] | None:
    """Return how often each label occurs, or None where the set is not closed.

    Closed: at most 200 labels of at most 100 characters on one line, each used
    three times on average and hardly one only once.

    >>> label_counts(["yes", "no"] * 3)
    Counter({'yes': 3, 'no': 3})
    >>> label_counts(["Paris", "in 1066", "a king"])
    """
    counts = Counter(text.strip() for text in references)
    total = counts.total()
    if not counts or len(counts) > _MOST_LABELS:
        return None
    if total < _LEAST_PER_LABEL * len(counts):
        return None
    if sum(n == 1 for n in counts.values()) > _MOST_SINGLE * len(counts):
        return None
    if any(len(label) > _LONGEST_LABEL or "\n" in label for label in counts):
        return None
    if any(label.startswith(("{", "[")) for label in counts):
        return None  # JSON: its fields are looked at one by one
    return counts

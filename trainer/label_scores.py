"""Answers from a closed label set: which label is found, which is taken for which.

What stands for no label is *invented*: it is counted and not repeated here, because an
answer may hold anything.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Confusion:
    """A label that was answered with another one, or with no label (``None``)."""

    expected: str
    answered: str | None
    count: float  # mean over seeds


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """One arm's answers by label.

    ``counts`` has shape (n_examples, 3 labels): for each label right, wrongly answered
    and missed, as macro F1 takes them; ``invented`` has shape (n_examples,).
    """

    labels: tuple[str, ...]  # expected ones, sorted
    counts: NDArray[np.float64]
    invented: NDArray[np.float64]
    confusions: tuple[Confusion, ...]  # most frequent first


def count_labels(
    expected: Sequence[str],
    answers_by_seed: Sequence[Sequence[str]],
    known: Collection[str],
) -> LabelCounts:
    """Count answers by label; several seeds are averaged for each example.

    Parameters
    ----------
    expected : length n_examples, the references of the held-out split
    answers_by_seed : each of length n_examples, in the same order
    known : every label of the task, those of training included
    """
    wanted = [label.strip() for label in expected]
    labels = tuple(sorted(set(wanted)))
    known = {label.strip() for label in known} | set(labels)
    seeds = [[answer.strip() for answer in answers] for answers in answers_by_seed]
    wrong = Counter(
        (a, b if b in known else None)
        for answers in seeds
        for a, b in zip(wanted, answers, strict=True)
        if a != b
    )
    confusions = sorted(wrong.items(), key=_most_frequent_first)
    return LabelCounts(
        labels=labels,
        counts=np.mean([label_triples(wanted, a, labels) for a in seeds], axis=0),
        invented=np.mean([[b not in known for b in a] for a in seeds], axis=0),
        confusions=tuple(Confusion(a, b, n / len(seeds)) for (a, b), n in confusions),
    )


def label_triples(
    expected: Sequence[str], given: Sequence[str], labels: Sequence[str]
) -> NDArray[np.float64]:
    """Return right, wrongly answered and missed; shape (n_examples, 3 labels)."""
    wanted = np.array(expected)[:, None] == np.array(labels)
    answered = np.array(given)[:, None] == np.array(labels)
    triples = [wanted & answered, ~wanted & answered, wanted & ~answered]
    return np.stack(triples, axis=-1).reshape(len(expected), -1).astype(float)


def _most_frequent_first(
    entry: tuple[tuple[str, str | None], int],
) -> tuple[int, str, str]:
    (expected, answered), count = entry
    return -count, expected, answered or ""

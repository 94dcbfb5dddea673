"""Metrics as sums: what makes a resample one matrix product.

Every metric is a matrix of counts, one row per held-out example, and a function of
the *summed* counts. Resampling examples is then weights @ counts, and scoring all
resamples one call.

    mean      [value, 1]                      accuracy, exact match, token F1, …
    micro_f1  [true +, false +, false -]      field F1
    macro_f1  the same three for each expected label, one label after the other
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]
Aggregate = Callable[[Counts], Counts]


def mean(sums: Counts) -> Counts:
    """Return sum / number, 0 where nothing was counted; (…, 2) -> (…)."""
    return _ratio(sums[..., 0], sums[..., 1])


def micro_f1(sums: Counts) -> Counts:
    """Return 2 TP / (2 TP + FP + FN), 0 where all are 0; (…, 3) -> (…)."""
    return _ratio(2 * sums[..., 0], 2 * sums[..., 0] + sums[..., 1] + sums[..., 2])


def macro_f1(sums: Counts) -> Counts:
    """Return the mean F1 of the labels that are expected; (…, 3 labels) -> (…).

    On all examples that is every label; a resample in which nothing has some label
    leaves it out, rather than scoring it 0.
    """
    by_label = sums.reshape(*sums.shape[:-1], -1, 3)
    expected = (by_label[..., 0] + by_label[..., 2]) > 0
    scores = np.where(expected, micro_f1(by_label), 0.0)
    return _ratio(scores.sum(axis=-1), expected.sum(axis=-1).astype(np.float64))


AGGREGATES: Mapping[str, Aggregate] = {
    "mean": mean,
    "micro_f1": micro_f1,
    "macro_f1": macro_f1,
}


def label_counts(expected: list[str], answered: list[str]) -> Counts:
    """Return the counts of macro F1: shape (n_examples, 3 labels), labels sorted.

    The labels are the expected ones; an invented label costs recall and adds no
    class.

    >>> label_counts(["a", "b"], ["a", "?"]).tolist()
    [[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]
    """
    labels = np.array(sorted(set(expected)))
    is_expected = np.array(expected)[:, None] == labels
    is_answered = np.array(answered)[:, None] == labels
    triple = np.stack(
        [
            is_expected & is_answered,
            ~is_expected & is_answered,
            is_expected & ~is_answered,
        ],
        axis=-1,
    )
    return triple.reshape(len(expected), -1).astype(np.float64)


def is_binary(counts: Counts, aggregate: Aggregate) -> bool:
    """Tell whether the metric is a share: 0 or 1 for each example."""
    return (
        aggregate is mean
        and bool(np.all(counts[:, 1] == 1))
        and bool(np.all((counts[:, 0] == 0) | (counts[:, 0] == 1)))
    )


def _ratio(above: Counts, below: Counts) -> Counts:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)

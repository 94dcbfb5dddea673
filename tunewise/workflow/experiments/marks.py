"""What the task's primary metric says of one answer, as a reader of answers sees it.

A score between 0 and 1 is shown as it is; 1 is correct, 0 is wrong. Macro F1 is of a
whole split: its single answers are marked by accuracy.
"""

from collections.abc import Mapping, Sequence

from trainer.scoring import score
from tunewise.domain.dataset import Example
from tunewise.evidence.aggregates import AGGREGATES

_WHOLE = 1 - 1e-9  # what is 1 but for rounding


def of_one(metric: str) -> str:
    """Return the metric by which single answers are marked.

    >>> of_one("macro_f1"), of_one("field_f1")
    ('accuracy', 'field_f1')
    """
    return "accuracy" if metric == "macro_f1" else metric


def scores(
    metric: str,
    examples: Sequence[Example],
    answers: Sequence[str],
    *,
    schema: Mapping[str, object] | None,
) -> list[float | None]:
    """Return the score of each answer, in [0, 1].

    None where neither the reference nor the answer has anything that the metric
    counts: a field F1 of what is no JSON.
    """
    if not examples:
        return []
    found = score(of_one(metric), examples, answers, schema=schema)
    each = AGGREGATES[found.kind](found.counts)
    counted = found.counts.sum(axis=1) > 0
    return [
        float(one) if any_ else None for one, any_ in zip(each, counted, strict=True)
    ]


def is_correct(value: float | None) -> bool | None:
    """Tell whether the metric calls an answer wholly right; None where it is silent."""
    return None if value is None else value >= _WHOLE

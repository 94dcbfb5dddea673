"""How sure the scores of one label are: precision, recall and F1, each with interval.

All three come from shares of some of the examples, so its interval holds for each:

    precision  right / answered with the label
    recall     right / expected to have it
    F1         2 F* / (1 + F*), where F* = right / either of both, and so are its bounds
               (the indirect method of Lam, Gopal and Qian, arXiv 2309.14621)

Where examples belong together, the interval is that of a share of groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tunewise.domain.experiment import Score
from tunewise.evidence.aggregates import Counts, mean
from tunewise.evidence.intervals import as_share, mid_p, shared, unit_sums


@dataclass(frozen=True, slots=True)
class LabelScore:
    """One label's scores; ``n`` of each is the number of examples it is a share of.

    ``precision`` is None for a label that was never answered: it is undefined then.
    """

    support: int  # examples that should have the label, at least one
    precision: Score | None
    recall: Score
    f1: Score


def label_score(counts: Counts, *, groups: Sequence[str] | None = None) -> LabelScore:
    """Return one label's scores.

    Parameters
    ----------
    counts : ndarray, shape (n_examples, 3)
        Right, wrongly answered and missed of each example; means over seeds may be
        fractions.
    groups : length n_examples, optional
        Examples of one group count as one unit.

    Raises
    ------
    ValueError
        If no example should have the label.

    Examples
    --------
    >>> import numpy as np
    >>> found = label_score(np.array([[1, 0, 0], [1, 0, 0], [0, 0, 1.0]]))
    >>> found.support, round(found.recall.value, 3), found.f1.value
    (3, 0.667, 0.8)
    """
    right, wrong, missed = np.asarray(counts, dtype=np.float64).T
    recall = share(right, right + missed, groups=groups)
    either = share(right, right + wrong + missed, groups=groups)
    if recall is None or either is None:
        raise ValueError("no example should have the label")
    return LabelScore(
        support=recall.n,
        precision=share(right, right + wrong, groups=groups),
        recall=recall,
        f1=Score(_f1(either.value), _f1(either.low), _f1(either.high), either.n),
    )


def share(
    above: NDArray[np.float64],
    below: NDArray[np.float64],
    *,
    groups: Sequence[str] | None = None,
) -> Score | None:
    """Return sum / sum with its interval, over the examples that count at all.

    ``above`` and ``below`` have shape (n_examples,), 0 <= above <= below; None where
    nothing counts. ``n`` is the sum of ``below``, rounded.
    """
    counted = below > 0
    total = float(below.sum())
    if not total:
        return None
    value = float(above.sum()) / total
    kept = [g for g, some in zip(groups or (), counted, strict=False) if some]
    if shared(kept):
        counts = np.column_stack([above, below])[counted]
        low, high = as_share(unit_sums(counts, kept), mean)
    else:
        low, high = mid_p(value * total, total)
    return Score(value, min(low, value), max(high, value), round(total))


def _f1(either: float) -> float:
    return 2 * either / (1 + either)

"""What chance alone would make of two sides: permutation tests over examples.

If later examples were drawn as the earlier ones were, who is later is a matter of
chance, and every other assignment was as likely (Fisher; Good 2005, *Permutation,
Parametric and Bootstrap Tests of Hypotheses*). So the tests are exact at every size,
with rare labels too, where tables of chi-square are not.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

PERMUTATIONS = 999

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Chosen = Bools  # (permutations, examples): who is later


def assignments(
    before: Sequence[str],
    later: Sequence[str],
    rng: np.random.Generator,
    n: int = PERMUTATIONS,
) -> Chosen:
    """Return who would be later, ``n`` times, by chance alone.

    Parameters
    ----------
    before, later : the group of each example, "" where it has none
        Examples of one group move together: they are no independent evidence.

    Returns
    -------
    ndarray of bool, shape (n, len(before) + len(later))
    """
    units_before, member_before = _units(before)
    units_later, member_later = _units(later)
    member = np.concatenate([member_before, units_before + member_later])
    units = units_before + units_later
    chosen = np.zeros((n, units), dtype=bool)
    for row in chosen:
        row[rng.permutation(units)[:units_later]] = True
    return chosen[:, member]


def counted_later(chosen: Chosen, member: Any) -> Floats:  # noqa: ANN401
    """Return how often each item is later; (permutations, items).

    ``member`` is a sparse matrix, (examples, items).
    """
    counted: Floats = (member.T @ chosen.T.astype(np.float32)).T.astype(np.float64)
    return counted


def p_value(observed: float, drawn: Floats) -> float:
    """Return how often chance makes at least as much (Davison and Hinkley 1997, 4.2).

    >>> p_value(5.0, np.array([1.0, 2.0, 3.0]))
    0.25
    """
    return float((1 + np.sum(drawn >= observed - 1e-9)) / (1 + len(drawn)))


def _units(groups: Sequence[str]) -> tuple[int, Ints]:
    named = [g or f"\0{i}" for i, g in enumerate(groups)]
    names, member = np.unique(np.array(named), return_inverse=True)
    return len(names), member.astype(np.int64)

"""Things of examples, seen before or not: labels, keys, values of a field.

That a later example has a label nobody saw is normal where labels are rare: so the
share of new ones is held against what permuting the two sides makes of it. (Its
expectation is Good and Turing's: about the share of labels seen once.)
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tunewise.evidence.drift.chance import Chosen, Floats, counted_later, p_value
from tunewise.evidence.drift.finding import ALPHA, DriftFinding, percent
from tunewise.evidence.intervals import wilson

ACTS = 0.01  # of later examples, above what chance makes
SHOWN = 20
ONCE_AT_MOST = 2 / 3  # of all; new labels may well flood the later half of them

Things = Sequence[frozenset[str]]  # of each example


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each thing occurs, earlier and later, and by chance."""

    names: tuple[str, ...]
    before: Floats  # (things,)
    later: Floats  # (things,)
    drawn: Floats  # (permutations, things): later


def are_few(things: Things, *, once_at_most: float = ONCE_AT_MOST) -> bool:
    """Tell whether things come from a small set: most were met more than once.

    Of both sides together, so that it does not depend on who is later: what is looked
    at because of one side alone would be tested on a chosen half.
    """
    times = Counter(thing for of_one in things for thing in of_one)
    once = sum(n == 1 for n in times.values())
    return times.total() > 0 and once <= once_at_most * times.total()


def counts_of(before: Things, later: Things, chosen: Chosen) -> Counts:
    """Count things on both sides, and what chance would make of the later count."""
    from scipy.sparse import csr_array

    everything = [*before, *later]
    names = tuple(sorted(frozenset().union(*everything)))
    column = {name: i for i, name in enumerate(names)}
    pairs = [(row, column[t]) for row, things in enumerate(everything) for t in things]
    rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
    shape = (len(everything), len(names))
    member = csr_array((np.ones(len(pairs), np.float32), (rows, columns)), shape=shape)
    total = np.asarray(member.sum(axis=0), dtype=np.float64)
    of_later = np.asarray(member[len(before) :].sum(axis=0), dtype=np.float64)
    return Counts(names, total - of_later, of_later, counted_later(chosen, member))


def unseen(
    code: str,
    before: Things,
    later: Things,
    chosen: Chosen,
    *,
    what: str,
    fact: str,
    tests: int = 1,
) -> DriftFinding:
    """Tell whether later examples hold more new things than chance would make.

    ``tests`` is how many of this kind are made: the level is divided by it.
    """
    counts = counts_of(before, later, chosen)
    total = counts.before + counts.later
    new = counts.before == 0
    observed = float(counts.later[new].sum())
    drawn = np.where(counts.drawn == total, counts.drawn, 0.0).sum(axis=1)
    p = p_value(observed, drawn)
    known = frozenset(np.array(counts.names)[~new].tolist())
    holding = sum(bool(things - known) for things in later)
    n = len(later)
    low, high = wilson(holding, n)
    expected = min(1.0, float(drawn.mean()) / n)
    names = Counter(
        {counts.names[i]: int(counts.later[i]) for i in np.flatnonzero(new)}
    )
    shown = tuple(f"{name} ({k})" for name, k in names.most_common(SHOWN))
    return DriftFinding(
        code=code,
        value=holding / n,
        low=low,
        high=high,
        threshold=expected + ACTS,
        fact=fact,
        drifted=low > expected + ACTS and p < ALPHA / tests,
        message=(
            f"{holding:,} of {n:,} later examples have {what} that was not seen before "
            f"({len(names):,} different); chance makes {percent(expected)} (p {p:.2g})"
        ),
        p_value=p,
        texts={"new": shown} if shown else {},
    )


def more_often(
    code: str,
    before: Sequence[bool],
    later: Sequence[bool],
    chosen: Chosen,
    *,
    what: str,
    fact: str,
) -> DriftFinding:
    """Tell whether something is true of more later examples than of earlier ones."""
    flags = np.array([*before, *later], dtype=np.float32)
    drawn = np.asarray(chosen.astype(np.float32) @ flags, dtype=np.float64)
    k, n = sum(later), len(later)
    p = p_value(float(k), drawn)
    low, high = wilson(k, n)
    was = sum(before) / len(before)
    return DriftFinding(
        code=code,
        value=k / n,
        low=low,
        high=high,
        threshold=was + ACTS,
        fact=fact,
        drifted=low > was + ACTS and p < ALPHA,
        message=(
            f"{k:,} of {n:,} later references {what} ({percent(k / n)}); of the "
            f"earlier ones {percent(was)} (p {p:.2g})"
        ),
        p_value=p,
    )

"""References that are drawn from a small set: their mix, and labels never seen."""

from collections.abc import Iterator, Sequence

import numpy as np

from tunewise.domain.dataset import Example
from tunewise.evidence.drift.chance import Chosen, Floats, p_value
from tunewise.evidence.drift.finding import ALPHA, DriftFinding, percent
from tunewise.evidence.drift.seen import Counts, Things, are_few, counts_of, unseen

PSI_ACTS = 0.25  # < .1 stable, .1 to .25 watch, above act: the credit-scoring custom
_RESAMPLES = 300


def are_labels(examples: Sequence[Example]) -> bool:
    """Tell whether references, of both sides, look like labels of a closed set."""
    return are_few([frozenset([e.reference.strip()]) for e in examples])


def label_findings(
    reference: Sequence[Example],
    later: Sequence[Example],
    chosen: Chosen,
    rng: np.random.Generator,
) -> Iterator[DriftFinding]:
    """Yield how the mix of labels moved, and how many are new."""
    before, now = (
        [frozenset([e.reference.strip()]) for e in s] for s in (reference, later)
    )
    yield unseen(
        "unseen_labels",
        before,
        now,
        chosen,
        what="a label",
        fact="labels_or_rules_change_often",
    )
    yield _label_shift(before, now, chosen, rng)


def psi(before: Floats, later: Floats) -> Floats:
    """Return the population stability index of counts; (…, labels) -> (…).

    Half an example is added to each count, so that an empty one is not infinite. On
    few examples it is above 0 without any drift: hold it against chance.

    >>> round(float(psi(np.array([50.0, 50.0]), np.array([50.0, 50.0]))), 3)
    0.0
    """
    p = (before + 0.5) / (before + 0.5).sum(axis=-1, keepdims=True)
    q = (later + 0.5) / (later + 0.5).sum(axis=-1, keepdims=True)
    index: Floats = np.sum((q - p) * np.log(q / p), axis=-1)
    return index


def _label_shift(
    before: Things, now: Things, chosen: Chosen, rng: np.random.Generator
) -> DriftFinding:
    counts = counts_of(before, now, chosen)
    value = float(psi(counts.before, counts.later))
    total = counts.before + counts.later
    p = p_value(value, psi(total - counts.drawn, counts.drawn))
    low, high = _interval(counts, rng)
    moved = counts.later / len(now) - counts.before / len(before)
    rise = int(np.argmax(moved))
    was, is_now = counts.before[rise] / len(before), counts.later[rise] / len(now)
    return DriftFinding(
        code="label_shift",
        value=value,
        low=min(low, value),
        high=max(high, value),
        threshold=PSI_ACTS,
        fact="examples_represent_production",
        drifted=value > PSI_ACTS and p < ALPHA,
        message=(
            f"the mix of {len(counts.names):,} labels has a stability index of "
            f"{value:.2f} (p {p:.2g}); one rose from {percent(was)} to "
            f"{percent(is_now)}"
        ),
        p_value=p,
        texts={"rose most": (counts.names[rise],)},
    )


def _interval(counts: Counts, rng: np.random.Generator) -> tuple[float, float]:
    drawn = [
        rng.multinomial(int(c.sum()), c / c.sum(), size=_RESAMPLES).astype(np.float64)
        for c in (counts.before, counts.later)
    ]
    low, high = np.quantile(psi(*drawn), [0.025, 0.975])
    return float(low), float(high)

"""The score on the held-out split then, and on answered later examples now."""

import math
from dataclasses import dataclass

from tunewise.domain.experiment import Score
from tunewise.evidence.drift.finding import LEAST, DriftFinding


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """A metric on the held-out split then, and on answered later examples now."""

    metric: str
    before: Score
    later: Score
    margin: float
    fact: str  # prompt_score, rag_score, finetune_score, hybrid_score


def score_decay(scores: ScoreChange) -> DriftFinding:
    """Tell whether a score fell by more than the margin, beyond chance.

    The interval of the difference combines those of the two scores (MOVER, Newcombe
    1998): it drifted where even its upper end is below 0, on 30 examples or more.
    """
    before, later = scores.before, scores.later
    rise = math.hypot(later.high - later.value, before.value - before.low)
    difference = later.value - before.value
    threshold = before.value - scores.margin
    shown = later.n >= LEAST and difference + rise < 0
    drifted = shown and later.value < threshold
    message = (
        f"{scores.metric} was {before.value:.3f} ({before.n:,} examples) and is "
        f"{later.value:.3f} ({later.n:,})"
    )
    message += ": it has fallen" if drifted else ": no fall is shown"
    return DriftFinding(
        code="score_decay",
        value=later.value,
        low=later.low,
        high=later.high,
        threshold=threshold,
        fact=scores.fact,
        drifted=drifted,
        message=message,
    )

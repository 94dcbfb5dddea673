"""The finetune arm beside itself on fewer training examples.

    all of train - half of it            would more examples help?
    all of train - without the flagged   quality over quantity

Both are planned before the first run and each is one question of its own, so no p-value
is corrected. Everything is of the first seed, the finetune arm's score too: the mean of
several seeds would vary less than the single training that it stands beside.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from trainer.scoring import MetricCounts
from tunewise.domain.experiment import HALF, QUARTER, UNFLAGGED
from tunewise.engine.comparisons import comparison_to_raw
from tunewise.evidence.aggregates import AGGREGATES
from tunewise.evidence.comparisons import compare
from tunewise.evidence.intervals import score_of
from tunewise.workflow.experiments.parts import Part
from tunewise.workflow.experiments.results import SEED, Terms, paired

View = dict[str, Any]
WHOLE = "finetune"


@dataclass(frozen=True, slots=True)
class Trained:
    """One training that finished, with its primary score on the held-out split."""

    run: str
    seed: int
    examples: int  # that were trained on, those dropped as too long left out
    scored: MetricCounts


def curve_view(trained: Mapping[str, Trained], terms: Terms) -> View | None:
    """Return score by number of training examples, and all compared with half.

    None where no part was measured; without the finetune arm, or without the half, the
    comparison is None.
    """
    if not {QUARTER, HALF} & trained.keys():
        return None
    return _view(trained, (QUARTER, HALF, WHOLE), terms, against=HALF)


def unflagged_view(
    trained: Mapping[str, Trained], parts: Mapping[str, Part], terms: Terms
) -> View | None:
    """Return the scores with and without the flagged examples, and their comparison.

    None where nothing was flagged, or the training without them did not finish.
    ``left_out`` counts them by code, ``flagged`` each of them once.
    """
    if UNFLAGGED not in trained or UNFLAGGED not in parts:
        return None
    part = parts[UNFLAGGED]
    return {
        **_view(trained, (UNFLAGGED, WHOLE), terms, against=UNFLAGGED),
        "flagged": part.flagged,
        "left_out": dict(part.left_out),
    }


def _view(
    trained: Mapping[str, Trained],
    names: tuple[str, ...],
    terms: Terms,
    *,
    against: str,
) -> View:
    there = {name: trained[name] for name in names if name in trained}
    comparison = None
    if WHOLE in there and against in there:
        scores = paired({name: t.scored for name, t in there.items()}, terms)
        comparison = comparison_to_raw(
            compare(
                scores[WHOLE],
                scores[against],
                metric=terms.metric,
                margin=terms.margin,
                seed=SEED,
            )
        )
    return {
        "metric": terms.metric,
        "seed": next(iter(there.values())).seed,
        "points": [_point(name, each, terms) for name, each in there.items()],
        "comparison": comparison,
    }


def _point(name: str, trained: Trained, terms: Terms) -> View:
    scored = trained.scored
    score = score_of(
        scored.counts, AGGREGATES[scored.kind], seed=SEED, groups=terms.groups
    )
    return {
        "arm": name,
        "run": trained.run,
        "examples": trained.examples,
        **asdict(score),
    }

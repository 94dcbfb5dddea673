"""Arms beside lookups: no model is praised for what needs none.

    majority          the most frequent reference of train
    nearest_example   the reference of the most similar training example

A family of comparisons of its own: verdicts rest on those between arms.
"""

from collections.abc import Mapping, Sequence

from trainer.scoring import MetricCounts
from tunewise.domain.facts import Comparison, Conclusion
from tunewise.engine.source_text import listed
from tunewise.evidence.comparisons import compare_against
from tunewise.report.words import arm_title, metric_title
from tunewise.workflow.experiments import results

LOOKUPS: Mapping[str, str] = {
    "majority": "the most frequent answer",
    "nearest_example": "the answer of the nearest training example",
}


def compared(
    arms: Mapping[str, MetricCounts],
    lookups: Mapping[str, MetricCounts],
    terms: results.Terms,
) -> tuple[Comparison, ...]:
    """Compare every arm with every lookup on the primary metric."""
    return compare_against(
        results.paired(arms, terms),
        results.paired(lookups, terms),
        metric=terms.metric,
        margin=terms.margin,
        seed=results.SEED,
    )


def warned(
    comparisons: Sequence[Comparison], lookups: Mapping[str, MetricCounts]
) -> list[str]:
    """Say which arms are not shown to beat a lookup."""
    warnings = []
    for lookup, scored in lookups.items():
        level = [
            arm_title(c.a)
            for c in comparisons
            if c.b == lookup and c.conclusion is not Conclusion.WIN
        ]
        if level:
            warnings.append(
                f"{listed(level)} {'is' if len(level) == 1 else 'are'} not shown to "
                f"beat {LOOKUPS[lookup]} ({metric_title(comparisons[0].metric)} "
                f"{scored.value:.3f}): a lookup without a model may do as well."
            )
    return warnings

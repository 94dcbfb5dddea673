"""Arms beside lookups: no model is praised for what needs none.

    majority          the most frequent reference of train
    nearest_example   the reference of the most similar training example

A family of comparisons of its own. Verdicts rest on those between arms, and on the
facts that the best lookup establishes: where no option is shown to beat it, the verdict
is ``defer`` (``engine.measured``).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from trainer.scoring import MetricCounts
from tunewise.domain.facts import (
    Comparison,
    Conclusion,
    Evidence,
    EvidenceKind,
    Fact,
    Scalar,
)
from tunewise.engine.lookup import BESIDE, BEST, LOOKUPS, NEEDED, SCORE, Beside
from tunewise.engine.source_text import listed
from tunewise.evidence.comparisons import compare_against
from tunewise.report.words import arm_title, metric_title
from tunewise.workflow.experiments import results


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


def facts_of(
    views: Mapping[str, Mapping[str, Any]],
    comparisons: Sequence[Comparison],
    *,
    metric: str,
    candidates: Collection[str],
    on: str,
) -> list[Fact]:
    """Return what the best lookup establishes, nothing where none was measured.

    Parameters
    ----------
    views : the diagnostics as the report shows them; those that are lookups count
    comparisons : of arms with lookups, each arm first
    candidates : the arms that may be recommended: a win of one that is ruled out
        helps nobody
    on : ISO date
    """
    scores = {
        name: (view["run"], view["metrics"][metric])
        for name, view in views.items()
        if name in LOOKUPS and metric in view.get("metrics", {})
    }
    best = max(scores, key=lambda name: scores[name][1]["value"], default="")
    beside = [c for c in comparisons if c.b == best and c.a in candidates]
    if not beside:
        return []
    run, score = scores[best]
    evidence = Evidence(EvidenceKind.RUN, run)

    def fact(name: str, value: Scalar) -> Fact:
        return Fact(name, value, evidence=evidence, on=on)

    low, high = round(score["low"], 4), round(score["high"], 4)
    standing = _standing(beside)
    facts = [
        fact(BEST, best),
        replace(fact(SCORE, round(score["value"], 4)), low=low, high=high),
        fact(BESIDE, standing.value),
    ]
    if standing is Beside.OPEN:
        left = [c for c in beside if c.conclusion is Conclusion.INCONCLUSIVE]
        if needed := max(left, key=lambda c: c.difference).needs_n:
            facts.append(fact(NEEDED, needed))
    return facts


def _standing(comparisons: Sequence[Comparison]) -> Beside:
    conclusions = {c.conclusion for c in comparisons}
    if Conclusion.WIN in conclusions:
        return Beside.BETTER
    return Beside.OPEN if Conclusion.INCONCLUSIVE in conclusions else Beside.NOT_BETTER

"""From answers to what an experiment shows: intervals, comparisons, facts.

answers of every run + held-out examples
    -> counts per example (trainer.scoring)
    -> scores with intervals, paired comparisons (evidence)
    -> facts with the run as evidence -> a new verdict (engine)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import stdev
from typing import Any

import numpy as np

from trainer.scoring import MetricCounts, metrics_for, score
from tunewise.domain.dataset import Example
from tunewise.domain.experiment import ARMS
from tunewise.domain.facts import Comparison, Evidence, EvidenceKind, Fact
from tunewise.engine.comparisons import comparison_to_raw
from tunewise.evidence.aggregates import AGGREGATES
from tunewise.evidence.comparisons import compare_all
from tunewise.evidence.intervals import score_of, shared
from tunewise.evidence.paired import PairedScores

View = dict[str, Any]
SEED = 20261123  # of the bootstrap: the same answers give the same intervals

# Which fact an arm's score becomes.
SCORE_FACTS = {arm: f"{arm}_score" for arm in ARMS}


def counts_of(
    examples: Sequence[Example],
    answers_by_seed: Sequence[Sequence[str]],
    *,
    task: Mapping[str, Any],
    schema: Mapping[str, object] | None,
) -> dict[str, MetricCounts]:
    """Score one arm with every metric of its task; seeds are averaged per example."""
    names = metrics_for(task["type"], task["metric"], schema=schema is not None)
    scored = {}
    for name in names:
        each = [score(name, examples, a, schema=schema) for a in answers_by_seed]
        counts = np.mean([m.counts for m in each], axis=0)
        value = float(np.mean([m.value for m in each]))
        scored[name] = MetricCounts(value, counts, each[0].kind)
    return scored


def groups_of(examples: Sequence[Example]) -> list[str] | None:
    """Return the group of each example, None where no two examples share one."""
    groups = [e.group for e in examples]
    return groups if shared(groups) else None


def metrics_view(
    scored: Mapping[str, MetricCounts], groups: Sequence[str] | None
) -> View:
    """Return each metric with its 95 % interval and number of examples."""
    return {
        name: asdict(score_of(m.counts, AGGREGATES[m.kind], seed=SEED, groups=groups))
        for name, m in scored.items()
    }


def mean_score(values: Sequence[float], groups: Sequence[str] | None) -> View:
    """Return the mean of one value an example, with its 95 % interval and n."""
    counts = np.column_stack([values, np.ones(len(values))]).astype(np.float64)
    return asdict(score_of(counts, AGGREGATES["mean"], seed=SEED, groups=groups))


def comparisons_view(
    comparisons: Iterable[Comparison], arms: Mapping[str, View]
) -> list[View]:
    """Return paired comparisons as JSON; where the models differ too, it says which.

    Such a difference is not the option's alone.
    """
    rows = []
    for compared in comparisons:
        row: View = comparison_to_raw(compared)
        a, b = (arms[arm].get("model", "") for arm in (compared.a, compared.b))
        rows.append({**row, "models": {"a": a, "b": b}} if a != b else row)
    return rows


def arm_view(
    run: str,
    result: Mapping[str, Any],
    scored: Mapping[str, MetricCounts],
    *,
    groups: Sequence[str] | None,
) -> View:
    """Return one arm as ``experiment show`` prints it; its cost comes later."""
    return {
        "run": run,
        "status": result["status"],
        "model": result["model"],
        "setup": result["setup"],
        "setups": result["setups"],
        "metrics": metrics_view(scored, groups),
        "latency_seconds": result["latency_seconds"],
        "answers_per_second": result["answers_per_second"],
        "prompt_tokens_mean": result["prompt_tokens_mean"],
        "answer_tokens_mean": result["answer_tokens_mean"],
        "prompt_tokens_shared": result.get("prompt_tokens_shared"),
        "prompt": result.get("prompt", []),
        "passages_tried": result.get("details", {}).get("passages_tried"),
        "cost": None,
        "train": result["train"],
        "checks": result["checks"],
        "seconds": result["seconds"],
        "answering_memory_bytes": result.get("answering_memory_bytes"),
        "peak_memory_bytes": result["peak_memory_bytes"],
    }


def seeds_view(scores: Mapping[int, tuple[str, float]]) -> View | None:
    """Return an arm's score by seed and their spread; None for a single seed.

    Parameters
    ----------
    scores : by seed, the run and its primary score
    """
    if len(scores) < 2:
        return None
    return {
        "scores": [
            {"seed": seed, "run": run, "value": value}
            for seed, (run, value) in scores.items()
        ],
        "standard_deviation": stdev(value for _, value in scores.values()),
    }


@dataclass(frozen=True, slots=True)
class Terms:
    """What all comparisons of an experiment share, fixed before its first run."""

    metric: str
    margin: float
    heldout_digest: str
    groups: Sequence[str] | None


def comparisons_of(
    arms: Mapping[str, MetricCounts], terms: Terms
) -> tuple[Comparison, ...]:
    """Compare every pair of arms on the primary metric."""
    scores = paired(arms, terms)
    return compare_all(scores, metric=terms.metric, margin=terms.margin, seed=SEED)


def paired(arms: Mapping[str, MetricCounts], terms: Terms) -> dict[str, PairedScores]:
    """Return the counts of each arm as they are compared."""
    return {
        name: PairedScores(
            arm=name,
            counts=m.counts,
            aggregate=AGGREGATES[m.kind],
            heldout_digest=terms.heldout_digest,
            groups=terms.groups,
        )
        for name, m in arms.items()
    }


def measured_facts(
    arms: Mapping[str, View], *, metric: str, heldout: int, on: str
) -> list[Fact]:
    """Return the facts that finished arms establish, with the run as evidence."""
    facts = []
    for arm, fact in SCORE_FACTS.items():
        measured = arms.get(arm, {}).get("metrics", {}).get(metric)
        if measured is None:
            continue
        elsewhere = arms[arm].get("imported")
        kind = EvidenceKind.IMPORTED if elsewhere else EvidenceKind.RUN
        evidence = Evidence(kind, arms[arm]["run"])
        facts.append(
            Fact(
                fact,
                round(measured["value"], 4),
                low=round(measured["low"], 4),
                high=round(measured["high"], 4),
                evidence=evidence,
                model=arms[arm]["model"],
                on=on,
            )
        )
        if arm in ("prompt", "rag"):
            facts.append(Fact(f"{arm}_tried", True, evidence=evidence, on=on))
    first = next((f.evidence for f in facts), Evidence())
    facts.append(Fact("heldout_examples", heldout, evidence=first, on=on))
    return facts

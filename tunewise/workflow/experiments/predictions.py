"""How often the rules alone foresaw what was measured, over all experiments of a home.

A blind verdict is right where it was the measured best, or equivalent to it. Verdicts
that named no option, or one that was not measured, are counted apart: nothing shows
whether they were right. Experiments of older software recorded no blind verdict: it is
reconstructed from their facts with today's rules, and marked.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from tracker import experiments as records
from tracker.experiments import ExperimentRow
from tracker.schema import EXPERIMENT
from tunewise.domain.errors import TunewiseError
from tunewise.domain.experiment import ARMS
from tunewise.domain.rules import RuleSet
from tunewise.engine.comparisons import read_comparisons
from tunewise.engine.intake import fact_sheet
from tunewise.evidence.intervals import wilson
from tunewise.workflow.experiments.prediction import (
    COUNTED,
    Outcome,
    judged,
    reconstructed,
)
from tunewise.workflow.home import Home

View = dict[str, Any]


def of_home(home: Home) -> View:
    """Return the blind verdict of every finished experiment, and the score over them.

    Returns
    -------
    dict
        ``n`` blind verdicts that are counted, of them ``best`` and ``equivalent``;
        ``right`` is the share of both with Wilson's 95 % interval; ``regret_mean``
        is over all ``n``, ``regret_mean_when_not`` over those that were not right.
        ``apart`` counts the others by outcome; ``reconstructed`` those among ``n``
        that were; ``heldout_splits`` on how many different held-out splits they rest.
    """
    if not home.has_records():
        return _scored([])
    rules = home.rules()
    with home.store() as store:
        rows = home.rows(
            store,
            "predictions",
            EXPERIMENT,
            lambda raw: _of_experiment(records.derive(raw), home, rules),
            stamp=(rules.digest, home.today()),
        )
    return _scored([row for row in rows.values() if row])


def _of_experiment(row: ExperimentRow, home: Home, rules: RuleSet) -> View | None:
    report = row.report
    if report is None:
        return None
    prediction = report.get("prediction") or _made_up_for(row, report, home, rules)
    if prediction is None:
        return None
    return {
        "experiment": row.id,
        "title": row.title,
        "at": row.at,
        "metric": report["primary_metric"],
        "heldout_digest": report.get("heldout_digest", ""),
        "labels": list(row.body.get("labels", [])),
        **prediction,
    }


def _made_up_for(
    row: ExperimentRow, report: Mapping[str, Any], home: Home, rules: RuleSet
) -> View | None:
    """Return the blind verdict of an experiment whose report has none."""
    try:
        raw = row.body.get("facts_before", {})
        sheet = fact_sheet(raw, rules.facts, ignore_unknown=True).sheet
        comparisons = read_comparisons(report.get("comparisons"))
    except TunewiseError:  # today's dictionary does not take its facts
        return None
    metric = report["primary_metric"]
    scores = {
        arm: view["metrics"][metric]["value"]
        for arm, view in report["arms"].items()
        if arm in ARMS and metric in view.get("metrics", {})
    }
    return judged(reconstructed(rules, sheet, home.today()), scores, comparisons)


def _scored(found: Sequence[View]) -> View:
    outcomes = Counter(row["outcome"] for row in found)
    counted = [row for row in found if row["outcome"] in COUNTED]
    n = len(counted)
    right = outcomes[Outcome.BEST] + outcomes[Outcome.EQUIVALENT]
    low, high = wilson(right, n)
    missed = [row for row in counted if row["outcome"] == Outcome.NOT_BEST]
    return {
        "n": n,
        "best": outcomes[Outcome.BEST],
        "equivalent": outcomes[Outcome.EQUIVALENT],
        "right": {"value": right / n, "low": low, "high": high, "n": n} if n else None,
        "regret_mean": _mean(counted),
        "regret_mean_when_not": _mean(missed),
        "apart": {o.value: outcomes[o] for o in Outcome if o not in COUNTED},
        "reconstructed": sum(row["reconstructed"] for row in counted),
        "heldout_splits": len({row["heldout_digest"] for row in counted}),
        "experiments": list(found),
    }


def _mean(rows: Sequence[View]) -> float | None:
    return fmean(row["regret"]["value"] for row in rows) if rows else None

"""What the judge's run shows: a score for each arm, and how far it can be trusted.

verdicts in two orders -> score of each arm, with interval    beside the metric
                       -> how often both orders agree
"""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from tracker import runs as run_records
from tracker.store import Store
from tunewise.domain.experiment import ARMS, JUDGE
from tunewise.workflow.experiments import endpoints
from tunewise.workflow.experiments.records import answers_of
from tunewise.workflow.experiments.results import mean_score

View = dict[str, Any]
Row = Mapping[str, Any]


def judge_view(
    store: Store,
    experiment: str,
    *,
    groups: Sequence[str] | None,
    classification: str,
) -> View | None:
    """Return what ``experiment show`` prints as ``judge``; None where none was asked.

    Only examples on which both orders gave a verdict count; ``n`` says how many.
    """
    found = run_records.list_all(store, experiment=experiment)
    run = next((r for r in found if r.arm == JUDGE), None)
    if run is None:
        return None
    view: View = {
        "run": run.id,
        "status": run.status.value,
        "error": run.error,
        "model": run.body.get("model_name", ""),
        "sent_to": endpoints.sent_to([run], classification),
    }
    if not run.result:
        return view
    rows = answers_of(store, run)
    read = [n for n, row in enumerate(rows) if row["verdicts"] is not None]
    own = [groups[n] for n in read] if groups else None
    judged = [rows[n] for n in read]
    arms = [arm for arm in ARMS if judged and arm in judged[0]["scores"]]
    return view | {
        "examples": len(rows),
        "judged": len(judged),
        "unreadable": len(rows) - len(judged),
        "snapshot": run.result["details"].get("snapshot", ""),
        "prompt_blob": run.result.get("prompt_blob", ""),
        "agreement": _agreement(judged, own),
        "scores": {
            arm: mean_score([row["scores"][arm] for row in judged], own) for arm in arms
        },
    }


def _agreement(rows: Sequence[Row], groups: Sequence[str] | None) -> View | None:
    """Return the share of verdicts that are the same in both orders.

    None where one answer was judged alone: that has no order.
    """
    shares = [
        fmean(len(set(given)) == 1 for given in row["verdicts"].values())
        for row in rows
        if all(len(given) > 1 for given in row["verdicts"].values())
    ]
    return mean_score(shares, groups) if shares else None

"""The contexts of the smaller records: model versions, datasets, runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from tunewise.report import charts
from tunewise.report.drift import complete_checks
from tunewise.report.lineage import DEPLOYMENT, complete_lineage, missing_groups
from tunewise.report.off_task import complete_off_task
from tunewise.report.shapes import Shape, View, fill, rows, shape
from tunewise.report.statistics import complete_statistics

_MODEL = shape(
    text="model name option primary_metric base_digest run experiment dataset "
    "decision decision_text at retired purpose out_of_scope limits oversight "
    "monitoring rollback heldout_digest trained_at trained_by tool git_commit",
    lists="aliases labels alias_history deployments drift_checks seeds alternatives "
    "expected missing",
    tables="setup training files metrics environment prompt retrieval endpoint "
    "dataset_elsewhere",
    none="number by identity base_model lineage target_score completeness off_task",
)
_BASE: Shape = {**shape(text="id revision digest licence source"), "files": dict}
_MOVE = shape(text="alias before after because by at", none="identity")
_DATASET = shape(
    text="dataset name digest at by deleted accepted_because",
    lists="findings runs labels same_content provenance_changes",
    tables="splits statistics files quality sources provenance accepted",
    none="documents number",
)
_QUALITY = shape(text="code severity file message", lists="lines")
_RUN = shape(
    text="run experiment arm status error at by started_at ended_at",
    lists="progress labels",
    tables="config result",
    none="seed",
)
_SEVERITIES = {"block": 0, "warn": 1, "note": 2}


def complete_model(view: View, *, lineage: View | None = None) -> dict[str, Any]:
    """Return the context of a model version's page and of its card."""
    model = fill(view, _MODEL)
    if not model["model"]:
        model["model"] = f"{model['name']}@{model['number']}"
    base = model["base_model"]
    if isinstance(base, Mapping):
        model["base_digest"] = model["base_digest"] or base.get("digest", "")
    model["base"] = fill(base if isinstance(base, Mapping) else {"id": base}, _BASE)
    model["deployments"] = rows(model["deployments"], DEPLOYMENT)
    model["alias_history"] = rows(model["alias_history"], _MOVE)
    model["drift_checks"] = complete_checks(model["drift_checks"])
    model["off_task"] = complete_off_task(model["off_task"])
    chain = lineage or model["lineage"]
    return {
        "model": model,
        "scores": _scores(model["metrics"]),
        "lineage": complete_lineage(chain)["lineage"] if chain else None,
        "missing_groups": missing_groups(chain or model),
        "labels": model["labels"],
    }


def complete_models(views: Sequence[View]) -> list[dict[str, Any]]:
    """Return model versions as rows: each with its name@n and its primary score."""
    versions = []
    for view in views:
        model = complete_model(view)["model"]
        metric = model["primary_metric"] or next(iter(model["metrics"]), "")
        score = model["metrics"].get(metric)
        model["metric"] = metric
        model["score"] = score if isinstance(score, Mapping) else {"value": score}
        versions.append(model)
    return versions


def complete_dataset(view: View) -> dict[str, Any]:
    """Return the context of a dataset version's page, the gravest finding first."""
    version = fill(view, _DATASET)
    if not version["dataset"]:
        version["dataset"] = f"{version['name']}@{version['number']}"
    version["findings"] = sorted(
        rows(version["findings"], _QUALITY),
        key=lambda f: _SEVERITIES.get(f["severity"], 3),
    )
    name, _, number = str(version["dataset"]).rpartition("@")
    return {
        "version": version,
        "dataset_name": name or version["dataset"],
        "number": int(number) if number.isdigit() else None,
        "labels": version["labels"],
        "statistics": complete_statistics(version["statistics"]),
    }


def complete_run(view: View) -> dict[str, Any]:
    """Return the context of a run's page, its loss as curves."""
    run = fill(view, _RUN)
    return {
        "run": run,
        "curves": [
            curve
            for key, label in _CURVES.items()
            if (curve := charts.line_chart(_points(run["progress"], key), label=label))
        ],
        "labels": run["labels"],
    }


def _scores(metrics: View) -> list[tuple[str, View]]:
    """Return every metric that has a value, a bare number as a score without n."""
    scores = []
    for name, entry in metrics.items():
        score = entry if isinstance(entry, Mapping) else {"value": entry}
        if isinstance(score.get("value"), (int, float)):
            scores.append((name, score))
    return scores


_CURVES = {
    "step_loss": "training loss of a step",
    "loss": "training loss of an epoch",
    "score": "score on validation",
    "train_loss": "training loss",
    "validation_loss": "validation loss",
    "learning_rate": "learning rate",
}


def _points(progress: Sequence[View], key: str) -> list[tuple[float, float]]:
    """Return a value by training step; of a step that was done again the last.

    What says no step stands where it was reported.
    """
    found = {
        float(entry.get("done", entry.get("step", i))): float(entry[key])
        for i, entry in enumerate(progress)
        if isinstance(entry, Mapping) and isinstance(entry.get(key), (int, float))
    }
    return sorted(found.items())

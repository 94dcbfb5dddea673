"""The lineage of a model version: "why was this model fine-tuned?" in one document.

model version <- run <- dataset version, base model
              <- decision <- facts, criteria, people
              <- the arms that were measured and lost
"""

from collections.abc import Mapping
from typing import Any

from tracker import audit
from tunewise.domain.errors import NotRecorded
from tunewise.workflow import datasets, decisions, experiments, models
from tunewise.workflow.home import Home

View = dict[str, Any]

# What a full record has: a path into the lineage and its name.
EXPECTED = (
    ("decision.id", "the decision"),
    ("decision.accepted_by", "who accepted it"),
    ("decision.findings", "the criteria that matched"),
    ("run.id", "the run that made it"),
    ("run.environment", "the run's environment"),
    ("run.git_commit", "the commit of the code that ran"),
    ("run.seed", "the seed"),
    ("run.setup", "the set-up or hyperparameters"),
    ("dataset.version", "the dataset version"),
    ("dataset.digest", "the dataset's digest"),
    ("dataset.quality", "the dataset's quality report"),
    ("base_model.id", "the base model"),
    ("base_model.digest", "the base model's digest"),
    ("base_model.licence", "the base model's licence"),
    ("model.metrics", "scores on held-out examples"),
    ("alternatives", "the alternatives that were measured"),
)


def why(home: Home, reference: str) -> View:
    """Return the whole lineage of a model version."""
    model = models.show(home, reference)
    decision = _decision(home, model["decision"])
    run = experiments.show_run(home, model["run"]) if model["run"] else None
    experiment = experiments.show(home, model["experiment"])
    dataset = _dataset(home, model["dataset"])
    base = model["base_model"]
    lineage: View = {
        "model": model,
        "decision": decision,
        "run": _run(run),
        "dataset": dataset,
        "base_model": base,
        "alternatives": _alternatives(experiment, model["option"]),
        "people": _people(model, decision, run, dataset),
        "events": _events(home, model, decision),
    }
    missing = [name for path, name in EXPECTED if not _at(lineage, path)]
    return {
        **lineage,
        "missing": missing,
        "completeness": round(1 - len(missing) / len(EXPECTED), 3),
    }


def _decision(home: Home, id: str) -> View | None:
    if not id:
        return None
    try:
        found = decisions.show(home, id)
    except NotRecorded:
        return None
    verdict = found["verdict"]
    return {
        **{
            key: found[key]
            for key in (
                "id",
                "title",
                "status",
                "choice",
                "justification",
                "conditions",
                "by",
                "identity",
                "at",
                "retrospective",
                "accepted_by",
                "accepted_identity",
                "accepted_at",
                "signatures",
                "supersedes",
                "superseded_by",
                "rule_set",
                "engine",
                "facts",
            )
        },
        "recommended": verdict["recommended"],
        "because": verdict["because"],
        "basis": verdict["basis"],
        "findings": verdict["findings"],
        "ruled_out": verdict["ruled_out"],
        "assumed": verdict["assumed"],
    }


def _run(run: View | None) -> View | None:
    if run is None:
        return None
    result = run["result"] or {}
    environment = result.get("environment", {})
    return {
        "id": run["run"],
        "experiment": run["experiment"],
        "arm": run["arm"],
        "seed": str(run["seed"]),
        "status": run["status"],
        "setup": result.get("setup", ""),
        "training": run["config"].get("finetune") if result.get("train") else None,
        "train": result.get("train"),
        "checks": result.get("checks", {}),
        "environment": environment,
        "git_commit": environment.get("git_commit", ""),
        "started_at": run["started_at"],
        "ended_at": run["ended_at"],
        "by": run["by"],
    }


def _dataset(home: Home, reference: str) -> View | None:
    try:
        found = datasets.show(home, reference)
    except NotRecorded:
        return None
    return {
        "version": found["dataset"],
        "digest": found["digest"],
        "splits": found["splits"],
        "documents": found["documents"],
        "quality": found["quality"],
        "findings": found["findings"],
        "at": found["at"],
        "by": found["by"],
        "deleted": found["deleted"],
    }


def _alternatives(experiment: Mapping[str, Any], chosen: str) -> list[View]:
    metric = experiment["primary_metric"]
    pairs = {frozenset((c["a"], c["b"])): c for c in experiment.get("comparisons", ())}
    return [
        {
            "arm": arm,
            "run": view["run"],
            "status": view["status"],
            "setup": view.get("setup", ""),
            "metric": metric,
            "score": view.get("metrics", {}).get(metric),
            "comparison": pairs.get(frozenset((arm, chosen))),
        }
        for arm, view in experiment["arms"].items()
        if arm != chosen
    ]


def _people(
    model: View, decision: View | None, run: View | None, dataset: View | None
) -> list[View]:
    people = [{"name": model["by"], "did": "registered the model version"}]
    if run:
        people.append({"name": run["by"], "did": "ran the experiment"})
    if dataset:
        people.append({"name": dataset["by"], "did": "registered the dataset"})
    if decision:
        people.append({"name": decision["by"], "did": "proposed the decision"})
        if decision["accepted_by"]:
            people.append({"name": decision["accepted_by"], "did": "accepted it"})
        people += [
            {"name": s["by"], "did": f"signed it as {s['role']}"}
            for s in decision["signatures"]
        ]
    return people


def _events(home: Home, model: View, decision: View | None) -> list[View]:
    subjects = {model["model"], model["run"], model["experiment"], model["dataset"]}
    if decision:
        subjects.add(decision["id"])
    with home.store() as store:
        found = audit.events(store)
    return [
        {
            "seq": e.seq,
            "at": e.at,
            "actor": e.actor,
            "identity": e.identity,
            "action": e.action,
            "subject": e.subject,
        }
        for e in found
        if e.subject in subjects
    ]


def _at(lineage: Mapping[str, Any], path: str) -> object:
    value: Any = lineage
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value

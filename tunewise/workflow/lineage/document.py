"""The lineage of a model version: "why was this model fine-tuned?" in one document.

model version <- run <- dataset version, base model
              <- decision <- facts, criteria, people
              <- the arms that were measured and lost
              -> deployments, and every later event
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tracker import audit
from tracker import models as model_records
from tunewise.domain.completeness import completeness, judge
from tunewise.domain.errors import NotRecorded
from tunewise.domain.experiment import FinetuneSpec
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.home import Home
from tunewise.workflow.lineage.events import event_view, events_of, people_of
from tunewise.workflow.models import versions as models
from tunewise.workflow.models.deployments import Asked, resolve
from tunewise.workflow.models.in_force import in_force
from tunewise.workflow.models.views import deployment_view
from tunewise.workflow.statements import reached

View = dict[str, Any]

_DECISION_KEYS = (
    "id",
    "title",
    "status",
    "choice",
    "justification",
    "conditions",
    "review_on",
    "by",
    "identity",
    "at",
    "accepted_by",
    "accepted_identity",
    "accepted_at",
    "signatures",
    "supersedes",
    "superseded_by",
    "retrospective",
    "rule_set",
    "engine",
    "facts",
    "claims",
    "accepted_because",
)
_VERDICT_KEYS = ("recommended", "because", "basis", "findings", "ruled_out", "assumed")


def why(
    home: Home,
    reference: str,
    *,
    at: str = "",
    environment: str = "",
    decision: View | None = None,
) -> View:
    """Return the whole lineage of a model version.

    Parameters
    ----------
    reference : a version, an alias of one, a name, or what a version runs as: the
        outside name or the product of a deployment
    at : a date or moment; what an alias stood for and what ran is answered for it
    decision : what ``decisions.show`` returned for its decision, where that was asked,
        perhaps with its ``experiment_views``

    Raises
    ------
    NotRecorded, StatusError
        If the reference stands for no version, or for several; if ``at`` lies ahead.
    """
    reached("at", at, home.now())
    asked = resolve(home, reference, at=at, environment=environment)
    return whole(home, asked, decision=decision)


def whole(home: Home, asked: Asked, *, decision: View | None = None) -> View:
    """Return the lineage of what a reference was found to stand for."""
    model = models.show(home, asked.model)
    known = decision if decision and decision["id"] == model["decision"] else None
    decision = _decision(home, model["decision"], known)
    experiment = _experiment(home, model["experiment"], known)
    alternatives = _alternatives(model, experiment)
    lineage: View = {
        "model": model,
        "asked": asdict(asked),
        "runs_today": any(d["runs"] for d in model["deployments"]),
        "deployments": _deployments(home, model["model"], asked.at),
        "decision": decision,
        "successor": _successor(home, decision),
        "in_force": _in_force(home, model["model"], decision),
        "run": _run(home, model["run"]),
        "dataset": _dataset(home, model),
        "base_model": model["base_model"],
        "alternatives": alternatives,
    }
    return {**lineage, **_happened(home, lineage), **_judged(lineage)}


def shown(home: Home, reference: str) -> View:
    """Return one version with how complete its record is."""
    view = why(home, models.show(home, reference)["model"])
    judged = ("missing", "completeness", "expected")
    return {**view["model"], **{key: view[key] for key in judged}}


def _deployments(home: Home, model: str, at: str) -> list[View]:
    """Return where a version ran, and whether it did at the time asked about."""
    with home.store() as store:
        found = model_records.get(store, model).deployments
    now = home.now()
    return [
        {**deployment_view(d, now=now), **({"ran_then": d.runs_at(at)} if at else {})}
        for d in found
    ]


def _decision(home: Home, id: str, known: View | None) -> View | None:
    if not id:
        return None
    try:
        found = known or decisions.show(home, id)
    except NotRecorded:
        return None
    verdict = found["verdict"]
    return {
        **{key: found.get(key) for key in _DECISION_KEYS},
        **{key: verdict[key] for key in _VERDICT_KEYS},
    }


def _successor(home: Home, decision: View | None) -> View | None:
    """Return the decision that superseded this one, with what it chose."""
    if not decision or not decision["superseded_by"]:
        return None
    found = decisions.show(home, decision["superseded_by"])
    kept = ("id", "title", "status", "choice", "justification", "model", "accepted_by")
    return {key: found[key] for key in (*kept, "accepted_at", "retrospective")}


def _in_force(home: Home, model: str, decision: View | None) -> View:
    with home.store() as store:
        id = decision["id"] if decision else ""
        return in_force(store, model, id, now=home.now())


def _experiment(home: Home, id: str, known: View | None) -> View | None:
    shown = (known or {}).get("experiment_views", ())
    there = next((view for view in shown if view["experiment"] == id), None)
    return there or (experiments.show(home, id) if id else None)


def _run(home: Home, id: str) -> View | None:
    if not id:
        return None
    run = experiments.show_run(home, id)
    result = run["result"] or {}
    environment = result.get("environment", {})
    return {
        "id": run["run"],
        "experiment": run["experiment"],
        "arm": run["arm"],
        "seed": str(run["seed"]),
        "status": run["status"],
        "setup": result.get("setup", ""),
        "training": FinetuneSpec.settings(run["config"].get("finetune") or {})
        if result.get("train")
        else None,
        "train": result.get("train"),
        "checks": result.get("checks", {}),
        "environment": environment,
        "git_commit": environment.get("git_commit", ""),
        "started_at": run["started_at"],
        "ended_at": run["ended_at"],
        "by": run["by"],
    }


def _dataset(home: Home, model: View) -> View | None:
    """Return the dataset version, or what is known of one that is kept elsewhere."""
    if not model["dataset"]:
        return _dataset_elsewhere(model["dataset_elsewhere"])
    try:
        found = datasets.show(home, model["dataset"])
    except NotRecorded:
        return None
    return {
        "version": found["dataset"],
        "digest": found["digest"],
        "splits": found["splits"],
        "documents": found["documents"],
        "quality": found["quality"],
        "findings": found["findings"],
        "accepted": found["accepted"],
        "provenance": found["provenance"],
        "provenance_missing": found["provenance_missing"],
        "at": found["at"],
        "by": found["by"],
        "deleted": found["deleted"],
    }


def _dataset_elsewhere(stated: Mapping[str, Any] | None) -> View | None:
    if not stated:
        return None
    named = ("owner", "origin", "licence", "classification", "basis")
    return {
        "version": stated.get("name", ""),
        "digest": stated.get("digest", ""),
        "description": stated.get("description", ""),
        "elsewhere": True,
        "splits": {},
        "documents": None,
        "quality": None,
        "findings": [],
        "provenance": {key: stated.get(key, "") for key in named},
        "deleted": "",
    }


def _alternatives(model: View, experiment: View | None) -> list[View]:
    """Return what else was measured, each with its comparison to what was chosen."""
    if experiment is None:
        return [_stated(a, model["primary_metric"]) for a in model["alternatives"]]
    metric, chosen = experiment["primary_metric"], model["option"]
    pairs = {frozenset((c["a"], c["b"])): c for c in experiment.get("comparisons", ())}
    return [
        {
            "arm": arm,
            "run": view["run"],
            "status": view["status"],
            "error": view.get("error", ""),
            "setup": view.get("setup", ""),
            "metric": metric,
            "score": _score(view.get("metrics", {}), metric),
            "comparison": pairs.get(frozenset((arm, chosen))),
        }
        for arm, view in experiment["arms"].items()
        if arm != chosen
    ]


def _stated(alternative: Mapping[str, Any], metric: str) -> View:
    """Return an alternative as a file told of it; no run of this home shows it."""
    return {
        "arm": alternative["option"],
        "run": "",
        "status": "stated",
        "error": "",
        "setup": alternative.get("setup", ""),
        "metric": metric,
        "score": alternative.get("score"),
        "comparison": None,
        "because": alternative.get("because", ""),
    }


def _score(metrics: Mapping[str, Any], name: str) -> View | None:
    found = metrics.get(name)
    return dict(found) if isinstance(found, Mapping) else None


def _happened(home: Home, lineage: View) -> View:
    """Return who did what, every event of the records, and the head of the log."""
    model, decision = lineage["model"], lineage["decision"]
    subjects = [model["run"], model["experiment"], model["dataset"]]
    subjects += [a["run"] for a in lineage["alternatives"]]
    for found in (decision, lineage["successor"]):
        subjects += [found["id"]] if found else []
    with home.store() as store:
        events = events_of(store, model["model"], subjects)
        head = audit.head(store)
    signatures = decision["signatures"] if decision else []
    earlier = {
        found["id"]: found["retrospective"]["decided_at"]
        for found in (decision, lineage["successor"])
        if found and found["retrospective"]
    }
    own = [e for e in events if not _is_of(e.subject, lineage["successor"])]
    return {
        "people": people_of(own, signatures, earlier),
        "events": [event_view(e, earlier) for e in events],
        "audit_head": head,
    }


def _is_of(subject: str, record: View | None) -> bool:
    return record is not None and subject == record["id"]


def _judged(lineage: View) -> View:
    """Return what should be known of the version, what is missing, and the share."""
    judged = judge(lineage)
    return {
        "missing": [j.field.name for j in judged if not j.known],
        "completeness": completeness(judged),
        "expected": [
            {
                "group": j.field.group,
                "name": j.field.name,
                "why": j.field.why,
                "known": j.known,
            }
            for j in judged
        ],
    }

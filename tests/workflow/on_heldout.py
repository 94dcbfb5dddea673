"""Experiments on one held-out split, put on record as the trainer leaves them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tracker import datasets, experiments, runs
from tunewise.domain.experiment import DEFAULT_MARGIN, ExperimentSpec, TaskSpec
from tunewise.workflow.home import Home

LEASE = {"owner": "test", "lease_until": "2099-01-01T00:00:00.000+00:00"}
SPLIT, PART = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def register(home: Home, name: str = "desk", *, heldout: str = SPLIT) -> str:
    """Record a dataset version that has this held-out split."""
    with home.store(create=True) as store:
        row = datasets.register(
            store,
            name,
            digest=f"sha256:{name}",
            body={"splits": {"heldout": {"digest": heldout, "examples": 9}}},
            actor=home.actor,
            at=home.now(),
        )
    return row.id


def begin(
    home: Home,
    id: str,
    dataset: str,
    *,
    heldout: str = SPLIT,
    target: float | None = None,
    margin: float | None = None,
    facts: Mapping[str, Any] | None = None,
    rule_set: str = "sha256:rules",
) -> str:
    """Record an experiment before anything of it ran."""
    named = DEFAULT_MARGIN if margin is None else margin
    task = TaskSpec("classification", "accuracy", target, named)
    stated = margin is not None
    spec = ExperimentSpec(id, dataset, {}, {}, task, ("prompt",), margin_stated=stated)
    with home.store() as store:
        experiments.create(
            store,
            id,
            title=id,
            dataset=dataset,
            body={
                "spec": asdict(spec),
                "heldout_digest": heldout,
                "base_model": None,
                "facts_before": {"facts": dict(facts or {})},
                "verdict_before": {"rule_set": rule_set},
            },
            actor=home.actor,
            at=home.now(),
        )
    return id


def measure(home: Home, id: str, dataset: str, arm: str = "rag") -> str:
    """Record an experiment with one arm that has finished."""
    made = run(home, begin(home, id, dataset), score=0.8, arm=arm)
    view = {"run": made, "status": "finished", "model": "tiny", "setup": "k=1"}
    report = {
        "arms": {arm: {**view, "metrics": {"accuracy": {"value": 0.8}}}},
        "primary_metric": "accuracy",
    }
    who = {"actor": home.actor, "at": home.now()}
    with home.store() as store:
        experiments.start(store, id, **who)
        experiments.finish(store, id, report=report, **who)
    return made


def run(
    home: Home, experiment: str, *, score: float | None, seed: int = 0, arm: str = "rag"
) -> str:
    """Record a run with its score; without one it has failed."""
    id = f"r-{experiment}-{arm}-{seed}"
    who = {"actor": home.actor, "at": home.now()}
    with home.store() as store:
        runs.create(
            store, id, experiment=experiment, arm=arm, seed=seed, body={}, **who
        )
        attempt = runs.claim(store, id, **LEASE, **who).attempt
        if score is None:
            runs.fail(store, id, attempt=attempt, because="no memory", **who)
        else:
            result = {"metrics": {"accuracy": score, "macro_f1": 0.1}}
            runs.finish(store, id, attempt=attempt, result=result, **who)
    return id


def imported(home: Home, experiment: str, *, score: float, arm: str) -> str:
    """Record a run whose answers were produced elsewhere, with its score."""
    id = f"r-{experiment}-{arm}-imported"
    body = {"imported": {"file": "a.csv", "digest": "sha256:f", "tool": "csv"}}
    who = {"actor": home.actor, "at": home.now()}
    with home.store() as store:
        runs.create(store, id, experiment=experiment, arm=arm, seed=0, body=body, **who)
        attempt = runs.claim(store, id, **LEASE, **who).attempt
        result = {"metrics": {"accuracy": score, "macro_f1": 0.1}}
        runs.finish(store, id, attempt=attempt, result=result, **who)
    return id

"""Model versions: what an experiment leaves behind, under a name that stays.

A version is the base model and an adapter, or the base model and the prompt and
retrieval set-up. It never changes; aliases move, with an actor and a reason.
"""

import json
from itertools import chain
from pathlib import Path
from typing import Any

from tracker import blobs
from tracker import decisions as decision_records
from tracker import experiments as experiment_records
from tracker import models as records
from tracker import runs as run_records
from tracker.models import ModelRow
from tracker.store import Store
from tunewise.domain.errors import ModelError
from tunewise.report.documents import model_card
from tunewise.workflow.home import Home, slug
from tunewise.workflow.output import write_folder
from tunewise.workflow.statements import required

View = dict[str, Any]


def register(
    home: Home, experiment: str, arm: str, *, decision: str = "", name: str = ""
) -> View:
    """Record an arm of an experiment as the next version of a model."""
    with home.store() as store, store.writing(home.actor, home.now()):
        if decision:
            decision_records.get(store, decision)  # refuses one that is unknown
        return record(store, home, experiment, arm, decision=decision, name=name)


def record(
    store: Store,
    home: Home,
    experiment: str,
    arm: str,
    *,
    decision: str = "",
    name: str = "",
) -> View:
    """Do the same inside a transaction that records more."""
    found = experiment_records.get(store, experiment)
    report = found.report or {}
    if report.get("arms", {}).get(arm, {}).get("status") != "finished":
        raise ModelError(
            f"experiment {experiment} has no finished {arm} arm\n"
            f"  Its arms: {', '.join(report.get('arms', {})) or 'none'}."
        )
    view = report["arms"][arm]
    run = run_records.get(store, view["run"])
    result = run.result or {}
    base = found.body["base_model"] or {}
    heldout = found.body["heldout_digest"]
    body: View = {
        "option": arm,
        "base_model": {
            "id": base.get("id", view["model"]),
            "digest": base.get("digest", ""),
            "licence": base.get("licence", ""),
            "source": base.get("source", ""),
        },
        "run": run.id,
        "experiment": experiment,
        "dataset": found.dataset,
        "heldout_digest": heldout,
        "decision": decision,
        "setup": {"name": view["setup"], **result.get("details", {})},
        "training": found.body["spec"]["finetune"] if result.get("train") else None,
        "files": result.get("weights_blobs", {}),
        "metrics": view["metrics"],
        "primary_metric": report["primary_metric"],
        "environment": result.get("environment", {}),
        "labels": found.body.get("labels", []),
    }
    row = records.register(
        store,
        name or slug(found.title),
        body=body,
        run=run.id,
        blobs=sorted(set(body["files"].values())),
        actor=home.actor,
        at=home.now(),
    )
    row = records.alias(
        store,
        row.id,
        alias="candidate",
        because=f"newest version, from decision {decision}"
        if decision
        else "newest version",
        actor=home.actor,
        at=home.now(),
    )
    return _view(row)


def alias(home: Home, reference: str, name: str, *, because: str) -> View:
    """Move an alias to a version."""
    because = required("because", because)
    with home.store() as store:
        row = records.alias(
            store,
            reference,
            alias=name,
            because=because,
            actor=home.actor,
            at=home.now(),
        )
    return _view(row)


def retire(home: Home, reference: str, *, because: str) -> View:
    """Take a version out of service."""
    because = required("because", because)
    with home.store() as store:
        row = records.retire(
            store, reference, because=because, actor=home.actor, at=home.now()
        )
    return _view(row)


def show(home: Home, reference: str) -> View:
    """Return one version: ``name@n``, ``name@alias`` or the newest of a name."""
    with home.store() as store:
        return _view(records.get(store, reference))


def versions(home: Home, name: str) -> list[View]:
    """Return every version of a name, oldest first."""
    with home.store() as store:
        rows = records.versions(store, name)
        if not rows:
            records.get(store, name)  # raises with the names that come close
    return [_view(row) for row in rows]


def list_all(home: Home) -> list[View]:
    """Return every version of every model."""
    with home.store() as store:
        return [_view(row) for row in records.list_all(store)]


def export(home: Home, reference: str, folder: Path) -> list[str]:
    """Write a version in standard form: adapter files for peft, and a model card."""
    view = show(home, reference)
    setup = json.dumps(view["setup"], ensure_ascii=False, indent=1) + "\n"
    with home.store() as store:
        weights = (
            (name, blobs.read(store.blobs, digest))
            for name, digest in view["files"].items()
        )
        words = [("README.md", model_card(view)), ("setup.json", setup)]
        return write_folder(
            folder, chain(weights, ((name, text.encode()) for name, text in words))
        )


def _view(row: ModelRow) -> View:
    body = row.body
    return {
        "model": row.id,
        "name": row.name,
        "number": row.number,
        "option": body["option"],
        "base_model": body["base_model"],
        "run": row.run,
        "experiment": body["experiment"],
        "dataset": body["dataset"],
        "decision": body["decision"],
        "setup": body["setup"],
        "training": body["training"],
        "files": body["files"],
        "metrics": body["metrics"],
        "primary_metric": body["primary_metric"],
        "environment": body["environment"],
        "labels": body.get("labels", []),
        "aliases": list(row.aliases),
        "retired": row.retired,
        "at": row.at,
        "by": row.by.name,
    }

"""Model versions: what an experiment leaves behind, under a name that stays.

A version is the base model and an adapter, or the base model and the prompt and
retrieval set-up. It never changes; aliases move, with an actor and a reason.
"""

import json
from pathlib import Path
from typing import Any

from tracker import blobs
from tracker import experiments as experiment_records
from tracker import models as records
from tracker import runs as run_records
from tracker.models import ModelRow
from tunewise.domain.errors import ModelError, NotRecorded
from tunewise.report.documents import model_card
from tunewise.workflow.home import Home, slug

View = dict[str, Any]


def register(
    home: Home, experiment: str, arm: str, *, decision: str = "", name: str = ""
) -> View:
    """Record an arm of an experiment as the next version of a model."""
    with home.store() as store:
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
        records.alias(
            store,
            row.id,
            alias="candidate",
            because=f"newest version, from decision {decision}"
            if decision
            else "newest version",
            actor=home.actor,
            at=home.now(),
        )
        return _view(records.get(store, row.id))


def alias(home: Home, reference: str, name: str, *, because: str) -> View:
    """Move an alias to a version."""
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
    if folder.exists() and any(folder.iterdir()):
        raise ModelError(f"{folder}: the folder is not empty\n  Name a new one.")
    view = show(home, reference)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with home.store() as store:
        for name, digest in view["files"].items():
            (folder / name).write_bytes(blobs.read(store.blobs, digest))
            written.append(str(folder / name))
    (folder / "README.md").write_text(model_card(view), encoding="utf-8")
    (folder / "setup.json").write_text(
        json.dumps(view["setup"], ensure_ascii=False, indent=1) + "\n",
        encoding="utf-8",
    )
    return [*written, str(folder / "README.md"), str(folder / "setup.json")]


def for_run(home: Home, run: str) -> str:
    """Return the model version that a run became, "" where it became none."""
    try:
        with home.store() as store:
            found = records.list_all(store, run=run)
    except NotRecorded:
        return ""
    return found[-1].id if found else ""


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

"""Model versions: what an experiment leaves behind, under a name that stays.

A version is the base model and an adapter, or the base model and the prompt and
retrieval set-up (``contents.py``). It never changes; aliases move, with an actor and
a reason. Where versions run is in ``deployments.py``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker import decisions as decision_records
from tracker import experiments as experiment_records
from tracker import models as records
from tracker import runs as run_records
from tracker.experiments import ExperimentRow
from tracker.models import ModelRow
from tracker.runs import RunRow
from tracker.store import Store
from tunewise.domain.errors import ModelError, StatusError
from tunewise.domain.experiment import FinetuneSpec
from tunewise.workflow.event_words import sentence
from tunewise.workflow.home import Home, slug
from tunewise.workflow.models import contents
from tunewise.workflow.models.listed import every_version
from tunewise.workflow.models.views import DESCRIBED, model_view
from tunewise.workflow.statements import required

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """An arm that was measured, as the record of a version holds it."""

    title: str  # of its experiment
    body: Mapping[str, Any]


def newest_entry(home: Home, name: str) -> View | None:
    """Return what was last done about any version of a name: seq, by, at, what."""
    with home.store() as store:
        event = records.newest_entry(store, name)
    if event is None:
        return None
    return {
        "seq": event.seq,
        "by": event.actor,
        "at": event.at,
        "what": sentence(event),
    }


def register(
    home: Home, experiment: str, arm: str, *, decision: str = "", name: str = ""
) -> View:
    """Record an arm of an experiment as the next version of a model."""
    with home.store() as store:
        if decision:
            decision_records.get(store, decision)  # refuses one that is unknown
        measured = prepare(store, experiment, arm)
        with store.writing(home.actor, home.now()):
            return record(store, home, measured, decision=decision, name=name)


def prepare(store: Store, experiment: str, arm: str) -> Measured:
    """Return what a version of an arm consists of.

    It reads held-out examples, so it comes before the transaction that records it;
    what it reads never changes.

    Raises
    ------
    ModelError
        If the experiment has no such arm that has finished here.
    """
    found = experiment_records.get(store, experiment)
    report = found.report or {}
    if report.get("arms", {}).get(arm, {}).get("status") != "finished":
        raise ModelError(
            f"experiment {experiment} has no finished {arm} arm\n"
            f"  Its arms: {', '.join(report.get('arms', {})) or 'none'}."
        )
    view = report["arms"][arm]
    if view.get("imported"):
        raise ModelError(
            f"experiment {experiment}: the answers of its {arm} arm were imported: "
            "what gave them is not here\n"
            "  Register it as made elsewhere: tunewise model register NAME --from FILE."
        )
    run = run_records.get(store, view["run"])
    result = run.result or {}
    body: View = {
        "option": arm,
        "base_model": contents.base_of(_base_of(found, run), view["model"]),
        "run": run.id,
        "experiment": experiment,
        "dataset": found.dataset,
        "heldout_digest": found.body["heldout_digest"],
        "setup": contents.setup_of(result, view["setup"]),
        "training": FinetuneSpec.settings(found.body["spec"]["finetune"])
        if result.get("train")
        else None,
        "seeds": list(found.body["spec"].get("seeds", [])),
        "prompt": contents.prompt_of(store, found.dataset, result),
        "retrieval": contents.retrieval_of(store, found.dataset, run),
        "endpoint": contents.endpoint_of(run),
        "files": result.get("weights_blobs", {}),
        "metrics": view["metrics"],
        "off_task": view.get("off_task"),
        "primary_metric": report["primary_metric"],
        "target_score": report.get("target_score"),
        "environment": result.get("environment", {}),
        "labels": found.body.get("labels", []),
    }
    return Measured(found.title, body)


def record(
    store: Store,
    home: Home,
    measured: Measured,
    *,
    decision: str = "",
    name: str = "",
) -> View:
    """Record what was prepared, perhaps inside a transaction that records more."""
    body = {**measured.body, "decision": decision}
    row = records.register(
        store,
        name or slug(measured.title),
        body=body,
        run=body["run"],
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
    return _view(store, home, row)


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
        return _view(store, home, row)


def unalias(home: Home, reference: str, name: str, *, because: str) -> View:
    """Take an alias from a version."""
    because = required("because", because)
    with home.store() as store:
        row = records.unalias(
            store,
            reference,
            alias=name,
            because=because,
            actor=home.actor,
            at=home.now(),
        )
        return _view(store, home, row)


def describe(
    home: Home, reference: str, fields: Mapping[str, str], *, because: str
) -> View:
    """Say afterwards what the record of a version lacks."""
    because = required("because", because)
    said = {key: required(key, text) for key, text in fields.items()}
    if not said:
        options = ", ".join(f"--{key.replace('_', '-')}" for key in DESCRIBED)
        raise StatusError(f"nothing is said of {reference}\n  Give one of {options}.")
    with home.store() as store:
        row = records.describe(
            store,
            reference,
            fields=said,
            because=because,
            actor=home.actor,
            at=home.now(),
        )
        return _view(store, home, row)


def retire(home: Home, reference: str, *, because: str) -> View:
    """Take a version out of service: aliases are released, deployments end."""
    because = required("because", because)
    with home.store() as store:
        row = records.retire(
            store, reference, because=because, actor=home.actor, at=home.now()
        )
        return _view(store, home, row)


def show(home: Home, reference: str) -> View:
    """Return one version: ``name@n``, ``name@alias`` or the newest of a name."""
    with home.store() as store:
        return _view(store, home, records.get(store, reference))


def versions(home: Home, name: str) -> list[View]:
    """Return every version of a name, oldest first."""
    with home.store() as store:
        rows = records.versions(store, name)
        if not rows:
            records.get(store, name)  # raises with the names that come close
    return _views(rows, home)


def list_all(home: Home) -> list[View]:
    """Return every version of every model."""
    with home.store() as store:
        return _views(every_version(home, store), home)


def references(home: Home) -> list[str]:
    """Return ``name@n`` of every version of every model, oldest first."""
    with home.store() as store:
        return [row.id for row in every_version(home, store)]


def some(home: Home, references: Sequence[str]) -> list[View]:
    """Return these versions, in the order of all."""
    wanted = set(references)
    with home.store() as store:
        rows = every_version(home, store)
    return _views(rows, home, wanted=wanted)


def _base_of(experiment: ExperimentRow, run: RunRow) -> Mapping[str, Any]:
    """Return the local base model that a run used, {} where an endpoint answered."""
    if run.body.get("endpoint"):
        return {}
    own = experiment.body.get("base_models") or {}
    return own.get(run.arm) or experiment.body["base_model"] or {}


def _view(store: Store, home: Home, row: ModelRow) -> View:
    moves = records.alias_moves(records.versions(store, row.name))
    return model_view(row, moves, now=home.now())


def _views(
    rows: Sequence[ModelRow], home: Home, *, wanted: Collection[str] | None = None
) -> list[View]:
    """Return these versions of some names; all versions of a name must be there."""
    now = home.now()
    moves: dict[str, list[records.AliasMove]] = {}
    for move in records.alias_moves(rows):
        for id in {move.before, move.after}:
            moves.setdefault(id, []).append(move)
    return [
        model_view(row, moves.get(row.id, ()), now=now)
        for row in rows
        if wanted is None or row.id in wanted
    ]

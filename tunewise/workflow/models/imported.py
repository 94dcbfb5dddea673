"""Models made elsewhere, or before Tunewise: registered with what is known.

file (TOML, JSON) + folder with weights -> name@n; what the file does not say is missing
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracker import blobs, moments, refs
from tracker import datasets as dataset_records
from tracker import decisions as decision_records
from tracker import models as records
from tracker.store import Store
from tunewise.domain.completeness import TUNED
from tunewise.domain.errors import ModelError, NotRecorded, TunewiseError
from tunewise.domain.experiment import METRICS
from tunewise.workflow.home import Home
from tunewise.workflow.models import files as model_files
from tunewise.workflow.models.foreign_weights import adapter_files, merged_files
from tunewise.workflow.models.views import DESCRIBED

View = dict[str, Any]


def register(home: Home, name: str, path: Path) -> View:
    """Record the next version of a name from a file that describes it.

    Raises
    ------
    ModelError
        If the file is not what ``tunewise schema model`` says, or the adapter holds
        anything but safetensors.
    NotRecorded
        If it names a dataset version or a decision that this home does not have.
    """
    from tunewise.workflow.lineage import document as lineage

    refs.check_name(name, what="name of a model", error=ModelError)
    raw, content = model_files.read(path)
    _check_time(home, path, raw.get("trained_at", ""))
    weights, body = _weights(path, raw), _body(path, raw)
    with (
        home.store(create=not _names_records(raw)) as store,
        store.writing(home.actor, home.now()),
    ):
        links = _links(store, path, raw)
        source = blobs.put_bytes(store.blobs, content)
        files = {p.name: blobs.put_file(store.blobs, p) for p in weights}
        body |= {
            **links,
            "files": files,
            "registered_from": {"file": path.name, "digest": source},
        }
        row = records.register(
            store,
            name,
            body=body,
            blobs=sorted({source, *files.values()}),
            actor=home.actor,
            at=home.now(),
        )
    return lineage.shown(home, row.id)


def _weights(path: Path, raw: Mapping[str, Any]) -> list[Path]:
    """Return the files of the adapter, or of the whole model, that are kept."""
    named = [key for key in ("adapter", "merged") if key in raw]
    if not named:
        return []
    if raw["option"] not in TUNED:
        raise ModelError(
            f"{path}: {named[0]}: the option {raw['option']} has none\n"
            "  Leave it out, or say finetune or hybrid."
        )
    if len(named) > 1:
        raise ModelError(
            f"{path}: adapter and merged: a version is one or the other\n"
            "  Keep the adapter: 'model export --merged' makes the other from it."
        )
    folder = path.parent / raw[named[0]]
    if named == ["merged"]:
        return merged_files(folder)
    return adapter_files(folder, raw.get("training", {}))


def _links(store: Store, path: Path, raw: Mapping[str, Any]) -> View:
    """Return the dataset and decision that the file names, each here or elsewhere."""
    found: View = {
        "dataset": "",
        "dataset_elsewhere": None,
        "decision": "",
        "decision_text": "",
    }
    dataset, decision = raw.get("dataset", ""), raw.get("decision", "")
    try:
        if isinstance(dataset, dict):
            found["dataset_elsewhere"] = dataset
        elif dataset:
            found["dataset"] = dataset_records.get(store, dataset).id
    except NotRecorded as error:
        raise NotRecorded(
            f"{path}: dataset: {error}\n"
            '  Of one kept elsewhere say what is known: [dataset] name = "…".'
        ) from None
    if decision:
        found |= _decision(store, path, decision)
    return found


def _decision(store: Store, path: Path, said: str) -> View:
    """Return a decision by its id; more than one word is the reasons themselves."""
    try:
        return {"decision": decision_records.get(store, said).id}
    except NotRecorded as error:
        if len(said.split()) == 1:
            raise NotRecorded(f"{path}: decision: {error}") from None
        return {"decision_text": said}


def _names_records(raw: Mapping[str, Any]) -> bool:
    """Return whether it names what only a home with records can have."""
    named = isinstance(raw.get("dataset"), str)
    return named or len(raw.get("decision", "").split()) == 1


def _body(path: Path, raw: Mapping[str, Any]) -> View:
    metrics = {
        name: _score(path, name, said) for name, said in raw.get("metrics", {}).items()
    }
    primary = raw.get("primary_metric") or next(iter(metrics), "")
    if metrics and primary not in metrics:
        raise ModelError(
            f"{path}: primary_metric: '{primary}' is not among the metrics\n"
            f"  They are {', '.join(metrics)}."
        )
    prompt = raw.get("prompt", "")
    return {
        "option": raw["option"],
        "base_model": dict(raw["base_model"]),
        "run": "",
        "experiment": "",
        "heldout_digest": raw.get("heldout_digest", ""),
        "setup": {},
        "training": raw.get("training"),
        "seeds": raw.get("seeds", []),
        "prompt": {"system": prompt, "systems": 1, "shots": 0} if prompt else None,
        "retrieval": raw.get("retrieval"),
        "endpoint": raw.get("endpoint"),
        "metrics": metrics,
        "primary_metric": primary,
        "target_score": raw.get("target_score"),
        "alternatives": [_alternative(path, a) for a in raw.get("alternatives", [])],
        "environment": raw.get("environment", {}),
        "git_commit": raw.get("git_commit", ""),
        "trained_at": raw.get("trained_at", ""),
        "trained_by": raw.get("trained_by", ""),
        "tool": raw.get("tool", ""),
        **{key: raw.get(key, "") for key in DESCRIBED},
        "labels": [],
    }


def _score(path: Path, metric: str, said: float | Mapping[str, Any]) -> View:
    given = said if isinstance(said, Mapping) else {"value": said}
    score = {key: given.get(key) for key in ("value", "low", "high", "n")}
    low, high = score["low"], score["high"]
    around = [v for v in (low, score["value"], high) if v is not None]
    if around != sorted(around):
        raise ModelError(
            f"{path}: {metric}: {score['value']} does not lie from {low} to {high}\n"
            "  An interval has its lower end, the value and its upper end in order."
        )
    if metric in METRICS and not (around[0] >= 0 and around[-1] <= 1):
        raise ModelError(
            f"{path}: {metric}: {around[-1]} is not from 0 to 1\n  Write 0.91 for 91 %."
        )
    return score


def _alternative(path: Path, said: Mapping[str, Any]) -> View:
    named = f"the score of {said['option']}"
    score = _score(path, named, said["score"]) if "score" in said else None
    return {**said, "score": score}


def _check_time(home: Home, path: Path, said: str) -> None:
    if not said:
        return
    try:
        then = moments.parse(said)
    except TunewiseError as error:
        raise ModelError(f"{path}: trained_at: {error}") from None
    if then > moments.parse(home.now()):
        raise ModelError(
            f"{path}: trained_at: {said} has not come yet\n"
            "  Say when it was trained; a plan is no model."
        )

"""A model version as a folder that other software loads.

adapter     what was trained, as peft loads it        model export NAME@N DIR
merged      base and adapter as one model, made and   model export NAME@N DIR --merged
            compared in a child process
both        tokenizer and chat template of the base, README.md (the model card),
            setup.json, tunewise.json
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker import audit, blobs
from tracker import experiments as experiment_records
from tracker.store import Store
from trainer.merge import PRECISIONS
from tunewise.domain.completeness import TUNED
from tunewise.domain.errors import ModelError
from tunewise.report.documents import model_card
from tunewise.workflow import processes
from tunewise.workflow.home import Home
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models import versions as models
from tunewise.workflow.models.bases import list_fetched, require_train_extra, sha256_of
from tunewise.workflow.models.foreign_weights import (
    ADAPTER_CONFIG,
    CONFIG,
    TOKENIZER_FILES,
)
from tunewise.workflow.output import exported_record, new_folder

View = dict[str, Any]

_OF_A_WHOLE_MODEL = (*TOKENIZER_FILES, CONFIG, "generation_config.json")
_QUESTION = {"role": "user", "content": "What can you do for me?"}


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of an export, and what it lacks, "" where it lacks nothing."""

    files: tuple[str, ...]
    lacks: str = ""


def export(
    home: Home, reference: str, folder: Path, *, base: Path | None = None
) -> Exported:
    """Write a version as it is: what was trained, its set-up and its model card.

    Parameters
    ----------
    base : the folder of the base model, where this home does not know it

    Raises
    ------
    ModelError
        If the base model is not the one that the version was made from.
    """
    whole = lineage.why(home, models.show(home, reference)["model"])
    view = whole["model"]
    lacks = ""
    with home.store() as store, new_folder(folder) as made:
        for name, digest in view["files"].items():
            _put(store, made, name, digest)
        found = _base_folder(store, home, view, base)
        if view["files"] and "tokenizer.json" not in view["files"]:
            lacks = _add_from_base(made, found, view)
        _describe(store, made, whole, merged=False)
        names = sorted(path.name for path in made.iterdir())
    return Exported(tuple(str(folder / name) for name in names), lacks)


def merge(
    home: Home,
    reference: str,
    folder: Path,
    *,
    precision: str = PRECISIONS[0],
    base: Path | None = None,
) -> Exported:
    """Write a version as one model of its own, after it was compared.

    Raises
    ------
    ModelError
        If there is nothing to merge, if the base model is missing or another one, or
        if the merged model does not answer as base and adapter do.
    """
    whole = lineage.why(home, models.show(home, reference)["model"])
    view = whole["model"]
    _require_mergeable(view)
    require_train_extra()
    with home.store() as store, new_folder(folder) as made:
        found = _base_folder(store, home, view, base)
        if found is None:
            raise ModelError(
                f"{view['model']}: its base model {view['base_model']['id']} is not "
                "here\n  Fetch it (tunewise model fetch), or name its folder with "
                "--base."
            )
        _require_same(found, view, view["base_model"]["files"])
        _merged(store, made, found, view, precision)
        _describe(store, made, whole, merged=True)
        names = sorted(path.name for path in made.iterdir())
    return Exported(tuple(str(folder / name) for name in names))


def _require_mergeable(view: View) -> None:
    if view["option"] not in TUNED or not view["files"]:
        raise ModelError(
            f"{view['model']}: there are no trained weights to merge "
            f"({view['option']})\n  Export it without --merged."
        )
    if CONFIG in view["files"] and ADAPTER_CONFIG not in view["files"]:
        raise ModelError(
            f"{view['model']}: it is one model already\n  Export it without --merged."
        )


def _merged(store: Store, made: Path, base: Path, view: View, precision: str) -> None:
    """Let a child merge into a folder, and note the hash of every file there."""
    system = (view["prompt"] or {}).get("system", "")
    messages = [{"role": "system", "content": system}] if system else []
    with tempfile.TemporaryDirectory(dir=made.parent) as name:
        weights = Path(name) / "weights"
        weights.mkdir()
        for file, digest in view["files"].items():
            _put(store, weights, file, digest)
        asked = {
            "base": str(base.resolve()),
            "weights": str(weights),
            "method": "lora" if ADAPTER_CONFIG in view["files"] else "full",
            "dtype": precision,
            "messages": [*messages, _QUESTION],
        }
        (Path(name) / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
        ended = processes.call(
            ["trainer.merge", str(Path(name) / "asked.json"), str(made)]
        )
    if ended.status:
        raise ModelError(
            ended.errors
            if ended.status == 2
            else f"{view['model']}: it cannot be merged with {base}: {ended.reason}\n"
            "  Check that the base model loads with transformers."
        )
    note = made / "merged.json"
    said = json.loads(note.read_text(encoding="utf-8"))
    files = sorted(p for p in made.iterdir() if p != note)
    said |= {"model": view["model"], "files": {p.name: sha256_of(p) for p in files}}
    note.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def _describe(store: Store, made: Path, whole: View, *, merged: bool) -> None:
    """Add the model card, the set-up, and the record that the export is of."""
    view = whole["model"]
    card = model_card(view, lineage=whole, merged=merged)
    (made / "README.md").write_text(card, encoding="utf-8")
    setup = json.dumps(_setup(view), ensure_ascii=False, indent=1) + "\n"
    (made / "setup.json").write_text(setup, encoding="utf-8")
    name, content = exported_record(view, head=audit.head(store))
    (made / name).write_bytes(content)


def _add_from_base(made: Path, base: Path | None, view: View) -> str:
    """Add the base's tokenizer, and its configuration where all weights were trained.

    Return what is lacking, "" where nothing is.
    """
    if base is None:
        return (
            f"tokenizer and chat template are lacking: the base model "
            f"{view['base_model']['id']} is not here; fetch it, or name it with --base"
        )
    wanted = TOKENIZER_FILES if ADAPTER_CONFIG in view["files"] else _OF_A_WHOLE_MODEL
    kept = view["files"]
    here = [n for n in wanted if n not in kept and (base / n).is_file()]
    _require_same(base, view, here)
    for name in here:
        shutil.copyfile(base / name, made / name)
    return ""


def _base_folder(
    store: Store, home: Home, view: View, given: Path | None
) -> Path | None:
    """Return where the base model of a version lies, None where nobody knows."""
    if given is not None:
        if not (given / CONFIG).is_file():
            raise ModelError(
                f"{given}: there is no base model here (no config.json)\n"
                "  Name the folder of the base model."
            )
        return given
    return next((f for f in _places(store, home, view) if f.is_dir()), None)


def _places(store: Store, home: Home, view: View) -> Iterator[Path]:
    """Yield where the base may lie: as it was used, then what was fetched."""
    wanted = view["base_model"]
    if view["experiment"]:
        body = experiment_records.get(store, view["experiment"]).body
        own = body.get("base_models") or {}
        used = own.get(view["option"]) or body["base_model"]
        if used:
            yield Path(used["folder"])
    for fetched in list_fetched(home.models):
        if fetched.id == wanted["id"] or fetched.digest == wanted["digest"]:
            yield Path(fetched.folder)


def _require_same(base: Path, view: View, names: Iterable[str]) -> None:
    """Refuse a base whose files are not those that the version was made from."""
    recorded: Mapping[str, str] = view["base_model"]["files"]
    for name in names:
        wanted = recorded.get(name)
        found = sha256_of(base / name) if (base / name).is_file() else "missing"
        if wanted and found != wanted:
            raise ModelError(
                f"{base / name}: not the file that {view['model']} was made from "
                f"({found[:19]}, it was {wanted[:19]})\n"
                "  Name the folder of the right base model with --base."
            )


def _put(store: Store, folder: Path, name: str, digest: str) -> None:
    if Path(name).name != name:
        raise ModelError(
            f"{name!r} is a path, and no name of a file\n"
            "  The record was made or altered by other software: `tunewise verify`."
        )
    (folder / name).write_bytes(blobs.read(store.blobs, digest))


def _setup(view: View) -> View:
    """Return what runs the version again: its set-up, prompt and retrieval."""
    parts = {key: view[key] for key in ("prompt", "retrieval", "endpoint") if view[key]}
    return {**view["setup"], **parts}

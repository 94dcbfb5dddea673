"""The folder of a model made elsewhere: what is kept of it, and what is refused.

adapter     adapter_model.safetensors, adapter_config.json
merged      one whole model: *.safetensors, config.json, generation_config.json
both        tokenizer and chat template, where they lie there
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunewise.domain.errors import ModelError
from tunewise.workflow.models.weights import PICKLED, parameters_of

# Beside the weights of a model: what turns text into tokens and back.
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "special_tokens_map.json",
    "added_tokens.json",
    "tokenizer.model",
    "vocab.json",
    "merges.txt",
)
ADAPTER_CONFIG = "adapter_config.json"
CONFIG = "config.json"

_SHARDS = "model.safetensors.index.json"
_KEPT = (ADAPTER_CONFIG, CONFIG, "generation_config.json", _SHARDS, *TOKENIZER_FILES)
# Settings that a Trainer of transformers leaves beside the weights: passed over.
_LEFT = ("training_args.bin",)
# How model.toml and peft name the same thing.
_SAME = {"rank": "r", "alpha": "lora_alpha"}
_AGAIN = "Copy the whole folder again."


def adapter_files(folder: Path, training: Mapping[str, Any]) -> list[Path]:
    """Return the files of an adapter that are kept.

    Parameters
    ----------
    training : what is said of its training; the adapter must not say otherwise

    Raises
    ------
    ModelError
        If the folder holds weights that are not safetensors, a link, or no adapter,
        or if something in it cannot be read.
    """
    kept = _kept(folder)
    names = {path.name for path in kept}
    if ADAPTER_CONFIG not in names:
        whole = CONFIG in names
        raise ModelError(
            f"{folder}: there is no {ADAPTER_CONFIG}, so peft loads no adapter here\n"
            + (
                f'  It looks like a whole model: say merged = "{folder.name}" instead.'
                if whole
                else "  An adapter is adapter_model.safetensors and that file."
            )
        )
    config = _object(folder / ADAPTER_CONFIG)
    for ours, theirs in _SAME.items():
        said, found = training.get(ours), config.get(theirs)
        if None not in (said, found) and said != found:
            raise ModelError(
                f"{folder / ADAPTER_CONFIG}: {theirs} is {found}, and training.{ours} "
                f"says {said}\n  Name the adapter that was trained so, or leave it out."
            )
    return kept


def merged_files(folder: Path) -> list[Path]:
    """Return the files of a whole model that are kept; errors as of an adapter."""
    kept = _kept(folder)
    names = {path.name for path in kept}
    if CONFIG not in names:
        raise ModelError(
            f"{folder}: there is no {CONFIG}, so transformers loads no model here\n"
            + (
                f'  It looks like an adapter: say adapter = "{folder.name}" instead.'
                if ADAPTER_CONFIG in names
                else "  A whole model is *.safetensors and that file."
            )
        )
    shards = _object(folder / _SHARDS).get("weight_map") if _SHARDS in names else {}
    if not isinstance(shards, Mapping):
        raise ModelError(
            f"{folder / _SHARDS}: there is no weight_map in it\n  {_AGAIN}"
        )
    if missing := sorted({str(name) for name in shards.values()} - names):
        raise ModelError(
            f"{folder}: {missing[0]} is missing, and {_SHARDS} names it\n  {_AGAIN}"
        )
    return kept


def _kept(folder: Path) -> list[Path]:
    found = [path for path in _entries(folder) if path.name not in _LEFT]
    for path in found:
        if path.suffix.lower() in PICKLED:
            raise ModelError(
                f"{path}: pickled weights are not taken: reading them runs code\n"
                "  Save the model as safetensors (save_pretrained does by default)."
            )
        if path.is_symlink():
            raise ModelError(
                f"{path}: a link is not taken\n  Put the file itself there."
            )
    weights = [p for p in found if p.suffix == ".safetensors" and p.is_file()]
    if not weights:
        raise ModelError(
            f"{folder}: there are no safetensors here\n"
            f"  An adapter is adapter_model.safetensors and {ADAPTER_CONFIG}."
        )
    for path in weights:
        parameters_of(path)  # refuses what only has the name
    kept = [p for p in found if p.name in _KEPT and p.is_file()]
    for path in kept:
        _require_readable(path)
    return [*weights, *kept]


def _entries(folder: Path) -> list[Path]:
    try:
        if folder.is_dir():
            return sorted(folder.iterdir())
    except OSError as error:
        raise ModelError(
            f"{folder}: the folder cannot be read ({error.strerror})\n"
            "  Make it readable, or name another."
        ) from None
    raise ModelError(
        f"{folder}: there is no such folder\n  Name the folder of the weights."
    )


def _require_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise ModelError(
            f"{path}: cannot be read ({error.strerror})\n"
            "  Make it readable, or leave it out."
        ) from None


def _object(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not JSON ({error})\n  {_AGAIN}") from None
    if not isinstance(found, Mapping):
        raise ModelError(f"{path}: it holds no object\n  {_AGAIN}")
    return found

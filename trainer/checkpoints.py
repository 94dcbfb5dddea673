"""Checkpoints of a training run: whole or not at all, and nothing unpickled.

    checkpoints/step-000012/   weights, optimiser and random state, position
    checkpoints/epoch-1/       the epoch's weights in standard form, its scores

A folder is written beside its place, flushed to the disk and renamed, so that a
process killed at any moment, or a machine without power, leaves the one before.
Only the newest step is kept; every epoch stays.

The schedule is not saved: the learning rate is a function of the position.
"""

import json
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from trainer.files import write_json

# Saving may take this share of the time of training: a small adapter is saved every
# few steps, all the weights of a model every few minutes.
SHARE_OF_TIME = 0.02


@dataclass(slots=True)
class Position:
    """How far training is, and the sums of the epoch it is in."""

    epoch: int = 1  # from 1
    batches: int = 0  # finished in this epoch
    loss: float = 0.0  # sum over the trained tokens
    tokens: int = 0
    trained_tokens: int = 0
    seconds: float = 0.0
    pack_tokens: int = 0  # what fitted into memory; 0: not known yet


class Checkpoints:
    """The checkpoints in one folder, of one model and its optimiser."""

    def __init__(
        self, folder: Path, model: Any, optimiser: torch.optim.Optimizer
    ) -> None:
        self._folder, self._model, self._optimiser = folder, model, optimiser
        self._due = 0.0  # by time.monotonic()

    def save_step(self, position: Position, *, steps: int, always: bool) -> None:
        """Save the whole state after so many ``steps``, where it is due or asked for.

        It is due when saving it takes no more than :data:`SHARE_OF_TIME`.
        """
        began = time.monotonic()
        if not always and began < self._due:
            return

        def write(folder: Path) -> None:
            save_file(_trained(self._model), folder / "weights.safetensors")
            save_file(_state_of(self._optimiser), folder / "optimiser.safetensors")
            save_file(_random_state(), folder / "random.safetensors")
            threads = torch.get_num_threads()
            write_json(
                folder / "position.json", {**asdict(position), "threads": threads}
            )

        target = self._folder / f"step-{steps:06}"
        _whole_or_not(target, write)
        for other in self._folder.glob("step-*"):
            if other != target:
                shutil.rmtree(other)
        took = time.monotonic() - began
        self._due = time.monotonic() + took / SHARE_OF_TIME

    def save_epoch(self, number: int, entry: dict[str, float]) -> None:
        """Save an epoch's weights as peft or transformers load them, and its scores."""

        def write(folder: Path) -> None:
            if isinstance(self._model, PeftModel):
                self._model.save_pretrained(folder)
            else:
                save_file(_trained(self._model), folder / "model.safetensors")
            write_json(folder / "epoch.json", entry)

        _whole_or_not(self.epoch(number), write)

    def epoch(self, number: int) -> Path:
        """Return the folder of an epoch, counted from 1."""
        return self._folder / f"epoch-{number}"

    def restore(self) -> tuple[Position, list[dict[str, float]]]:
        """Load the newest step, and return the position and the finished epochs."""
        for left in self._folder.glob("*.partial"):
            shutil.rmtree(left)
        log: list[dict[str, float]] = []
        while (at := self.epoch(len(log) + 1) / "epoch.json").exists():
            log.append(json.loads(at.read_text(encoding="utf-8")))
        saved = sorted(self._folder.glob("step-*"))
        if not saved:
            return Position(), []
        said = json.loads((saved[-1] / "position.json").read_text(encoding="utf-8"))
        said.pop("threads")
        _put(self._model, load_file(saved[-1] / "weights.safetensors"))
        state = load_file(saved[-1] / "optimiser.safetensors")
        self._optimiser.load_state_dict(_as_state(self._optimiser, state))
        _set_random_state(load_file(saved[-1] / "random.safetensors"))
        return Position(**said), log


def _whole_or_not(target: Path, write: Callable[[Path], None]) -> None:
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        write(partial)
        for path in (*partial.iterdir(), partial):
            _flush(path)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise _as_os_error(error) from None
    if target.exists():  # written just before the process was killed
        shutil.rmtree(target)
    partial.rename(target)
    _flush(target.parent)


def _as_os_error(error: Exception) -> Exception:
    # safetensors tells a full disk in words only
    said = re.search(r"\(os error (\d+)\)", str(error))
    if isinstance(error, OSError) or not said:
        return error
    number = int(said[1])
    return OSError(number, os.strerror(number))


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _trained(model: Any) -> dict[str, torch.Tensor]:
    return {
        name: parameter.detach().contiguous()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }


def _put(model: Any, weights: dict[str, torch.Tensor]) -> None:
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in weights:
                parameter.copy_(weights[name])


def _state_of(optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    state = optimiser.state_dict()["state"]
    return {
        f"{i}.{k}": v.detach().clone() for i, s in state.items() for k, v in s.items()
    }


def _as_state(
    optimiser: torch.optim.Optimizer, saved: dict[str, torch.Tensor]
) -> dict[str, Any]:
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in saved.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    groups = optimiser.state_dict()["param_groups"]
    return {"state": state, "param_groups": groups}


def _random_state() -> dict[str, torch.Tensor]:
    state = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def _set_random_state(state: dict[str, torch.Tensor]) -> None:
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"])

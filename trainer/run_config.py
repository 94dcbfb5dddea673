"""What one run is asked to do: ``run.json`` as a frozen value.

The workflow writes the file before the run starts; paths in it are relative to the
run's folder. Unknown keys are refused, so that a run never ignores a wish.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import (
    TRAINED,
    EndpointSpec,
    FinetuneSpec,
    HybridSpec,
    PromptSpec,
    RagSpec,
)

_T = TypeVar("_T")

# Training tokens in one forward pass. LoRA on the 135M base in float32 was seen at
# 4.3 GB resident with full packs (policy-questions, hybrid arm).
PACK_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class Task:
    """The task with its JSON Schema resolved."""

    type: str
    metric: str
    schema: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """A run that answers other examples with what an earlier one has found."""

    setup: str  # its name, as ``result.json`` says it
    weights: str = ""  # folder of what was trained, relative to the run's


@dataclass(frozen=True, slots=True)
class Judging:
    """What the judge judges by, and whose answers."""

    prompt: str  # the text
    answers: Mapping[str, str]  # by arm, the file of its answers


@dataclass(frozen=True, slots=True)
class RunConfig:
    """One arm, one seed, one folder."""

    run: str
    arm: str  # an arm or a diagnostic
    seed: int
    task: Task
    train: str  # canonical chat JSONL
    validation: str
    heldout: str
    documents: str  # "" where there are none
    model_dir: str  # "" for diagnostics without a model
    model_name: str
    prompt: PromptSpec
    rag: RagSpec
    finetune: FinetuneSpec
    hybrid: HybridSpec
    endpoint: EndpointSpec | None = None
    minutes: float = 0.0  # 0: no limit
    latency_examples: int = 20
    pack_tokens: int = PACK_TOKENS  # less where memory is short
    again: Again | None = None  # nothing is picked or trained then
    answer_cache: str = ""  # folder of what an endpoint answered before, "" for none
    spent: str = ""  # file of what the experiment asked of endpoints
    judging: Judging | None = None  # of the judge's run
    train_on: str = ""  # those of train that are trained on; "": all of them
    off_task: str = ""  # chat JSONL on which base and tuned are compared, "" for none

    @property
    def trains(self) -> bool:
        """Whether weights are trained."""
        return self.arm in TRAINED


def read_run_config(folder: Path) -> RunConfig:
    """Read ``run.json`` from a run's folder.

    Raises
    ------
    SpecError
        If the file is missing, is not JSON or has unknown or missing keys.
    """
    path = folder / "run.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SpecError(f"{path}: there is no run.json in this folder") from None
    except ValueError as error:
        raise SpecError(f"{path}: not JSON ({error})") from None
    return from_json(RunConfig, raw, where=str(path))


def from_json(kind: type[_T], raw: Any, *, where: str) -> _T:
    """Build a dataclass, and those in its fields, from what ``asdict`` made of it.

    Raises
    ------
    SpecError
        If a key is unknown or missing.
    """
    if not isinstance(raw, dict):
        raise SpecError(f"{where}: expected a table, found {raw!r}")
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(raw) - known):
        raise SpecError(f"{where}: unknown key '{unknown[0]}'")
    hints = get_type_hints(kind)
    values = {
        name: _value(hints[name], value, where=f"{where}: {name}")
        for name, value in raw.items()
    }
    try:
        return kind(**values)
    except TypeError as error:
        raise SpecError(f"{where}: {error}") from None


def _value(hint: Any, value: Any, *, where: str) -> Any:
    if isinstance(hint, UnionType):  # X | None
        if value is None:
            return None
        hint = get_args(hint)[0]
    if is_dataclass(hint) and isinstance(hint, type):
        return from_json(hint, value, where=where)
    if get_origin(hint) is tuple and isinstance(value, int | float | str):
        return (value,)  # older records name one value where several are tried now
    return tuple(value) if isinstance(value, list) else value

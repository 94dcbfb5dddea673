"""Experiment specifications: TOML in, :class:`ExperimentSpec` out.

Unknown keys are refused with the nearest known one; paths are relative to the
specification's own file; every default is filled, so that what is stored is what
was run.
"""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from math import inf
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from tunewise.domain.dataset import Classification, Provenance
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import (
    ARMS,
    METRICS,
    TASK_TYPES,
    CostSpec,
    EndpointSpec,
    ExperimentSpec,
    FinetuneSpec,
    HybridSpec,
    Limits,
    PromptSpec,
    RagSpec,
    TaskSpec,
)
from tunewise.workflow.facts import read_raw

_T = TypeVar("_T")
TOP_KEYS = (
    "title",
    "dataset",
    "facts",
    "base_model",
    "arms",
    "seeds",
    "task",
    "endpoint",
    "prompt",
    "rag",
    "finetune",
    "hybrid",
    "limits",
    "costs",
)
DEFAULT_BASE_MODEL = "smollm2-135m-instruct"
FILES = ("train", "validation", "heldout", "documents")
ACCEPT = "accept_because"
PROVENANCE = tuple(f.name for f in fields(Provenance))
CHOICES: Mapping[str, Sequence[str]] = {
    "task.type": TASK_TYPES,
    "task.metric": METRICS,
    "prompt.setups": PromptSpec().setups,
    "finetune.method": ("lora", "full"),
    "finetune.too_long": ("drop", "truncate", "refuse"),
}
# inclusive bounds of the numbers that could ruin a run
BOUNDS: dict[str, tuple[float, float]] = {
    "task.target_score": (0, 1),
    "task.margin": (0, 1),
    "finetune.learning_rate": (1e-9, 1),
    "finetune.epochs": (1, 100),
    "finetune.rank": (1, 1024),
    "finetune.alpha": (1, 4096),
    "finetune.batch_size": (1, 4096),
    "finetune.max_length": (8, 10**7),
    "finetune.patience": (0, 100),
    "prompt.shots": (1, 64),
    "rag.k": (1, 64),
    "rag.shots": (0, 64),
    "rag.chunk_tokens": (8, 10**5),
    "hybrid.k": (1, 64),
    "limits.minutes": (0, 10**6),
    "costs.shared_by": (1, 10_000),
}
LARGEST_SEED = 2**32 - 1  # what every generator of random numbers takes


def read_spec(path: Path) -> ExperimentSpec:
    """Read an experiment specification.

    Raises
    ------
    SpecError
        If the file is missing, is not TOML, has an unknown key or a value of the
        wrong type or out of range.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SpecError(
            f"{path}: no such file\n  Name an experiment specification (TOML)."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path}: cannot be read ({error})") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SpecError(f"{path}: not TOML: {error}") from None
    return parse_spec(raw, where=str(path), folder=path.parent)


def parse_spec(raw: Mapping[str, Any], *, where: str, folder: Path) -> ExperimentSpec:
    """Turn a specification's tables into a value; see :func:`read_spec`."""
    _refuse_unknown(raw, TOP_KEYS, where)
    for key in ("title", "dataset", "task"):
        if key not in raw:
            raise SpecError(f"{where}: '{key}' is missing\n  {_NEEDED[key]}")
    given = _dataset(raw["dataset"], where, folder)
    task = _table(TaskSpec, raw["task"], "task", where)
    if task.schema:
        task = replace(task, schema=str(folder / task.schema))
    elif task.metric == "schema_valid":
        raise SpecError(
            f"{where}: task.metric: schema_valid needs task.schema\n"
            '  Name a JSON Schema: schema = "schema.json".'
        )
    if task.constrained:
        raise SpecError(
            f"{where}: task.constrained: answers cannot be constrained yet\n"
            "  Leave it out: every arm then answers freely."
        )
    return ExperimentSpec(
        title=_string(raw["title"], f"{where}: title"),
        dataset=given.name,
        dataset_files=given.files,
        facts=_facts(raw.get("facts", {}), where, folder),
        task=task,
        arms=_arms(raw.get("arms", ()), where),
        base_model=_base_model(raw, where, folder),
        seeds=_seeds(raw.get("seeds", [0]), where),
        endpoint=_table(EndpointSpec, raw["endpoint"], "endpoint", where)
        if "endpoint" in raw
        else None,
        prompt=_table(PromptSpec, raw.get("prompt", {}), "prompt", where),
        rag=_table(RagSpec, raw.get("rag", {}), "rag", where),
        finetune=_finetune(raw.get("finetune", {}), where),
        hybrid=_table(HybridSpec, raw.get("hybrid", {}), "hybrid", where),
        limits=_table(Limits, raw.get("limits", {}), "limits", where),
        costs=_table(CostSpec, raw.get("costs", {}), "costs", where),
        accept_because=given.accept_because,
        provenance=given.provenance,
        margin_stated="margin" in raw["task"],
    )


_NEEDED = {
    "title": 'Give the experiment a name: title = "Support desk".',
    "dataset": 'Name a registered version (dataset = "name@1") or give files '
    "([dataset] with train = …).",
    "task": 'Say what is measured: [task] with type = "classification" and '
    'metric = "accuracy".',
}


@dataclass(frozen=True, slots=True)
class _Given:
    """What ``dataset`` says: a registered version, or files and what goes with them."""

    name: str = ""
    files: Mapping[str, str] = field(default_factory=dict)  # by role
    accept_because: str = ""
    provenance: Provenance = field(default_factory=Provenance)


def _dataset(raw: object, where: str, folder: Path) -> _Given:
    if isinstance(raw, str):
        return _Given(name=raw)
    if not isinstance(raw, dict):
        raise SpecError(f"{where}: dataset must be a name@n or a table of files")
    _refuse_unknown(raw, (*FILES, ACCEPT, *PROVENANCE), f"{where}: dataset")
    if "train" not in raw:
        raise SpecError(f"{where}: dataset.train is missing\n  Name a chat JSONL file.")
    said = {key: _string(raw[key], f"{where}: dataset.{key}") for key in raw}
    if "classification" in said:
        at = f"{where}: dataset.classification"
        _among(said["classification"], tuple(Classification), at)
    files = {key: folder / said[key] for key in FILES if key in said}
    for key, path in files.items():
        if not path.is_file():
            raise SpecError(f"{where}: dataset.{key}: no such file: {path}")
    return _Given(
        files={key: str(path) for key, path in files.items()},
        accept_because=said.get(ACCEPT, ""),
        provenance=Provenance(**{k: said[k] for k in PROVENANCE if k in said}),
    )


def _facts(raw: object, where: str, folder: Path) -> dict[str, object]:
    if isinstance(raw, dict):
        return raw
    path = folder / _string(raw, f"{where}: facts")
    if not path.exists():
        raise SpecError(f"{where}: facts: no such file: {path}")
    return read_raw(str(path))


def _arms(raw: object, where: str) -> tuple[str, ...]:
    arms = tuple(_strings(raw, f"{where}: arms"))
    for n, arm in enumerate(arms):
        _among(arm, ARMS, f"{where}: arms")
        if arm in arms[:n]:
            raise SpecError(f"{where}: arms: '{arm}' is named twice")
    return arms


def _base_model(raw: Mapping[str, Any], where: str, folder: Path) -> str:
    """Return the reference; a folder beside the specification as its path."""
    named = _string(raw.get("base_model", DEFAULT_BASE_MODEL), f"{where}: base_model")
    return str(folder / named) if (folder / named).is_dir() else named


def _finetune(raw: object, where: str) -> FinetuneSpec:
    spec = _table(FinetuneSpec, raw, "finetune", where)
    stated = [key for key in ("rank", "alpha") if getattr(spec, key)]
    if spec.method == "full" and stated:
        raise SpecError(
            f"{where}: finetune.{stated[0]}: full training has none, it is LoRA's\n"
            '  Leave it out, or set method = "lora".'
        )
    return spec


def _table(kind: type[_T], raw: object, name: str, where: str) -> _T:
    if not isinstance(raw, dict):
        raise SpecError(f"{where}: {name} must be a table: [{name}]")
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    _refuse_unknown(raw, tuple(known), f"{where}: [{name}]")
    hints = get_type_hints(kind)
    values = {
        key: _typed(hints[key], value, f"{name}.{key}", where)
        for key, value in raw.items()
    }
    try:
        return kind(**values)
    except TypeError as error:
        missing = str(error).split("argument")[-1].strip(" s:")
        raise SpecError(f"{where}: [{name}]: {missing} is missing") from None


def _typed(hint: Any, value: object, key: str, where: str) -> object:  # noqa: ANN401
    at = f"{where}: {key}"
    if hint is bool:
        if not isinstance(value, bool):
            raise SpecError(f"{at} must be true or false, got {value!r}")
        return value
    if hint is str:
        text = _string(value, at)
        return _among(text, CHOICES[key], at) if key in CHOICES else text
    if hint is int or hint is float or "float" in str(hint):
        return _number(value, key, at, whole=hint is int)
    if "int" in str(hint):
        return tuple(int(_number(n, key, at, whole=True)) for n in _some(value, at))
    names = tuple(_strings(_some(value, at), at))
    for name in names:
        _among(name, CHOICES[key], at)
    return names


def _some(value: object, at: str) -> list[object]:
    items = value if isinstance(value, list) else [value]
    if not items:
        raise SpecError(f"{at} must name at least one")
    return items


def _number(value: object, key: str, at: str, *, whole: bool) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        kind = "a whole number" if whole else "a number"
        raise SpecError(f"{at} must be {kind}, got {value!r}")
    low, high = BOUNDS.get(key, (0, inf))
    if not low <= value <= high:
        bounds = f"lie between {low} and {high}" if high < inf else f"be at least {low}"
        raise SpecError(f"{at} must {bounds}, got {value}")
    return value


def _seeds(raw: object, where: str) -> tuple[int, ...]:
    seeds = raw if isinstance(raw, list) else [raw]
    for seed in seeds:
        whole = isinstance(seed, int) and not isinstance(seed, bool)
        if not whole or seed not in range(LARGEST_SEED + 1):
            raise SpecError(
                f"{where}: seeds must be whole numbers from 0 to {LARGEST_SEED}, "
                f"got {seed!r}"
            )
    if not seeds or len(set(seeds)) != len(seeds):
        raise SpecError(f"{where}: seeds must name at least one seed, each once")
    return tuple(seeds)


def _strings(value: object, at: str) -> list[str]:
    if not isinstance(value, list | tuple):
        raise SpecError(f"{at} must be a list, got {value!r}")
    return [_string(v, at) for v in value]


def _string(value: object, at: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SpecError(f"{at} must be a text, got {value!r}")
    return value


def _among(value: str, allowed: Sequence[str], at: str) -> str:
    if value not in allowed:
        raise SpecError(
            f"{at}: '{value}' is not known{_nearest(value, allowed)}\n"
            f"  Known are {', '.join(allowed)}."
        )
    return value


def _refuse_unknown(raw: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in raw:
        if key not in known:
            raise SpecError(
                f"{where}: unknown key '{key}'{_nearest(key, known)}\n"
                f"  Known are {', '.join(known)}."
            )


def _nearest(value: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(value, known, n=1)
    return f", did you mean '{close[0]}'?" if close else ""

"""Experiment specifications: TOML in, :class:`ExperimentSpec` out.

Unknown keys are refused with the nearest known one; paths are relative to the
specification's own file; every default is filled, so that what is stored is what
was run.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from trainer.encoder import encoder_folder
from trainer.judge_prompt import PROMPT
from tunewise.domain.dataset import Classification, Provenance
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import (
    ARMS,
    CostSpec,
    EndpointSpec,
    ExperimentSpec,
    FinetuneSpec,
    HybridSpec,
    JudgeSpec,
    Limits,
    PromptSpec,
    RagSpec,
    RegressionSpec,
    TaskSpec,
)
from tunewise.workflow.experiments.tables import (
    among,
    refuse_unknown,
    string,
    strings,
    table,
)
from tunewise.workflow.facts import read_raw, why_unread
from tunewise.workflow.statements import has_control

_Arm = TypeVar("_Arm", PromptSpec, RagSpec, FinetuneSpec, HybridSpec)
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
    "judge",
    "regression",
    "limits",
    "costs",
)
DEFAULT_BASE_MODEL = "smollm2-135m-instruct"
FILES = ("train", "validation", "heldout", "documents")
ACCEPT = "accept_because"
PROVENANCE = tuple(f.name for f in fields(Provenance))
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
    except (ValueError, RecursionError) as error:  # not only TOMLDecodeError
        raise SpecError(f"{path}: not TOML: {why_unread(error)}") from None
    return parse_spec(raw, where=str(path), folder=path.parent)


def parse_spec(raw: Mapping[str, Any], *, where: str, folder: Path) -> ExperimentSpec:
    """Turn a specification's tables into a value; see :func:`read_spec`."""
    refuse_unknown(raw, TOP_KEYS, where)
    for key in ("title", "dataset", "task"):
        if key not in raw:
            raise SpecError(f"{where}: '{key}' is missing\n  {_NEEDED[key]}")
    given = _dataset(raw["dataset"], where, folder)
    _refuse_judge_as_metric(raw["task"], where)
    task = table(TaskSpec, raw["task"], "task", where)
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
        title=_title(raw["title"], f"{where}: title"),
        dataset=given.name,
        dataset_files=given.files,
        facts=_facts(raw.get("facts", {}), where, folder),
        task=task,
        arms=_arms(raw.get("arms", ()), where),
        base_model=_base_model(raw, where, folder),
        seeds=_seeds(raw.get("seeds", [0]), where),
        endpoint=_endpoint(raw, where),
        prompt=_arm(PromptSpec, raw, "prompt", where, folder),
        rag=_encoded(_arm(RagSpec, raw, "rag", where, folder), where, folder),
        finetune=_finetune(_arm(FinetuneSpec, raw, "finetune", where, folder), where),
        hybrid=_arm(HybridSpec, raw, "hybrid", where, folder),
        judge=_judge(raw["judge"], where, folder) if "judge" in raw else None,
        regression=_regression(raw.get("regression", {}), where, folder),
        limits=table(Limits, raw.get("limits", {}), "limits", where),
        costs=table(CostSpec, raw.get("costs", {}), "costs", where),
        accept_because=given.accept_because,
        provenance=given.provenance,
        margin_stated="margin" in raw["task"],
    )


def _title(value: object, at: str) -> str:
    """Return a title, which lists and terminals print on one line."""
    text = string(value, at)
    if has_control(text) or len(text.splitlines()) > 1:
        raise SpecError(
            f"{at}: {text[:40]!r} holds a control character\n"
            "  A terminal would obey it: write the title on one line, without it."
        )
    return text


def _refuse_judge_as_metric(task: object, where: str) -> None:
    """Say why a judge's score cannot be what an experiment is decided by."""
    if not isinstance(task, dict) or task.get("metric") != "judge":
        return
    raise SpecError(
        f"{where}: task.metric: a judge's score cannot be the primary metric: setups "
        "are picked by it on validation, where no judge reads, and an example on which "
        "the judge gives no verdict would have no score\n"
        "  Take a metric that is computed (token_f1 for free text), and set [judge] "
        "beside it: each arm's score by the judge then stands next to it."
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
    refuse_unknown(raw, (*FILES, ACCEPT, *PROVENANCE), f"{where}: dataset")
    if "train" not in raw:
        raise SpecError(f"{where}: dataset.train is missing\n  Name a chat JSONL file.")
    said = {key: string(raw[key], f"{where}: dataset.{key}") for key in raw}
    if "classification" in said:
        at = f"{where}: dataset.classification"
        among(said["classification"], tuple(Classification), at)
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
    path = folder / string(raw, f"{where}: facts")
    if not path.exists():
        raise SpecError(f"{where}: facts: no such file: {path}")
    return read_raw(str(path))


def _arms(raw: object, where: str) -> tuple[str, ...]:
    arms = tuple(strings(raw, f"{where}: arms"))
    for n, arm in enumerate(arms):
        among(arm, ARMS, f"{where}: arms")
        if arm in arms[:n]:
            raise SpecError(f"{where}: arms: '{arm}' is named twice")
    return arms


def _base_model(raw: Mapping[str, Any], where: str, folder: Path) -> str:
    named = string(raw.get("base_model", DEFAULT_BASE_MODEL), f"{where}: base_model")
    return _reference(named, folder)


def _reference(named: str, folder: Path) -> str:
    """Return the reference; a folder beside the specification as its path."""
    return str(folder / named) if (folder / named).is_dir() else named


def _arm(
    kind: type[_Arm], raw: Mapping[str, Any], name: str, where: str, folder: Path
) -> _Arm:
    """Read an arm's table; its own model is found as ``base_model`` is."""
    spec = table(kind, raw.get(name, {}), name, where)
    endpoint = getattr(spec, "endpoint", None)
    if endpoint:
        _require_askable(endpoint, where, f"{name}.endpoint")
    if endpoint and spec.model:
        raise SpecError(
            f"{where}: {name}.model: the arm names an endpoint, too\n"
            f"  Leave out {name}.model or [{name}.endpoint]."
        )
    return replace(spec, model=_reference(spec.model, folder)) if spec.model else spec


def _encoded(spec: RagSpec, where: str, folder: Path) -> RagSpec:
    """Return the set-ups; an encoder in a folder beside the specification by its path.

    Raises
    ------
    SpecError
        If the encoder is neither installed nor a folder of one.
    """
    if spec.encoder and (folder / spec.encoder).is_dir():
        spec = replace(spec, encoder=str(folder / spec.encoder))
    try:
        encoder_folder(spec.encoder)
    except SpecError as error:
        raise SpecError(f"{where}: {error}") from None
    return spec


def _endpoint(raw: Mapping[str, Any], where: str) -> EndpointSpec | None:
    if "endpoint" not in raw:
        return None
    spec = table(EndpointSpec, raw["endpoint"], "endpoint", where)
    _require_askable(spec, where, "endpoint")
    return spec


def _require_askable(endpoint: EndpointSpec, where: str, name: str) -> None:
    """Refuse an endpoint that cannot be asked, or whose caps cannot be kept."""
    at = f"{where}: {name}"
    try:
        url = urlsplit(endpoint.base_url)
        named = url.scheme in ("http", "https") and url.hostname
    except ValueError:
        named = None
    if not named:
        raise SpecError(
            f"{at}.base_url: {endpoint.base_url!r} is no address of an endpoint\n"
            '  Write it whole: base_url = "https://…/v1".'
        )
    if url.username or url.password:
        raise SpecError(
            f"{at}.base_url: a password in it would stand in every record\n"
            "  Put the key into an environment variable and name that: key_env."
        )
    if endpoint.most_cost and not (endpoint.price_in or endpoint.price_out):
        raise SpecError(
            f"{at}.most_cost: without prices nobody knows what is spent\n"
            "  Give price_in and price_out, of a million tokens each."
        )


def _judge(raw: object, where: str, folder: Path) -> JudgeSpec:
    """Read the judge's table and the text that its file holds."""
    spec = table(JudgeSpec, raw, "judge", where)
    _require_askable(spec.endpoint, where, "judge.endpoint")
    if not spec.prompt:
        return replace(spec, prompt=PROMPT)
    path = folder / spec.prompt
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(
            f"{where}: judge.prompt: {path}: cannot be read ({error})\n"
            "  Name a text file that says what a right answer is."
        ) from None
    return replace(spec, prompt=string(text, f"{where}: judge.prompt: {path}"))


def _regression(raw: object, where: str, folder: Path) -> RegressionSpec:
    spec = table(RegressionSpec, raw, "regression", where)
    if not spec.examples:
        return spec
    path = folder / spec.examples
    if not path.is_file():
        raise SpecError(
            f"{where}: regression.examples: no such file: {path}\n"
            "  Name a chat JSONL file, or leave it out: examples are shipped."
        )
    return replace(spec, examples=str(path))


def _finetune(spec: FinetuneSpec, where: str) -> FinetuneSpec:
    stated = [key for key in ("rank", "alpha") if getattr(spec, key)]
    if spec.method == "full" and stated:
        raise SpecError(
            f"{where}: finetune.{stated[0]}: full training has none, it is LoRA's\n"
            '  Leave it out, or set method = "lora".'
        )
    return spec


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

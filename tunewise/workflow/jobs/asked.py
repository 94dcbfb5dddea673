"""Specifications that come from a browser: TOML or fields in, a file for a child out.

On a command line a specification names files. Whoever sends one to the service may
not: no path in it is followed, no variable of the environment but a key's is named.
"""

import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker import experiments
from trainer.encoder import SHIPPED
from tunewise.domain.errors import SpecError
from tunewise.workflow.experiments.specs import parse_spec
from tunewise.workflow.facts import why_unread
from tunewise.workflow.home import Home
from tunewise.workflow.jobs.records import SCHEMA, SPEC
from tunewise.workflow.models.bases import list_fetched

Raw = dict[str, Any]

WHERE = "The specification"
_DEEPEST = 20  # tables within tables
_KEY = re.compile(r"[A-Z][A-Z0-9_]*_API_KEY")
_VERSION = re.compile(r"[^@/\\]+@[^@/\\]+")
_MODELS = ("base_model", "prompt.model", "rag.model", "finetune.model", "hybrid.model")
_FILES = {
    "task.schema": "paste the schema into its field",
    "regression.examples": "leave it out: examples are shipped",
    "judge.prompt": "leave it out: a prompt is shipped",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A specification that may be run, and the files that a child finds beside it."""

    title: str
    arms: tuple[str, ...]
    files: Mapping[str, bytes]


def models(home: Home) -> list[str]:
    """Return the base models that a browser may name: those known and fetched."""
    table = [row.id for row in home.rules().base_models if row.fetch]
    fetched = [model.id for model in list_fetched(home.models)]
    return list(dict.fromkeys([*table, *fetched]))


def from_text(home: Home, text: str, *, schema: str = "") -> Asked:
    """Return a specification that was pasted.

    Raises
    ------
    SpecError
        If it is not TOML, names a file, or is no specification.
    """
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # not only TOMLDecodeError
        raise SpecError(f"{WHERE}: not TOML: {why_unread(error)}") from None
    return from_tables(home, raw, schema=schema)


def from_tables(home: Home, raw: Raw, *, schema: str = "") -> Asked:
    """Return a specification from its tables; see :func:`from_text`."""
    _refuse_paths(raw, models(home))
    files: dict[str, bytes] = {}
    if schema.strip():
        files[SCHEMA] = _schema(schema)
        raw = {**raw, "task": {**raw.get("task", {}), "schema": SCHEMA}}
    # nothing lies in a folder of this name: what is read is only the tables
    spec = parse_spec(raw, where=WHERE, folder=Path("/nonexistent"))
    written = to_toml(raw)
    return Asked(spec.title, spec.arms, {**files, SPEC: written.encode()})


def of_experiment(home: Home, id: str) -> Asked:
    """Return what an experiment measures, so that answers can stand beside its arms."""
    with home.store() as store:
        row = experiments.get(store, id)
    said, schema = row.body["spec"], row.body.get("schema")
    task = {k: v for k, v in said["task"].items() if v is not None and k != "schema"}
    raw = {
        "title": row.title,
        "dataset": row.dataset,
        "task": task,
        "limits": {"heldout": said["limits"].get("heldout", 0)},
    }
    return from_tables(home, raw, schema=json.dumps(schema) if schema else "")


def to_toml(raw: Mapping[str, Any]) -> str:
    """Return tables as TOML.

    >>> print(to_toml({"title": 'a "b"', "task": {"margin": 0.02}}), end="")
    title = "a \\"b\\""
    task = {margin = 0.02}
    """
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in raw.items())


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(str(k))} = {_value(v)}" for k, v in value.items())
        return f"{{{pairs}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, str):
        # alike in JSON but for DEL, which TOML wants escaped
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return str(value)  # dates and times, as TOML prints them


def _schema(text: str) -> bytes:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SpecError(f"schema: this is no JSON ({error})") from None
    if not isinstance(found, dict):
        raise SpecError('schema: a JSON Schema is an object, such as {"type": …}')
    return text.encode()


def _refuse_paths(raw: Raw, known: Collection[str]) -> None:
    dataset = raw.get("dataset")
    if "dataset" in raw and not (
        isinstance(dataset, str) and _VERSION.fullmatch(dataset)
    ):
        raise SpecError(
            f"{WHERE}: dataset: files of the machine that serves are not read here\n"
            '  Upload them under Datasets, and name the version: dataset = "name@1".'
        )
    if "facts" in raw and not isinstance(raw["facts"], dict):
        raise SpecError(
            f"{WHERE}: facts: files of the machine that serves are not read here\n"
            "  Write them into the specification: [facts]."
        )
    for key, value in _leaves(raw):
        _refuse_path(key, value, known)


def _refuse_path(key: str, value: object, known: Collection[str]) -> None:
    if key in _FILES and value:
        raise SpecError(
            f"{WHERE}: {key}: files of the machine that serves are not read here\n"
            f"  Instead, {_FILES[key]}."
        )
    if key in _MODELS and value not in known:
        raise SpecError(
            f"{WHERE}: {key}: '{value}' is no base model that is known here; a folder "
            f"of the machine that serves is not read\n  Known are {', '.join(known)}; "
            "'tunewise model fetch' makes another one known."
        )
    if key == "rag.encoder" and value not in ("", SHIPPED):
        raise SpecError(
            f"{WHERE}: {key}: a folder of the machine that serves is not read\n"
            f"  Name {SHIPPED}, or leave it out."
        )
    named = key.rpartition(".")[2] == "key_env"
    if named and value and not (isinstance(value, str) and _KEY.fullmatch(value)):
        raise SpecError(
            f"{WHERE}: {key}: '{value}' is not sent to an endpoint from here\n"
            "  Name a variable that ends in _API_KEY, so that no other secret of the "
            "machine that serves can be asked for."
        )


def _leaves(raw: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    """Yield every value that is no table, by its whole key; facts are no settings."""
    for key, value in raw.items():
        if isinstance(value, dict):
            if above.count(".") == _DEEPEST:
                raise SpecError(
                    f"{WHERE}: tables stand within tables more than {_DEEPEST} deep\n"
                    "  No specification needs that: write its keys as they are named."
                )
            if above or key != "facts":
                yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value

"""The file that says what is known of a model made elsewhere: TOML or JSON.

One schema says what it may hold; it is what ``tunewise schema model`` prints and what
a file is checked against. Only the option and the base model's id are needed: what is
left out is shown as missing.
"""

import datetime as dt
import difflib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from tunewise.domain.errors import ModelError
from tunewise.domain.experiment import ARMS
from tunewise.engine.schemas import DIALECT, TEXT, Schema, closed_object
from tunewise.engine.source_text import is_unicode
from tunewise.workflow.facts import once
from tunewise.workflow.statements import has_control

LARGEST = 1_000_000  # bytes: such a file describes, weights lie beside it
DEEPEST = 20  # tables within tables

_HELP = "  'tunewise schema model' prints what such a file can say."


def _said(about: str, **more: object) -> Schema:
    return {**TEXT, "description": about, **more}


def _table(about: str) -> Schema:
    return {"type": "object", "description": about}


_SCORE = {
    "anyOf": [
        {"type": "number"},
        closed_object(
            {
                "value": {"type": "number"},
                "low": {"type": "number"},
                "high": {"type": "number"},
                "n": {"type": "integer", "minimum": 1},
            },
            required=("value",),
        ),
    ],
    "description": "A score, or one with its 95 % interval and number of examples.",
}
_BASE = closed_object(
    {
        "id": _said("Its name, as its maker says it."),
        "revision": _said("Commit, version or snapshot."),
        "licence": _said("SPDX id where there is one."),
        "source": _said("Where it came from."),
        "files": {
            "type": "object",
            "additionalProperties": TEXT,
            "description": "Path of each file and its hash.",
        },
    },
    required=("id",),
)
_DATASET = closed_object(
    {
        "name": _said("Its name where it is kept."),
        "digest": _said("A digest, with how it was made."),
        "description": _said("What it holds."),
        "owner": _said("Who answers for it."),
        "origin": _said("How it was obtained."),
        "licence": _said("What may be made of it."),
        "classification": {"enum": ["public", "internal", "confidential", "secret"]},
        "basis": _said("On what basis it may be used."),
    }
)
_ALTERNATIVE = closed_object(
    {
        "option": _said("Which option, in a word."),
        "setup": _said("How it was set up."),
        "score": _SCORE,
        "because": _said("Why it was not taken."),
    },
    required=("option",),
)
KEYS: Mapping[str, Schema] = {
    "option": {"enum": list(ARMS), "description": "What was done with the base."},
    "base_model": {**_BASE, "description": "What it was made from."},
    "purpose": _said("What it is for."),
    "out_of_scope": _said("What it is not for."),
    "adapter": _said("A folder that peft loads, relative to this file."),
    "merged": _said("Or one with the whole model, that transformers loads."),
    "prompt": _said("The system message that it is used with."),
    "retrieval": _table("What is retrieved and how: index, documents, parameters."),
    "endpoint": _table("Where it is hosted: base_url, model, snapshot."),
    "dataset": {
        "anyOf": [TEXT, _DATASET],
        "description": "name@n of this home, or what is known of one kept elsewhere.",
    },
    "training": _table("Method and hyperparameters."),
    "seeds": {"type": "array", "items": {"type": "integer", "minimum": 0}},
    "environment": _table("Software versions and hardware."),
    "git_commit": _said("The commit of the code that ran."),
    "metrics": {
        "type": "object",
        "additionalProperties": _SCORE,
        "description": "Scores on examples that were held out.",
    },
    "primary_metric": _said("Which of the metrics decides; default the first."),
    "heldout_digest": _said("A digest of the held-out examples."),
    "target_score": {"type": "number", "description": "What was asked for before."},
    "alternatives": {"type": "array", "items": _ALTERNATIVE},
    "trained_at": _said("A date or moment."),
    "trained_by": _said("Who made it."),
    "decision": _said("The id of a decision of this home, or the reasons in words."),
    "tool": _said("What it was made with."),
    "limits": _said("Where it cannot be trusted."),
    "oversight": _said("Who oversees it, and how."),
    "monitoring": _said("How it is watched."),
    "rollback": _said("What to do when it fails."),
}


def model_schema() -> Schema:
    """Return the JSON Schema of such a file."""
    return {
        "$schema": DIALECT,
        "title": "Model made elsewhere",
        **closed_object(dict(KEYS), required=("option", "base_model")),
    }


def read(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return what a file says, checked, and its bytes as they stand.

    Raises
    ------
    ModelError
        If the file is missing, cannot be read or is not what the schema says.
    """
    content = _content(path)
    raw = _parsed(path, content)
    if isinstance(raw, dict):
        _refuse_unknown(path, raw)
    error = best_match(Draft202012Validator(model_schema()).iter_errors(raw))
    if error:
        raise ModelError(f"{path}: {_where(error)}{_message(error)}\n{_HELP}")
    return raw, content


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise ModelError(f"{path}: there is no such file\n{_HELP}")
        if path.stat().st_size > LARGEST:
            raise ModelError(
                f"{path}: {path.stat().st_size:,} bytes are more than the "
                f"{LARGEST:,} that a description may have\n"
                "  Weights and data lie beside it; the file names them."
            )
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from None


def _parsed(path: Path, content: bytes) -> Any:  # noqa: ANN401
    try:
        text = content.decode("utf-8")
        if text.lstrip().startswith("{"):
            raw = json.loads(text, object_pairs_hook=once, parse_constant=_no_number)
        else:
            raw = tomllib.loads(text)
        return _plain(raw)
    except UnicodeDecodeError as error:
        raise ModelError(
            f"{path}: not UTF-8 (byte {error.start})\n  Save it as UTF-8."
        ) from None
    except (ValueError, RecursionError) as error:
        what = str(error) or "it nests too deeply"
        raise ModelError(f"{path}: neither TOML nor JSON: {what}\n{_HELP}") from None


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not a number")


def _plain(value: Any, depth: int = 0) -> Any:  # noqa: ANN401
    """Return values as JSON has them: a date as its ISO text."""
    if depth > DEEPEST:
        raise ValueError(f"tables stand within tables more than {DEEPEST} deep")
    if isinstance(value, dict):
        return {_plain(k): _plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v, depth + 1) for v in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float) and value - value != 0:  # inf and nan of TOML
        raise ValueError(f"{value} is not a number")
    if isinstance(value, str) and (has_control(value) or not is_unicode(value)):
        raise ValueError(f"the text {value[:40]!r} holds what is no text")
    return value


def _refuse_unknown(path: Path, raw: Mapping[str, Any]) -> None:
    """Refuse an unknown key with the nearest known one, before anything else."""
    tables: dict[str, tuple[object, Schema]] = {
        "": (raw, {"properties": KEYS}),
        "base_model.": (raw.get("base_model"), _BASE),
        "dataset.": (raw.get("dataset"), _DATASET),
    }
    for prefix, (table, schema) in tables.items():
        for key in table if isinstance(table, dict) else ():
            if key not in schema["properties"]:
                known = list(schema["properties"])
                close = difflib.get_close_matches(key, known, n=1)
                hint = f", did you mean '{prefix}{close[0]}'?" if close else ""
                raise ModelError(
                    f"{path}: unknown key '{prefix}{key}'{hint}\n"
                    f"  Known are {', '.join(known)}."
                )


def _where(error: ValidationError) -> str:
    path = error.json_path.removeprefix("$").removeprefix(".")
    return f"{path}: " if path else ""


def _message(error: ValidationError) -> str:
    missing = error.validator == "required"
    text = error.message
    if missing:
        return f"{text.split(' is a')[0]} is missing"
    return text if len(text) <= 200 else f"{text[:200]}…"

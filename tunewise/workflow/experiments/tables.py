"""Tables of a specification: TOML in, dataclasses out.

A table is a dataclass: its fields are the keys, their types what a key takes, and a
field that is a dataclass is a table within the table. What a type cannot say stands
in ``CHOICES`` and ``BOUNDS``, by the table's own name and key: ``endpoint.retries``
bounds ``[endpoint]``, ``[rag.endpoint]`` and ``[judge.endpoint]`` alike.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from math import inf
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from tunewise.domain.dataset import Classification
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import METRICS, RETRIEVAL, TASK_TYPES, PromptSpec

_T = TypeVar("_T")

CHOICES: Mapping[str, Sequence[str]] = {
    "task.type": TASK_TYPES,
    "task.metric": METRICS,
    "prompt.setups": PromptSpec().setups,
    "rag.retrieval": RETRIEVAL,
    "finetune.method": ("lora", "full"),
    "finetune.too_long": ("drop", "truncate", "refuse"),
    "endpoint.data_up_to": tuple(c.value for c in Classification),
}
# inclusive bounds of the numbers that could ruin a run
BOUNDS: Mapping[str, tuple[float, float]] = {
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
    "endpoint.timeout_seconds": (0.1, 86_400),
    "endpoint.retries": (0, 20),
    "endpoint.most_cost": (0, 10**9),
    "endpoint.price_in": (0, 10**6),
    "endpoint.price_out": (0, 10**6),
    "endpoint.cache_days": (0, 3650),
}


def choices_of(key: str) -> Sequence[str] | None:
    """Return the values that a key may have, None where any text may stand.

    >>> choices_of("finetune.method")
    ('lora', 'full')
    """
    return CHOICES.get(_own(key))


def bounds_of(key: str) -> tuple[float, float]:
    """Return the inclusive bounds of a number; at least 0 where none are named.

    >>> bounds_of("rag.k"), bounds_of("limits.heldout")
    ((1, 64), (0, inf))
    """
    return BOUNDS.get(_own(key), (0, inf))


def nested(hint: object) -> type | None:
    """Return the dataclass that a key's value is read into, None where it is none."""
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    kind = kinds[0]
    return kind if is_dataclass(kind) and isinstance(kind, type) else None


def table(kind: type[_T], raw: object, name: str, where: str) -> _T:
    """Read a table into its dataclass.

    Parameters
    ----------
    name : the table as it is headed, such as ``rag.endpoint``
    where : the file, for messages

    Raises
    ------
    SpecError
        If a key is unknown or missing, or a value of the wrong type or out of range.
    """
    if not isinstance(raw, dict):
        raise SpecError(f"{where}: {name} must be a table: [{name}]")
    known = tuple(f.name for f in fields(kind))  # type: ignore[arg-type]
    refuse_unknown(raw, known, f"{where}: [{name}]")
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


def strings(value: object, at: str) -> list[str]:
    """Return a list of texts, none of them blank."""
    if not isinstance(value, list | tuple):
        raise SpecError(f"{at} must be a list, got {value!r}")
    return [string(v, at) for v in value]


def string(value: object, at: str) -> str:
    """Return a text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise SpecError(f"{at} must be a text, got {value!r}")
    return value


def among(value: str, allowed: Sequence[str], at: str) -> str:
    """Return a value that is one of those allowed."""
    if value not in allowed:
        raise SpecError(
            f"{at}: '{value}' is not known{_nearest(value, allowed)}\n"
            f"  Known are {', '.join(allowed)}."
        )
    return value


def refuse_unknown(raw: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    """Refuse a key that nobody reads, and name the nearest one that is read."""
    for key in raw:
        if key not in known:
            raise SpecError(
                f"{where}: unknown key '{key}'{_nearest(key, known)}\n"
                f"  Known are {', '.join(known)}."
            )


def _own(key: str) -> str:
    """Return the last table and the key: ``rag.endpoint.retries`` is the endpoint's."""
    return ".".join(key.split(".")[-2:])


def _typed(hint: Any, value: object, key: str, where: str) -> object:  # noqa: ANN401
    at = f"{where}: {key}"
    if kind := nested(hint):
        return table(kind, value, key, where)
    if hint is bool:
        if not isinstance(value, bool):
            raise SpecError(f"{at} must be true or false, got {value!r}")
        return value
    if hint is str:
        text, allowed = string(value, at), choices_of(key)
        return among(text, allowed, at) if allowed else text
    if hint is int or hint is float or "float" in str(hint):
        return _number(value, key, at, whole=hint is int)
    if "int" in str(hint):
        return tuple(int(_number(n, key, at, whole=True)) for n in _some(value, at))
    names = tuple(strings(_some(value, at), at))
    for name in names:
        among(name, choices_of(key) or names, at)
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
    low, high = bounds_of(key)
    if not low <= value <= high:
        bounds = f"lie between {low} and {high}" if high < inf else f"be at least {low}"
        raise SpecError(f"{at} must {bounds}, got {value}")
    return value


def _nearest(value: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(value, known, n=1)
    return f", did you mean '{close[0]}'?" if close else ""

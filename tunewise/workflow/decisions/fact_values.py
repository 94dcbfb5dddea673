"""The bare values of recorded facts, to count and to compare."""

from collections.abc import Mapping
from typing import Any


def values_of(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of each fact that is known; a range counts by its middle.

    >>> values_of({"facts": {"a": True, "b": {"low": 2, "high": 4}, "c": None}})
    {'a': True, 'b': 3.0}
    """
    found = {}
    for name, said in recorded["facts"].items():
        value = said.get("value") if isinstance(said, Mapping) else said
        if value is None and isinstance(said, Mapping):
            low, high = said.get("low"), said.get("high")
            value = None if low is None or high is None else (low + high) / 2
        if value is not None:
            found[name] = value
    return found

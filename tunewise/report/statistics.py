"""The context of a dataset's statistics: a row for each measure, a column a split."""

from collections.abc import Callable, Mapping
from typing import Any

from tunewise.report import numbers
from tunewise.report.shapes import View

_SPLITS = ("train", "validation", "heldout")
_DOCUMENTS = "documents"
_Said = Callable[[Any], str]


def _spread(found: object) -> str:
    """Return the median, where most lie, and the largest.

    >>> _spread({"p50": 77.0, "p5": 69.0, "p95": 87.0, "max": 1100.0})
    '77 (69 to 87, at most 1,100)'
    """
    if not isinstance(found, Mapping) or found.get("p50") is None:
        return ""
    middle, low, high, most = (
        numbers.count(round(found[key])) for key in ("p50", "p5", "p95", "max")
    )
    return f"{middle} ({low} to {high}, at most {most})"


def _share(found: float | None) -> str:
    return "" if found is None else numbers.percent(found)


def _day(found: object) -> str:
    return str(found or "")[:10]


def _some(found: float | None) -> str:
    return numbers.count(found) if found else ""


# a measure, its name, and how it is said; of documents some have another key
_MEASURES: tuple[tuple[str, str, _Said], ...] = (
    ("examples", "Examples", _some),
    ("distinct_references", "Different answers", _some),
    ("groups", "Groups", _some),
    ("tokens", "Tokens", _spread),
    ("characters", "Characters of a document", _spread),
    ("prompt_characters", "Characters of the prompt", _spread),
    ("reference_characters", "Characters of the answer", _spread),
    ("reference_tokens", "Tokens of the answer", _spread),
    ("truncated_share", "Longer than a training takes", _share),
    ("over_context_share", "Longer than the model's context", _share),
    ("trained_token_share", "Share of tokens that is trained on", _share),
    ("without_system", "Without a system message", _some),
    ("without_user", "Without a user message", _some),
    ("first", "From", _day),
    ("last", "To", _day),
)


def complete_statistics(found: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a page says of a dataset's statistics, None where none are kept.

    Returns
    -------
    dict
        ``columns``, the names of the splits; ``rows`` with a ``name`` and a text for
        each column ("": it does not apply), only those that say something; ``labels``
        with a count for each split; ``majority`` and ``smallest``, shares from 0 to 1;
        ``counted``, how tokens were counted.
    """
    there = found.get("splits") or {}
    splits: dict[str, View] = {name: there[name] for name in _SPLITS if name in there}
    if not splits:
        return None
    if documents := found.get(_DOCUMENTS):
        splits[_DOCUMENTS] = {**documents, "examples": documents.get(_DOCUMENTS)}
    rows = [
        {"name": name, "cells": [say(split.get(key)) for split in splits.values()]}
        for key, name, say in _MEASURES
    ]
    return {
        "columns": list(splits),
        "rows": [row for row in rows if any(row["cells"])],
        "labels": found.get("labels") or [],
        "majority": found.get("majority_share"),
        "smallest": found.get("smallest_difference"),
        "counted": _counted(found.get("tokens_counted_by") or {}),
    }


def _counted(how: Mapping[str, Any]) -> str:
    """Return how tokens were counted, and from how many on an example is too long.

    >>> _counted({"how": "tiny", "max_length": 1024, "estimate": False})
    'Tokens are counted by tiny; a training takes 1,024 of an example.'
    """
    if not how:
        return ""
    by = f"counted by {how.get('how') or 'an unknown tokenizer'}"
    said = how.get("how") if how.get("estimate") else by
    limit = how.get("max_length")
    more = f"; a training takes {numbers.count(limit)} of an example" if limit else ""
    return f"Tokens are {said}{more}."

"""What a decision promised, and what was realised of it, as text."""

from collections.abc import Mapping
from typing import Any

from tunewise.report import numbers


def promise(entry: Mapping[str, Any]) -> str:
    """Return what was promised, with its bounds and its unit.

    >>> promise({"what": "score", "unit": "accuracy", "promised": 0.84, "low": 0.79,
    ...     "high": 0.89})
    '0.84 (0.79–0.89)'
    >>> promise({"what": "cost", "unit": "EUR a month", "promised": 900.0, "low": None,
    ...     "high": 900.0})
    'at most 900 EUR a month'
    """
    low, high, value = entry.get("low"), entry.get("high"), entry.get("promised")
    unit = "" if entry["what"] == "score" else f" {entry['unit']}"
    if value is None and low is None and high is None:
        return "nothing"
    if low is not None and high is not None and low != high:
        middle = f"{_amount(entry, value)} " if value is not None else ""
        ends = f"{_amount(entry, low)}–{_amount(entry, high)}"
        return f"{middle}({ends}){unit}" if middle else f"{ends}{unit}"
    if low is None and high is not None:
        return f"at most {_amount(entry, high)}{unit}"
    if high is None and low is not None:
        return f"at least {_amount(entry, low)}{unit}"
    return f"{_amount(entry, low if value is None else value)}{unit}"


def realised(entry: Mapping[str, Any]) -> str:
    """Return what was realised, with its unit.

    >>> realised({"what": "volume", "unit": "requests a day", "realised": 1200.0})
    '1,200 requests a day'
    """
    unit = "" if entry["what"] == "score" else f" {entry['unit']}"
    return f"{_amount(entry, entry.get('realised'))}{unit}"


def figure(entry: Mapping[str, Any]) -> str:
    """Return a figure of a review beside its promise, as half a sentence.

    >>> figure({"what": "score", "unit": "accuracy", "promised": 0.84, "low": 0.79,
    ...     "high": 0.89, "realised": 0.71, "standing": "worse"})
    'score 0.71, promised 0.84 (0.79–0.89): worse'
    """
    standing = f": {entry['standing']}" if entry.get("standing") else ""
    return f"{entry['what']} {realised(entry)}, promised {promise(entry)}{standing}"


def _amount(entry: Mapping[str, Any], value: float | None) -> str:
    if value is None:
        return numbers.DASH
    if entry["what"] == "score":
        return numbers.decimal(value, 2 if round(value, 2) == value else 3)
    return numbers.count(value) if abs(value) >= 10 else numbers.decimal(value)

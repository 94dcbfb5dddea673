"""Figures as text, always with their unit.

Missing is said, never guessed: each function turns None into a dash or a word.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MINUS = "−"
DASH = "–"


def score(entry: Mapping[str, Any] | None) -> str:
    """Return a score with its 95 % interval and number of examples.

    >>> score({"value": 0.83, "low": 0.76, "high": 0.88, "n": 100})
    '0.83 (0.76–0.88, n = 100)'
    """
    if not entry or entry.get("value") is None:
        return "not measured"
    parts = []
    if entry.get("low") is not None and entry.get("high") is not None:
        parts.append(interval(entry["low"], entry["high"]))
    if entry.get("n") is not None:
        parts.append(f"n = {count(entry['n'])}")
    tail = f" ({', '.join(parts)})" if parts else ""
    return decimal(entry["value"]) + tail


def interval(low: float, high: float) -> str:
    """Return both ends; a negative end asks for the word *to*.

    >>> interval(-0.02, 0.05)
    '−0.02 to 0.05'
    """
    joint = " to " if low < 0 or high < 0 else DASH
    return f"{decimal(low)}{joint}{decimal(high)}"


def decimal(value: float | None, digits: int = 2) -> str:
    """Return a number with fixed decimals and a true minus sign."""
    if value is None:
        return DASH
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def signed(value: float | None, digits: int = 2) -> str:
    """Return a difference with its sign.

    >>> signed(0.141), signed(-0.02), signed(0)
    ('+0.14', '−0.02', '0.00')
    """
    text = decimal(value, digits)
    return (
        f"+{text}" if value is not None and float(f"{value:.{digits}f}") > 0 else text
    )


def count(value: float | None) -> str:
    """Return a whole number with thousands separated by a comma."""
    return DASH if value is None else f"{round(value):,}"


def plain(value: object) -> str:
    """Return any fact value as a person would write it.

    >>> plain(True), plain(None), plain(0.0002), plain(12000)
    ('yes', 'unknown', '0.0002', '12,000')
    """
    if value is None or value == "":
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    if isinstance(value, float):
        return (
            f"{value:.6g}".replace("-", MINUS) if abs(value) >= 1e-4 else f"{value:g}"
        )
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(v) for v in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{k}: {plain(v)}" for k, v in value.items())
    return str(value)


def percent(share: float | None) -> str:
    """Return a share in [0, 1] as a percentage."""
    return DASH if share is None else f"{100 * share:.0f} %"


def p_value(value: float | None) -> str:
    """Return a p-value; below 0.001 only that much is said."""
    if value is None:
        return ""
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def duration(seconds: float | None) -> str:
    """Return seconds in the unit that reads best.

    >>> duration(0.0421), duration(4.2), duration(750), duration(12240)
    ('42 ms', '4.2 s', '12.5 min', '3.4 h')
    """
    if seconds is None:
        return DASH
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 90:
        return f"{seconds:.1f} s"
    if seconds < 5400:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


def size(count_bytes: float | None) -> str:
    """Return bytes in decimal units.

    >>> size(1_200_000_000)
    '1.2 GB'
    """
    if count_bytes is None:
        return DASH
    value = float(count_bytes)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def money(cost: Mapping[str, Any] | None) -> str:
    """Return a cost with its currency, what it is for, and its range.

    >>> money({"value": 0.42, "currency": "EUR", "per": "1000 requests",
    ...        "low": 0.3, "high": 0.6})
    '0.42 EUR per 1000 requests (0.30–0.60)'
    """
    if not cost or cost.get("value") is None:
        return "not estimated"
    text = f"{_amount(cost['value'])} {cost.get('currency', '')}".strip()
    if cost.get("per"):
        text += f" per {cost['per']}"
    low, high = cost.get("low"), cost.get("high")
    if low is not None and high is not None and (low, high) != (cost["value"],) * 2:
        text += f" ({_amount(low)}{DASH}{_amount(high)})"
    return text


def amounts(entry: Mapping[str, Any] | None) -> str:
    """Return an amount of money with its range, without a currency.

    >>> amounts({"value": 5300, "low": 3312.5, "high": 7950}), amounts(None)
    ('5,300 (3,312–7,950)', '–')
    """
    if not entry or entry.get("value") is None:
        return DASH
    value, low, high = (entry.get(end) for end in ("value", "low", "high"))
    if low is None or high is None or (low, high) == (value, value):
        return amount(value)
    return f"{amount(value)} ({amount(low)}{DASH}{amount(high)})"


def amount(value: float | None) -> str:
    """Return an amount of money; cents are said below 100.

    >>> amount(2140.4), amount(0.031), amount(-12.5)
    ('2,140', '0.031', '−12.50')
    """
    if value is None:
        return DASH
    if abs(value) >= 100:
        return f"{value:,.0f}".replace("-", MINUS)
    return f"{MINUS if value < 0 else ''}{_amount(abs(value))}"


def moment(iso: object) -> str:
    """Return an ISO 8601 time in UTC, to the minute; anything else as it is.

    >>> moment("2026-11-22T14:03:59+00:00"), moment("2026-11-22")
    ('2026-11-22 14:03 UTC', '2026-11-22')
    """
    text = "" if iso is None else str(iso)
    if "T" not in text:
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return f"{at:%Y-%m-%d %H:%M} UTC"


def day(iso: object) -> str:
    """Return the date of an ISO 8601 time."""
    return moment(iso)[:10]


def short_digest(digest: object) -> str:
    """Return a digest that can be told from others, but not yet be checked.

    >>> short_digest("sha256:0123456789abcdef0123")
    'sha256:0123456789ab…'
    """
    text = "" if digest is None else str(digest)
    kind, colon, rest = text.rpartition(":")
    return text if len(rest) <= 12 else f"{kind}{colon}{rest[:12]}…"


def _amount(value: float) -> str:
    return f"{value:,.2f}" if value >= 0.1 or value == 0 else f"{value:.2g}"

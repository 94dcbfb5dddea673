"""What tuning cost the base elsewhere, in one sentence for texts and warnings."""

from collections.abc import Mapping
from typing import Any

from tunewise.report import numbers
from tunewise.report.shapes import View, fill, shape

_KEYS = shape(text="not_checked examples", none="left_out loss token_f1 worse")
WORSE = "it got worse at other things"
NONE_SHOWN = "no regression shown"


def complete_off_task(found: object) -> dict[str, Any] | None:
    """Return what the check found with every key; None where nothing is recorded."""
    return fill(found, _KEYS) if found and isinstance(found, Mapping) else None


def sentence(found: View) -> str:
    """Return what the check off the task found, or why there was none.

    >>> loss = {"before": 2.31, "after": 2.9, "difference": 0.59, "low": 0.41}
    >>> loss |= {"high": 0.78, "n": 48}
    >>> sentence({"loss": loss, "worse": True})
    'off the task: loss 2.31 → 2.90 nats a token (+0.59, 0.41–0.78, n = 48): it got \
worse at other things'
    >>> sentence({"not_checked": "switched off"})
    'off the task: not checked (switched off)'
    """
    if found.get("not_checked"):
        return f"off the task: not checked ({found['not_checked']})"
    measures = (
        ("loss", found.get("loss"), " nats a token"),
        ("token F1", found.get("token_f1"), ""),
    )
    said = [f"{name} {changed(m, unit)}" for name, m, unit in measures if m]
    return f"off the task: {', '.join(said)}: {concluded(found)}"


def concluded(found: View) -> str:
    """Return whether a loss of what the base could do is shown."""
    return WORSE if found.get("worse") else NONE_SHOWN


def changed(measure: View, unit: str = "") -> str:
    """Return a measure before and after, the difference with its interval, and n.

    >>> f1 = {"before": 0.4, "after": 0.3, "difference": -0.1, "low": -0.2}
    >>> changed(f1 | {"high": 0.0, "n": 48})
    '0.40 → 0.30 (−0.10, −0.20 to 0.00, n = 48)'
    """
    before, after = map(numbers.decimal, (measure["before"], measure["after"]))
    difference = numbers.signed(measure["difference"])
    interval = numbers.interval(measure["low"], measure["high"])
    n = numbers.count(measure["n"])
    return f"{before} → {after}{unit} ({difference}, {interval}, n = {n})"

"""The drift checks of a model version, as its page and a report show them."""

from collections.abc import Mapping, Sequence
from typing import Any

from tunewise.report import numbers, words
from tunewise.report.shapes import Shape, View, fill, rows, shape

_CHECK: Shape = {
    **shape(
        text="at by texts texts_removed error",
        lists="findings facts because criteria",
        tables="data not_looked_at",
        none="check before after decision answers drifted",
    ),
    "changed": bool,
}
_FINDING: Shape = {
    **shape(text="code fact message", none="value low high threshold p_value"),
    "drifted": bool,
}
_FACT: Shape = {**shape(text="fact because", none="before after"), "changed": bool}


def complete_checks(checks: Sequence[View]) -> list[dict[str, Any]]:
    """Return every check with every key, the newest first, and what it came to."""
    found = []
    for number, view in enumerate(checks, start=1):
        check = fill(view, _CHECK)
        check["check"] = check["check"] or number
        check["findings"] = rows(check["findings"], _FINDING)
        check["facts"] = [_told(fact) for fact in rows(check["facts"], _FACT)]
        check["said"] = _said(check)
        found.append(check)
    return found[::-1]


def _told(fact: dict[str, Any]) -> dict[str, Any]:
    return {**fact, "moved": f"{_value(fact['before'])} → {_value(fact['after'])}"}


def _value(said: object) -> str:
    value = said.get("value") if isinstance(said, Mapping) else None
    return "unknown" if value is None else numbers.plain(value)


def _said(check: View) -> str:
    """Return what a check came to, in one sentence without its full stop."""
    drifted = "drift was shown" if check["drifted"] else "no drift was shown"
    before, after = check["before"], check["after"]
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return drifted
    now = words.option_title(after.get("recommended"))
    if not check["changed"]:
        return f"{drifted}; the verdict stays {now}"
    was = words.option_title(before.get("recommended"))
    return f"{drifted}; the verdict would be {now} instead of {was}"

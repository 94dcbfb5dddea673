"""Facts with what they rest on, and the findings that rest on them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tunewise.report import numbers, words
from tunewise.report.shapes import Shape, View, fill, shape

_FINDING: Shape = {
    **shape(
        text="criterion option because source variant next_step who", lists="facts"
    ),
    "origin": lambda: "shipped",
    "weight": int,
    "veto": bool,
}


def complete_finding(entry: View, facts: Mapping[str, View]) -> dict[str, Any]:
    """Return a finding with its facts as text, marked where they are assumed."""
    finding = fill(entry, _FINDING)
    finding["facts"] = [_fact_use(f, facts) for f in _each_fact(finding["facts"])]
    return finding


def _each_fact(uses: object) -> list[Any]:
    if isinstance(uses, Mapping):
        return [
            {
                **(entry if isinstance(entry, Mapping) else {"value": entry}),
                "name": name,
            }
            for name, entry in uses.items()
        ]
    return list(uses) if isinstance(uses, Sequence) else []


def _fact_use(use: object, facts: Mapping[str, View]) -> dict[str, Any]:
    """Return a fact that a finding names: as the sheet has it, else as it says."""
    name = str(use.get("name", "")) if isinstance(use, Mapping) else str(use)
    known = facts.get(name)
    if known is None:
        known = complete_fact(name, use if isinstance(use, Mapping) else None, None)
    return {key: known[key] for key in ("name", "value", "text", "assumed")}


def complete_fact(name: str, entry: object, definition: View | None) -> dict[str, Any]:
    """Return a fact as text with its unit, its evidence and its question."""
    parts = dict(entry) if isinstance(entry, Mapping) else {"value": entry}
    about = definition or {}
    value, low, high = parts.get("value"), parts.get("low"), parts.get("high")
    unit = about.get("unit") or ""
    return {
        "name": name,
        "question": about.get("question") or "",
        "group": about.get("group") or "",
        "unit": unit,
        "value": value,
        "text": _fact_text(value, low, high, unit),
        "evidence": words.evidence(
            parts.get("evidence"), stated=bool(parts.get("stated"))
        ),
        "assumed": words.is_assumed(parts.get("evidence")),
        "model": parts.get("model") or "",
        "on": parts.get("on") or "",
        "valid_until": parts.get("valid_until") or "",
    }


def _fact_text(value: object, low: object, high: object, unit: str) -> str:
    bounds = f"{numbers.plain(low)} to {numbers.plain(high)}"
    if low is None and high is None:
        text = numbers.plain(value)
    elif value is None:
        text = f"between {numbers.plain(low)} and {numbers.plain(high)}"
    else:
        text = f"{numbers.plain(value)} ({bounds})"
    return f"{text} {unit}".strip() if text != "unknown" else text


def by_group(facts: Iterable[View]) -> list[dict[str, Any]]:
    """Return facts under the headings of the fact dictionary, in its order."""
    groups: dict[str, list[View]] = {}
    for fact in facts:
        groups.setdefault(fact["group"], []).append(fact)
    return [{"group": g or "Facts", "facts": entries} for g, entries in groups.items()]


def first_facts(facts: Mapping[str, View], verdict: View) -> list[dict[str, Any]]:
    """Return the facts to be read first: those assumed, and those that decide.

    A fact decides where a flip names it, or where a veto or a reason for the verdict
    rests on it. Assumed ones that decide come first.
    """
    turning = {name for flip in verdict["flips"] for name in flip.get("change") or ()}
    reasons = {
        use["name"]
        for finding in verdict["findings"]
        if finding["veto"] or finding["option"] == verdict["recommended"]
        for use in finding["facts"]
    }
    first = [
        {**fact, "turns": name in turning, "decides": name in turning | reasons}
        for name, fact in facts.items()
        if fact["assumed"] or name in turning | reasons
    ]
    return sorted(first, key=_read_first)


def _read_first(fact: View) -> tuple[bool, bool, bool]:
    assumed, decides = fact["assumed"], fact["decides"]
    return not (assumed and decides), not assumed, not fact["turns"]

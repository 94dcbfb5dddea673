"""Answers become a fact sheet: typed, checked, each with the evidence it rests on.

    {"name": value, …} | {"facts": {…}, "comparisons": […]}  ->  FactSheet

An entry is a bare value (assumed), or a table with ``value``, ``low``, ``high``,
``evidence``, ``model``, ``on``, ``valid_until`` and ``stated``. Null and "unknown"
make a fact unknown: it is then not in the sheet. ``sheet_to_raw`` is the inverse.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from tunewise.domain.errors import FactError
from tunewise.domain.facts import (
    Evidence,
    EvidenceKind,
    Fact,
    FactDefinition,
    FactSheet,
    FactType,
    Scalar,
)
from tunewise.engine.comparisons import comparison_to_raw, read_comparisons
from tunewise.engine.conditions import allowed, typed_value
from tunewise.engine.source_text import (
    clipped,
    is_finite,
    is_unicode,
    iso_date,
    shown,
    suggest,
)

Definitions = Mapping[str, FactDefinition]

UNKNOWN = "unknown"

# The interval of a score of 1.0 may end at 1 + 2e-16.
_ROUNDING = 1e-9

_KINDS = [k.value for k in EvidenceKind]
_NAMED = [f'"{k}:…"' for k in EvidenceKind if k is not EvidenceKind.ASSUMED]
ENTRY_KEYS = (
    "value",
    "low",
    "high",
    "evidence",
    "model",
    "on",
    "date",
    "valid_until",
    "stated",
)
NESTED_KEYS = ("facts", "comparisons", "title")
_TRUE = ("true", "yes", "y")
_FALSE = ("false", "no", "n")


@dataclass(frozen=True, slots=True)
class Intake:
    """A fact sheet, and the names that the dictionary does not know."""

    sheet: FactSheet
    ignored: tuple[str, ...] = ()


def fact_sheet(
    raw: Mapping[str, object],
    definitions: Definitions,
    *,
    ignore_unknown: bool = False,
) -> Intake:
    """Return the fact sheet of these answers.

    Raises
    ------
    FactError
        At the first answer that is not what its fact allows. A name that the
        dictionary does not know is refused too, unless ``ignore_unknown``.
    """
    entries = _entries(raw)
    ignored = tuple(name for name in entries if name not in definitions)
    if ignored and not ignore_unknown:
        raise FactError(
            f"unknown fact {clipped(ignored[0])!r}\n"
            f"  The fact dictionary does not have it.{suggest(ignored[0], definitions)}"
        )
    facts = {}
    for name, entry in entries.items():
        fact = None if name in ignored else _fact(definitions[name], entry)
        if fact is not None:
            facts[name] = fact
    return Intake(FactSheet(facts, read_comparisons(raw.get("comparisons"))), ignored)


def read_answer(text: str, definition: FactDefinition) -> Scalar | None:
    """Return what a person typed as the fact's value; None where it is unknown.

    >>> read_answer("yes", FactDefinition("x", FactType.BOOL, "x?", "…"))
    True
    """
    written = text.strip()
    if written.lower() in ("", UNKNOWN):
        return None
    value: object = written
    if definition.type is FactType.BOOL and written.lower() in _TRUE + _FALSE:
        value = written.lower() in _TRUE
    elif definition.type in (FactType.INTEGER, FactType.NUMBER):
        value = _as_number(written)
    return _value(definition, value)


def sheet_to_raw(sheet: FactSheet) -> dict[str, object]:
    """Return a fact sheet as plain JSON values; ``fact_sheet`` reads it back."""
    raw: dict[str, object] = {"facts": {f.name: _fact_to_raw(f) for f in sheet}}
    if sheet.comparisons:
        raw["comparisons"] = [comparison_to_raw(c) for c in sheet.comparisons]
    return raw


def _entries(raw: Mapping[str, object]) -> Mapping[str, object]:
    nested = raw.get("facts")
    if nested is None:
        return {n: v for n, v in raw.items() if n != "comparisons"}
    if not isinstance(nested, Mapping):
        raise FactError(
            f"facts = {shown(nested)} is not a table\n  Write the facts in it by name."
        )
    for key in raw:
        if key not in NESTED_KEYS:
            raise FactError(
                f"unknown key {clipped(key)!r} beside facts\n"
                f"  Put the fact into [facts].{suggest(key, NESTED_KEYS)}"
            )
    return nested


def _fact(definition: FactDefinition, entry: object) -> Fact | None:
    if not isinstance(entry, Mapping):
        value = _value(definition, entry)
        return None if value is None else Fact(definition.name, value)
    for key in entry:
        if key not in ENTRY_KEYS:
            raise FactError(
                f"{definition.name}: unknown key {clipped(str(key))!r}\n"
                f"  A fact has the keys {', '.join(ENTRY_KEYS)}."
                f"{suggest(str(key), ENTRY_KEYS)}"
            )
    value = _value(definition, entry.get("value"))
    low = _bound(definition, entry, "low")
    high = _bound(definition, entry, "high")
    if value is None and low is None and high is None:
        return None
    _check_order(definition, value, low, high)
    if "on" in entry and "date" in entry:
        raise FactError(
            f"{definition.name}: both 'on' and 'date'\n  Keep 'on': they mean the same."
        )
    return Fact(
        name=definition.name,
        value=value,
        low=low,
        high=high,
        evidence=_evidence(definition.name, entry.get("evidence")),
        model=_text(definition.name, entry, "model"),
        on=_day(definition.name, entry, "date" if "date" in entry else "on"),
        valid_until=_day(definition.name, entry, "valid_until"),
        stated=_stated(definition.name, entry.get("stated")),
    )


def _value(definition: FactDefinition, written: object) -> Scalar | None:
    if written is None or written == UNKNOWN:
        return None
    if isinstance(written, str):
        _check_characters(definition.name, written)
    try:
        return typed_value(definition, written)
    except ValueError:
        hint = suggest(written, definition.values) if isinstance(written, str) else ""
        raise FactError(
            f"{definition.name} = {shown(written)} is not {allowed(definition)}\n"
            f'  {definition.question} Where nobody knows, write "unknown".{hint}'
        ) from None


def _bound(
    definition: FactDefinition, entry: Mapping[str, object], key: str
) -> float | None:
    written = entry.get(key)
    if written is None:
        return None
    if definition.type not in (FactType.INTEGER, FactType.NUMBER):
        raise FactError(
            f"{definition.name}: {key} = {shown(written)} for a fact of type "
            f"{definition.type}\n  Only integer and number have a range."
        )
    if isinstance(written, bool) or not isinstance(written, int | float):
        raise FactError(
            f"{definition.name}: {key} = {shown(written)} is not a number\n"
            f"  It bounds the value from {'below' if key == 'low' else 'above'}."
        )
    bound = float(written) if is_finite(written) else math.nan
    least = -math.inf if definition.low is None else definition.low
    most = math.inf if definition.high is None else definition.high
    if not least - _ROUNDING <= bound <= most + _ROUNDING or not math.isfinite(bound):
        raise FactError(
            f"{definition.name}: {key} = {shown(written)} is out of range\n"
            f"  It is {allowed(definition)}."
        )
    return min(max(bound, least), most)


def _check_order(
    definition: FactDefinition,
    value: Scalar | None,
    low: float | None,
    high: float | None,
) -> None:
    middle = value if isinstance(value, int | float) else None
    ordered = [n for n in (low, middle, high) if n is not None]
    if any(a > b + _ROUNDING for a, b in pairwise(ordered)):
        raise FactError(
            f"{definition.name}: low, value, high = "
            f"{', '.join(shown(n) for n in (low, value, high))}\n"
            "  The value lies between low and high."
        )


def _evidence(name: str, written: object) -> Evidence:
    if written is None or written == "":
        return Evidence()
    if isinstance(written, Mapping) and set(written) <= {"kind", "reference"}:
        kind, reference = written.get("kind"), written.get("reference", "")
    elif isinstance(written, str):
        kind, _, reference = written.partition(":")
    else:
        kind, reference = None, ""
    if kind not in _KINDS or not isinstance(reference, str):
        raise FactError(
            f"{name}: evidence = {shown(written)}\n"
            f"  Write {', '.join(_NAMED[:-1])} or {_NAMED[-1]}; "
            "leave it out where the value is assumed."
        )
    _check_characters(f"{name}: evidence", reference)
    evidence = Evidence(EvidenceKind(str(kind)), reference.strip())
    if not evidence.reference and evidence.kind is not EvidenceKind.ASSUMED:
        raise FactError(
            f"{name}: evidence = {shown(written)} names nothing\n"
            f'  Say which: "{kind}:…".'
        )
    return evidence


def _stated(name: str, written: object) -> bool:
    if written is not None and not isinstance(written, bool):
        raise FactError(
            f"{name}: stated = {shown(written)}\n"
            "  Write true where the run that is named does not hold the score."
        )
    return bool(written)


def _text(name: str, entry: Mapping[str, object], key: str) -> str:
    written = entry.get(key)
    if written is not None and not isinstance(written, str):
        raise FactError(f"{name}: {key} = {shown(written)}\n  Write it as a text.")
    _check_characters(f"{name}: {key}", written or "")
    return written or ""


def _check_characters(where: str, text: str) -> None:
    if not is_unicode(text):
        raise FactError(
            f"{where} = {shown(text)} has half a character\n"
            "  \\ud800 to \\udfff only stand in pairs; write the character itself."
        )


def _day(name: str, entry: Mapping[str, object], key: str) -> str:
    written = entry.get(key)
    day = iso_date(written)
    if day is None and written not in (None, ""):
        raise FactError(
            f"{name}: {key} = {shown(written)} is not a date\n  Write 2026-11-23."
        )
    return day or ""


def _as_number(written: str) -> object:
    try:
        return int(written)
    except ValueError:
        pass
    try:
        return float(written)
    except ValueError:
        return written


def _fact_to_raw(fact: Fact) -> object:
    entry: dict[str, object] = {"value": fact.value}
    if fact.low is not None:
        entry["low"] = fact.low
    if fact.high is not None:
        entry["high"] = fact.high
    if fact.evidence != Evidence():
        entry["evidence"] = f"{fact.evidence.kind}:{fact.evidence.reference}"
    for key in ("model", "on", "valid_until", "stated"):
        if getattr(fact, key):
            entry[key] = getattr(fact, key)
    return entry["value"] if len(entry) == 1 else entry

"""The fact dictionary, ``facts.toml``: every fact once, with its type and question.

A fact that is not in here does not exist: criteria and fact sheets are checked
against it.
"""

import re
from collections.abc import Mapping

from tunewise.domain.facts import FactDefinition, FactType
from tunewise.engine.source_text import RuleFile, Section, shown, suggest

_KEYS = (
    "type",
    "question",
    "why",
    "help",
    "who",
    "group",
    "values",
    "low",
    "high",
    "unit",
    "usual",
)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
# Words that the other formats use beside fact names.
_RESERVED = ("any", "all", "facts", "comparisons", "title")
_NUMERIC = (FactType.INTEGER, FactType.NUMBER)


def read_facts(file: RuleFile) -> Mapping[str, FactDefinition]:
    """Return the definitions by name, in file order."""
    top = file.top()
    return {name: _definition(top, name) for name in file.table}


def _definition(top: Section, name: str) -> FactDefinition:
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise top.error(
            name,
            f"{name!r} cannot be the name of a fact",
            f"Use a-z, 0-9 and _, and none of the words {', '.join(_RESERVED)}.",
        )
    entry = top.section(name)
    entry.only(_KEYS, "A fact")
    kind = _type(entry)
    question = entry.text("question")
    if not question.rstrip().endswith("?"):
        raise entry.error(
            "question",
            f"{shown(question)} is not a question",
            "Ask it as a person would be asked, ending with a question mark.",
        )
    low, high = _bounds(entry, kind)
    return FactDefinition(
        name=name,
        type=kind,
        question=question,
        why=entry.text("why"),
        help=entry.text("help", ""),
        who=entry.text("who", ""),
        unit=entry.text("unit", ""),
        values=_values(entry, kind),
        low=low,
        high=high,
        group=entry.text("group", ""),
        usual=_usual(entry, kind),
    )


def _type(entry: Section) -> FactType:
    written = entry.text("type")
    known = [t.value for t in FactType]
    if written not in known:
        raise entry.error(
            "type",
            f"unknown type {shown(written)}",
            f"A fact's type is one of {', '.join(known)}.{suggest(written, known)}",
        )
    return FactType(written)


def _values(entry: Section, kind: FactType) -> tuple[str, ...]:
    values = entry.texts("values")
    if kind is not FactType.ENUM:
        if "values" in entry.table:
            raise entry.error(
                "values",
                f"values = {shown(list(values))} for the type {shown(kind.value)}",
                'Leave values out, or make it type = "enum".',
            )
        return ()
    if len(values) < 2 or len(set(values)) < len(values):
        raise entry.error(
            "values",
            f"values = {shown(list(values))} is not a choice",
            "An enum lists at least two different values, in their order.",
        )
    if "unknown" in values:
        raise entry.error(
            "values",
            'values has "unknown"',
            "Leave it out: every fact may be unknown without saying so.",
        )
    return values


def _usual(entry: Section, kind: FactType) -> bool | None:
    if "usual" not in entry.table:
        return None
    if kind is not FactType.BOOL:
        raise entry.error(
            "usual",
            f"usual = {shown(entry.table['usual'])} for the type {shown(kind.value)}",
            "Leave it out: only a bool has a usual answer.",
        )
    return entry.boolean("usual")


def _bounds(entry: Section, kind: FactType) -> tuple[float | None, float | None]:
    for key in ("low", "high", "unit"):
        if key in entry.table and kind not in _NUMERIC:
            raise entry.error(
                key,
                f"{key} = {shown(entry.table[key])} for the type {shown(kind.value)}",
                f"Leave {key} out: only integer and number have it.",
            )
    low = entry.number("low") if "low" in entry.table else None
    high = entry.number("high") if "high" in entry.table else None
    if low is not None and high is not None and low > high:
        raise entry.error(
            "low", f"low = {low:g} is above high = {high:g}", "Exchange the two."
        )
    return low, high

"""Fact files: read from TOML, JSON or standard input; a commented one to start from."""

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tunewise.domain.errors import FactError
from tunewise.domain.facts import FactDefinition, FactSheet, FactType
from tunewise.domain.rules import RuleSet
from tunewise.engine.contradictions import contradictions
from tunewise.engine.intake import fact_sheet
from tunewise.workflow.statements import has_control


def read_facts(source: str, rules: RuleSet) -> dict[str, Any]:
    """Read and check a fact file; ``-`` is standard input.

    Raises
    ------
    FactError
        If the file is missing, or an answer is not what its fact allows.
    """
    raw = read_raw(source)
    with blaming(_name(source)):
        checked_sheet(raw, rules)
    return raw


def folder_of(source: str) -> Path:
    """Return where the paths of documents in a fact file begin: its own folder."""
    return Path() if source == "-" else Path(source).parent


def read_raw(source: str) -> dict[str, Any]:
    """Read a fact file as it stands: TOML, or JSON where it starts so."""
    try:
        text = (
            sys.stdin.read()
            if source == "-"
            else Path(source).read_text(encoding="utf-8")
        )
    except FileNotFoundError:
        raise FactError(
            f"{source}: there is no such file\n"
            "  Make one with 'tunewise facts new -o facts.toml'."
        ) from None
    except UnicodeDecodeError:
        raise FactError(
            f"{_name(source)}: this is no text in UTF-8\n"
            "  A fact file is TOML or JSON: 'tunewise facts new' prints one."
        ) from None
    except OSError as error:
        raise FactError(f"{source}: cannot be read ({error.strerror})") from None
    try:
        if text.lstrip().startswith("{"):
            raw: dict[str, Any] = json.loads(text, object_pairs_hook=once)
        else:
            raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise FactError(
            f"{_name(source)}: neither TOML nor JSON ({why_unread(error)})\n"
            "  'tunewise facts new' prints one to start from."
        ) from None
    return raw


def why_unread(error: Exception) -> str:
    """Return what is wrong in words that do not need Python."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return str(error).partition("; use sys")[0]


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice, as TOML does: which of the two would count?"""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands there twice")
    return found


@contextmanager
def blaming(where: str) -> Iterator[None]:
    """Name the place in an error about its facts."""
    try:
        yield
    except FactError as error:
        raise FactError(f"{where}: {error}") from None


def sheet_of(raw: Mapping[str, Any], rules: RuleSet) -> FactSheet:
    """Check raw answers against the fact dictionary; unknown names are refused."""
    return fact_sheet(raw, rules.facts).sheet


def checked_sheet(raw: Mapping[str, Any], rules: RuleSet) -> FactSheet:
    """Return the sheet of answers that do not contradict each other.

    Raises
    ------
    FactError
        Where an answer is not what its fact allows, or some contradict each other.
    """
    sheet = sheet_of(raw, rules)
    for fact in sheet:
        for text in (fact.value, fact.evidence.reference, fact.model):
            if isinstance(text, str) and has_control(text):
                raise FactError(
                    f"{fact.name}: {text[:40]!r} holds a control character\n"
                    "  A terminal would obey it: leave it out."
                )
    found = contradictions(rules.contradictions, sheet)
    if found:
        raise FactError("\n".join(found))
    return sheet


def new_fact_file(rules: RuleSet) -> str:
    """Return a commented fact file: every fact, its question and its choices."""
    parts = [
        "# A fact sheet. Remove the # in front of what you know; the rest is unknown.\n"
        "# A bare value is taken as assumed. With evidence:\n"
        '#   must_cite_sources = { value = true, evidence = "person:Ada Byron" }\n'
        "#   rag_score = { value = 0.71, low = 0.64, high = 0.77, evidence = "
        '"document:eval-2026-11.pdf", model = "…", on = 2026-11-20 }\n'
    ]
    group = None
    for definition in rules.facts.values():
        if definition.group != group:
            group = definition.group
            parts.append(f"\n# --- {group} ---\n")
        parts.append(_entry(definition))
    return "".join(parts)


def open_questions(raw: Mapping[str, Any], rules: RuleSet) -> list[dict[str, str]]:
    """Return the facts that are still unknown, by who usually knows them."""
    sheet = sheet_of(raw, rules)
    rows = [
        {
            "fact": d.name,
            "question": d.question,
            "why": d.why,
            "who": d.who or "anyone",
        }
        for d in rules.facts.values()
        if sheet.get(d.name) is None
    ]
    return sorted(rows, key=lambda row: row["who"])


def _name(source: str) -> str:
    return "standard input" if source == "-" else source


def _entry(definition: FactDefinition) -> str:
    lines = [definition.question, f"why: {definition.why}"]
    if definition.help:
        lines.append(definition.help)
    if definition.who:
        lines.append(f"who knows: {definition.who}")
    comment = "".join(f"# {line}\n" for line in lines)
    return f"{comment}# {definition.name} = {_sample(definition)}\n\n"


def _sample(definition: FactDefinition) -> str:
    unit = f"   # {definition.unit}" if definition.unit else ""
    match definition.type:
        case FactType.BOOL:
            return "true   # or false"
        case FactType.ENUM:
            return f'"{definition.values[0]}"   # {", ".join(definition.values)}'
        case FactType.INTEGER:
            return f"100{unit}"
        case FactType.NUMBER:
            return f"0.5{unit}"
        case FactType.DATE:
            return "2027-01-31"
        case _:
            return '"…"'

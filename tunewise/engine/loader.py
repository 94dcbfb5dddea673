"""Rule files, as texts by path, become one checked rule set under one digest.

    {path: text}  --layer-->  house over shipped  --parse, check-->  RuleSet

Nothing is read from disk here. A house file replaces the shipped file of the same
path. ``README.md``, hidden files and files that are not TOML are no part of a rule
set, and not of its digest.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from tunewise.domain.errors import RuleFileError
from tunewise.domain.facts import FactDefinition
from tunewise.domain.rules import Criterion, Option, RuleSet, SwitchedOff, WorkedCase
from tunewise.engine.contradictions import read_contradictions
from tunewise.engine.criteria_file import read_case, read_criterion
from tunewise.engine.data_quality import read_data_quality
from tunewise.engine.facts_file import read_facts
from tunewise.engine.risks_file import read_risks
from tunewise.engine.source_text import RuleFile, parse, shown, suggest
from tunewise.engine.tables_file import (
    read_base_models,
    read_setting_warnings,
    read_settings,
)

_CONTRADICTIONS = "contradictions.toml"
_DATA_QUALITY = "data-quality.toml"
_RISKS = "risks.toml"
_MORE_RISKS = "more-risks.toml"  # in a house only
_SWITCHED_OFF = "switched-off.toml"  # in a house only
_HOUSE_ONLY = {
    _SWITCHED_OFF: (
        "only a home's house/ switches criteria off",
        "Take a criterion out by deleting its file.",
    ),
    _MORE_RISKS: (
        "only a home's house/ adds risks to those that are shipped",
        f"Write them into {_RISKS}.",
    ),
}
_FILES = (
    "facts.toml",
    "options.toml",
    "training.toml",
    "base-models.toml",
    "prices.toml",
    _CONTRADICTIONS,
    _DATA_QUALITY,
    _RISKS,
)
_FOLDERS = ("criteria", "cases")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
# durable-rules: 4,096 rules a ruleset (research 1.7).
_MOST_CRITERIA = 3500


@dataclass(frozen=True, slots=True)
class _Layered:
    """The text that counts at one path, and where it comes from."""

    text: str
    origin: str
    shown_as: str


def load(
    texts: Mapping[str, str],
    *,
    house: Mapping[str, str] | None = None,
    label: str = "rules",
) -> RuleSet:
    """Return the rule set of these files.

    Parameters
    ----------
    texts : mapping of path to text
        Paths are relative to the rules folder, with ``/``: ``criteria/x.toml``.
    house : mapping of path to text, optional
        Lies over ``texts``; what it brings has the origin ``house``.
    label : str
        The folder's name in messages.

    Raises
    ------
    RuleFileError
        At the first file that is not what it should be, with its line.
    """
    layered = _layer(texts, house or {}, label)
    files = {p: parse(entry.shown_as, entry.text) for p, entry in layered.items()}
    if "facts.toml" not in files:
        raise RuleFileError(
            f"{label}/facts.toml: missing\n  A rule set begins with its facts."
        )
    definitions = read_facts(files["facts.toml"])
    _check_options(files.get("options.toml"))
    criteria = tuple(
        read_criterion(
            file,
            PurePosixPath(path).stem,
            definitions=definitions,
            origin=layered[path].origin,
        )
        for path, file in _inside(files, "criteria")
    )
    _check_number(criteria, label)
    switched_off = _switched_off(files.get(_SWITCHED_OFF), criteria)
    off = {s.criterion.id for s in switched_off}
    training, models = files.get("training.toml"), files.get("base-models.toml")
    contradictions = files.get(_CONTRADICTIONS)
    canonical = {path: entry.text for path, entry in layered.items()}
    return RuleSet(
        digest=digest(canonical),
        facts=definitions,
        criteria=tuple(c for c in criteria if c.id not in off),
        settings=read_settings(training, definitions) if training else (),
        setting_warnings=read_setting_warnings(training, definitions)
        if training
        else (),
        base_models=read_base_models(models) if models else (),
        cases=_cases(files, definitions, criteria),
        texts=canonical,
        house_files=tuple(p for p, entry in layered.items() if entry.origin == "house"),
        contradictions=read_contradictions(contradictions, definitions)
        if contradictions
        else (),
        switched_off=switched_off,
        data_quality=read_data_quality(files[_DATA_QUALITY])
        if _DATA_QUALITY in files
        else (),
        risks=read_risks(
            [
                (files[p], layered[p].origin)
                for p in (_RISKS, _MORE_RISKS)
                if p in files
            ],
            definitions,
        ),
    )


def digest(texts: Mapping[str, str]) -> str:
    """Return "sha256:…" over path, NUL, text, NUL of every file, sorted by path."""
    sha = hashlib.sha256()
    for path in sorted(texts):
        sha.update(path.encode() + b"\0" + texts[path].encode() + b"\0")
    return f"sha256:{sha.hexdigest()}"


def _layer(
    texts: Mapping[str, str], house: Mapping[str, str], label: str
) -> dict[str, _Layered]:
    layered: dict[str, _Layered] = {}
    for path in sorted({*texts, *house}):
        origin = "house" if path in house else "shipped"
        shown_as = f"{'house' if path in house else label}/{path}"
        if _is_rule_file(path, shown_as, origin):
            text = house[path] if path in house else texts[path]
            # One digest on every machine: no byte-order mark, no CR LF.
            text = text.removeprefix("\ufeff").replace("\r\n", "\n")
            layered[path] = _Layered(text, origin, shown_as)
    return layered


def _is_rule_file(path: str, shown_as: str, origin: str) -> bool:
    """Return whether a path belongs to a rule set; refuse one that nearly does."""
    pure = PurePosixPath(path)
    if any(part.startswith(".") for part in pure.parts):
        return False
    in_folder = pure.parts[0] in _FOLDERS
    if pure.suffix != ".toml":
        if in_folder and pure.suffix.startswith(".t"):
            raise RuleFileError(
                f"{shown_as}:1: {pure.name!r} is not a .toml file\n"
                f"  Rename it, or take it out of {pure.parts[0]}/."
            )
        return False
    if in_folder and len(pure.parts) == 2:
        if _ID.fullmatch(pure.stem):
            return True
        raise RuleFileError(
            f"{shown_as}:1: {pure.stem!r} cannot be an id\n"
            "  A file is named by its id: a-z, 0-9 and -, at most 64 characters."
        )
    if path in _FILES or (path in _HOUSE_ONLY and origin == "house"):
        return True
    if path in _HOUSE_ONLY:
        what, todo = _HOUSE_ONLY[path]
        raise RuleFileError(f"{shown_as}:1: {what}\n  {todo}")
    known = [*_FILES, *(f"{f}/<id>.toml" for f in _FOLDERS)]
    raise RuleFileError(
        f"{shown_as}:1: no rule file has this name\n"
        f"  The files are {', '.join(known)}.{suggest(path, known)}"
    )


def _inside(files: Mapping[str, RuleFile], folder: str) -> list[tuple[str, RuleFile]]:
    return [(p, f) for p, f in files.items() if p.startswith(f"{folder}/")]


def _check_options(file: RuleFile | None) -> None:
    known = [o.value for o in Option]
    for name in file.table if file else ():
        if file and name not in known:
            raise file.error(
                (name,),
                f"unknown option {shown(name)}",
                f"The options are {', '.join(known)}.{suggest(name, known)}",
            )


def _check_number(criteria: tuple[Criterion, ...], label: str) -> None:
    if len(criteria) > _MOST_CRITERIA:
        raise RuleFileError(
            f"{label}/criteria:1: {len(criteria)} criteria\n"
            f"  One rule set has at most {_MOST_CRITERIA}."
        )


def _switched_off(
    file: RuleFile | None, criteria: tuple[Criterion, ...]
) -> tuple[SwitchedOff, ...]:
    """Return the criteria that the house switches off: ``[id]``, by, because."""
    if file is None:
        return ()
    known = {c.id: c for c in criteria}
    top, found = file.top(), []
    for id in file.table:
        if id not in known:
            raise top.error(
                id,
                f"no criterion {id!r}",
                f"A criterion's id is its file name.{suggest(id, known)}",
            )
        entry = top.section(id)
        entry.only(("by", "because"), "A criterion that is switched off")
        found.append(SwitchedOff(known[id], entry.text("by"), entry.text("because")))
    return tuple(found)


def _cases(
    files: Mapping[str, RuleFile],
    definitions: Mapping[str, FactDefinition],
    criteria: tuple[Criterion, ...],
) -> tuple[WorkedCase, ...]:
    ids = {c.id for c in criteria}
    return tuple(
        read_case(file, PurePosixPath(path).stem, definitions=definitions, criteria=ids)
        for path, file in _inside(files, "cases")
    )

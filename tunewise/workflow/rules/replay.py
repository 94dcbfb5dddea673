"""Old decisions, asked again: what would be said now, and because of which criterion.

    recorded facts  --current rule set, or that of a folder-->  what would change
    recorded facts  --rule files of the record, by digest---->  the identical verdict

Nothing is recorded. *Changed* means that another option is recommended; *identical*
that the whole verdict is the recorded one, its warnings and the engine's name
included.
"""

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker import blobs
from tracker import decisions as records
from tracker.canonical import to_text
from tracker.decision_row import DecisionRow
from tracker.store import Store
from tunewise import __version__
from tunewise.domain.errors import (
    EnvironmentProblem,
    FactError,
    NotRecorded,
    RuleFileError,
)
from tunewise.domain.rules import RuleSet
from tunewise.engine.intake import fact_sheet
from tunewise.engine.loader import digest, load
from tunewise.engine.verdict import advise
from tunewise.workflow.home import Home
from tunewise.workflow.rules.verdict_changes import (
    because_of,
    criteria_between,
    summary,
)
from tunewise.workflow.views import View, verdict_view


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a rule set says about recorded facts, and the facts it does not know."""

    verdict: View
    rules: RuleSet
    ignored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


_Ask = Callable[[DecisionRow], _Asked]


def replay(home: Home, ids: Sequence[str] = (), *, folder: Path | None = None) -> View:
    """Ask decisions (default: all) again, under the current rules and today's date.

    Parameters
    ----------
    folder : Path, optional
        A whole rule set to ask instead, such as one that is being changed.

    Returns
    -------
    View
        ``decisions`` with ``before``, ``after`` and ``because``. Facts that the rule
        set does not know are ignored, with a warning. Where it does not take a fact's
        value, ``error`` says so, ``after`` is None, and the others go on.
    """
    rules, today = home.rules(folder), home.today()

    def ask(row: DecisionRow) -> _Asked:
        intake = fact_sheet(row.body["facts"], rules.facts, ignore_unknown=True)
        verdict = verdict_view(advise(rules, intake.sheet, today=today))
        return _Asked(verdict, rules, intake.ignored, _not_asked(intake.ignored))

    with home.store() as store:
        decisions = [_decision(store, row, ask) for row in _rows(store, ids)]
    return _view(decisions, rule_set=rules.digest)


def replay_as_recorded(home: Home, ids: Sequence[str] = ()) -> View:
    """Ask decisions (default: all) again, under their own rules and date.

    Raises
    ------
    NotRecorded, EnvironmentProblem
        If the text of a rule file is missing or damaged, or if the files together
        are not the rule set of the record.
    """
    # Most decisions share a rule set, and loading one takes longer than asking it.
    loaded: dict[str, RuleSet] = {}

    with home.store() as store:

        def ask(row: DecisionRow) -> _Asked:
            made_with = [row.body["rule_set"], row.body["rule_files"], *_house(row)]
            key = to_text(made_with)
            if key not in loaded:
                loaded[key] = _recorded_rules(store, row)
            rules = loaded[key]
            sheet = fact_sheet(row.body["facts"], rules.facts).sheet
            verdict = advise(rules, sheet, today=dt.date.fromisoformat(row.at[:10]))
            return _Asked(verdict_view(verdict), rules, warnings=_no_origins(row))

        decisions = [_decision(store, row, ask) for row in _rows(store, ids)]
    return _view(decisions, rule_set=None)


def _rows(store: Store, ids: Sequence[str]) -> list[DecisionRow]:
    if not ids:
        return records.list_all(store)
    return [records.get(store, id) for id in dict.fromkeys(ids)]


def _view(decisions: Sequence[View], *, rule_set: str | None) -> View:
    return {
        "rule_set": rule_set,
        "as_recorded": rule_set is None,
        "decisions": decisions,
        "changed": sum(d["changed"] for d in decisions),
        "n": len(decisions),
    }


def _decision(store: Store, row: DecisionRow, ask: _Ask) -> View:
    before: View = row.body["verdict"]
    view: View = {
        "decision": row.id,
        "title": row.title,
        "status": row.status.value,
        "identical": False,
        "changed": False,
        "before": summary(before),
        "after": None,
        "because": [],
        "criteria": [],
        "differences": [],
        "ignored_facts": [],
        "warnings": [],
        "error": None,
    }
    try:
        asked = ask(row)
    except (FactError, RuleFileError) as error:
        return {**view, "error": str(error).splitlines()[0]}
    after = asked.verdict
    criteria = [
        {**entry, "title": _title(store, row, entry["criterion"], asked.rules)}
        for entry in criteria_between(before, after)
    ]
    differences = _differences(before, after)
    return {
        **view,
        "identical": not differences,
        "changed": before["recommended"] != after["recommended"],
        "after": summary(after),
        "because": because_of(criteria, before, after),
        "criteria": criteria,
        "differences": [*differences, *_software(row)],
        "ignored_facts": list(asked.ignored),
        "warnings": list(asked.warnings),
    }


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the fields of the verdict that only one has, or that differ."""
    return [
        name
        for name in dict.fromkeys([*after, *before])
        if name not in before or name not in after or before[name] != after[name]
    ]


def _software(row: DecisionRow) -> list[str]:
    """Return the field that says why two verdicts may differ, where it does."""
    return [] if row.body["software"] == f"tunewise {__version__}" else ["software"]


def _title(store: Store, row: DecisionRow, criterion: str, rules: RuleSet) -> str:
    for found in rules.criteria:
        if found.id == criterion:
            return found.title
    text = _recorded_text(store, row, f"criteria/{criterion}.toml")
    return str(tomllib.loads(text)["title"])


def _not_asked(ignored: Sequence[str]) -> tuple[str, ...]:
    if not ignored:
        return ()
    return (f"No longer asked, and ignored here: {', '.join(ignored)}.",)


def _no_origins(row: DecisionRow) -> tuple[str, ...]:
    if "house_files" in row.body:
        return ()
    return ("The record does not say which files are the house's: all are shipped.",)


def _house(row: DecisionRow) -> list[str]:
    """Return the paths of the house's files; a record of before has no list."""
    return list(row.body.get("house_files", ()))


def _recorded_rules(store: Store, row: DecisionRow) -> RuleSet:
    """Return the rule set of a record, rebuilt from the texts that it keeps."""
    texts = {p: _recorded_text(store, row, p) for p in row.body["rule_files"]}
    if (found := digest(texts)) != row.body["rule_set"]:
        raise EnvironmentProblem(
            f"decision {row.id}: its rule files have the digest {found}, the record "
            f"says {row.body['rule_set']}\n"
            "  Restore a backup; `tunewise verify` lists all damage."
        )
    house = _house(row)
    return load(texts, house={p: text for p, text in texts.items() if p in house})


def _recorded_text(store: Store, row: DecisionRow, path: str) -> str:
    try:
        return blobs.read(store.blobs, row.body["rule_files"][path]).decode()
    except (NotRecorded, EnvironmentProblem) as error:
        raise type(error)(f"decision {row.id}, {path}: {error}") from None

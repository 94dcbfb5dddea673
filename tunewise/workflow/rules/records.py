"""The rule set as people look at it: list, show, check, coverage, published cases."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tunewise.domain.dataset import Severity
from tunewise.domain.errors import NotRecorded, RuleFileError
from tunewise.domain.rules import Criterion, Option, RuleSet
from tunewise.engine import analysis
from tunewise.engine.analysis import Coverage, Outcomes
from tunewise.engine.conditions import describe
from tunewise.engine.intake import fact_sheet
from tunewise.engine.kinds import kind_of
from tunewise.engine.source_text import is_unicode, suggest
from tunewise.engine.verdict import advise
from tunewise.evidence.intervals import wilson
from tunewise.workflow.facts import blaming
from tunewise.workflow.home import Home
from tunewise.workflow.rules.worked import beside

View = dict[str, Any]


def list_all(home: Home, folder: Path | None = None) -> list[View]:
    """Return every criterion, in order of its id."""
    rules = home.rules(folder)
    return [_criterion(c, rules) for c in _all(rules)]


def show(home: Home, id: str) -> View:
    """Return one criterion with its condition, sources and worked cases."""
    rules = home.rules()
    for criterion in _all(rules):
        if criterion.id == id:
            return {**_criterion(criterion, rules), **beside(criterion, rules)}
    hint = suggest(id, [c.id for c in _all(rules)])
    raise NotRecorded(
        f"criterion '{id}' is not in the rule set\n"
        f"  `tunewise rules list` shows them.{hint}"
    )


def check(home: Home, folder: Path | None = None) -> View:
    """Return what is wrong with a rule set; warnings alone are right."""
    rules = home.rules(folder)
    # seconds of work, and the same as long as every text is the same
    key = ("rules-check", rules.digest, rules.house_files)
    found = home.answer(key, lambda: analysis.check(rules))
    return {
        "ok": all(p.severity is Severity.WARN for p in found.problems),
        "rule_set": rules.digest,
        "criteria": len(rules.criteria),
        "facts": len(rules.facts),
        "cases": len(rules.cases),
        "problems": [
            {
                "code": p.code,
                "severity": p.severity.value,
                "where": p.where,
                "message": p.message,
            }
            for p in found.problems
        ],
        "covered": {
            "criteria": len(rules.criteria),
            "tests": found.tests,
            "sheets_of_two": _outcomes(found.of_two),
            "full_sheets": _outcomes(found.full),
            "undecided": [list(pair) for pair in found.undecided],
        },
    }


def coverage(home: Home, folder: Path | None = None) -> View:
    """Return which tests of the rule set its worked cases exercise, and which not."""
    found = analysis.coverage(home.rules(folder))
    matched = [c for c in found.criteria if c.cases]
    return {
        "criteria": len(found.criteria),
        "criteria_matched": len(matched),
        "criteria_not_matched": [c.id for c in found.criteria if not c.cases],
        "tests": len(found.tests),
        "tests_held": sum(t.held for t in found.tests),
        "tests_failed": sum(t.failed for t in found.tests),
        "cases": found.cases,
        "facts": found.facts,
        "facts_used": found.facts_used,
        "missing": _missing(found),
        "by_criterion": [
            {
                "criterion": c.id,
                "cases": list(c.cases),
                "tests": len(c.tests),
                "tests_held": sum(t.held for t in c.tests),
                "tests_failed": sum(t.failed for t in c.tests),
            }
            for c in found.criteria
        ],
    }


def score(home: Home, cases: Path, *, without: Sequence[str] = ()) -> View:
    """Run published cases and say how often the verdict is acceptable.

    One JSON object a line: ``id``, ``facts``, ``acceptable``, ``outcome``. Facts that
    the dictionary does not know are reported and ignored, here only.
    """
    rules = home.rules()
    today = home.today()
    by_option: dict[str, Counter[str]] = defaultdict(Counter)
    misses: list[View] = []
    unknown = set(without) - set(rules.facts)
    rows = _cases(cases)
    for row in rows:
        facts = {k: v for k, v in row["facts"].items() if k not in without}
        with blaming(f"{cases}: {row['id']}"):
            intake = fact_sheet(facts, rules.facts, ignore_unknown=True)
        unknown |= set(intake.ignored)
        got = advise(rules, intake.sheet, today=today, engine="reference").recommended
        right = got.value in row["acceptable"]
        outcome = row.get("outcome") or row["acceptable"][0]
        by_option[outcome].update(n=1, correct=int(right))
        if not right:
            misses.append(
                {"id": row["id"], "acceptable": row["acceptable"], "got": got.value}
            )
    n, correct = len(rows), len(rows) - len(misses)
    low, high = wilson(correct, n)
    return {
        "n": n,
        "correct": correct,
        "accuracy": correct / n,
        "low": low,
        "high": high,
        "balanced": sum(c["correct"] / c["n"] for c in by_option.values())
        / len(by_option),
        "by_option": {o: _share(c) for o, c in sorted(by_option.items())},
        "always": {
            o.value: sum(o.value in row["acceptable"] for row in rows) / n
            for o in Option
        },
        "misses": misses,
        "unknown_facts": sorted(unknown),
        "rule_set": rules.digest,
    }


def _share(counts: Counter[str]) -> View:
    low, high = wilson(counts["correct"], counts["n"])
    return {"n": counts["n"], "correct": counts["correct"], "low": low, "high": high}


def _outcomes(outcomes: Outcomes) -> View:
    return {
        "sheets": outcomes.sheets,
        "wins": {option.value: outcomes.wins_of(option) for option in Option},
        "nothing": outcomes.nothing,
        "ties": outcomes.ties,
    }


def _missing(found: Coverage) -> list[View]:
    """Return each test that no case makes hold, or no case makes fail."""
    return [
        {
            "criterion": criterion.id,
            "line": test.line,
            "test": test.test,
            "missing": missing,
        }
        for criterion in found.criteria
        for test in criterion.tests
        for missing, exercised in (("holds", test.held), ("fails", test.failed))
        if not exercised
    ]


def _cases(path: Path) -> list[View]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleFileError(f"{path}: cannot be read ({error})") from None
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not _is_case(row) or not is_unicode(json.dumps(row, ensure_ascii=False)):
            raise RuleFileError(
                f"{path}:{number}: not a published case\n"
                '  One JSON object a line with "id", "facts" and "acceptable", a list.'
            )
        rows.append(row)
    if not rows:
        raise RuleFileError(f"{path}: holds no case")
    return rows


def _is_case(row: object) -> bool:
    return (
        isinstance(row, dict)
        and "id" in row
        and isinstance(row.get("facts"), dict)
        and isinstance(row.get("acceptable"), list)
        and bool(row["acceptable"])
        and all(isinstance(option, str) for option in row["acceptable"])
        and isinstance(row.get("outcome") or "", str)
    )


def _all(rules: RuleSet) -> list[Criterion]:
    """Return the criteria, those that the house switched off too, by id."""
    off = [s.criterion for s in rules.switched_off]
    return sorted((*rules.criteria, *off), key=lambda c: c.id)


def _criterion(criterion: Criterion, rules: RuleSet) -> View:
    off = [s for s in rules.switched_off if s.criterion.id == criterion.id]
    return {
        "switched_off": {"by": off[0].by, "because": off[0].because} if off else None,
        "id": criterion.id,
        "title": criterion.title,
        "kind": kind_of(criterion).value,
        "since": criterion.since,
        "source": criterion.source,
        "origin": criterion.origin,
        "note": criterion.note,
        "when": describe(criterion.when),
        "supported_by": list(criterion.supported_by),
        "contradicted_by": list(criterion.contradicted_by),
        "consequences": [
            {
                "option": c.option.value,
                "weight": c.weight,
                "veto": c.veto,
                "because": c.because,
                "variant": c.variant,
                "next_step": c.next_step,
                "who": c.who,
            }
            for c in criterion.then
        ],
        "cases": [c.name for c in rules.cases if criterion.id in c.matched],
        "text": rules.texts.get(f"criteria/{criterion.id}.toml", ""),
    }

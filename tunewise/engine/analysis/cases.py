"""Worked cases: whether each gives what it expects, and which criteria have none."""

from tunewise.domain.dataset import Severity
from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import RuleSet, WorkedCase
from tunewise.engine.analysis.problems import Problem, place, place_of_condition
from tunewise.engine.contradictions import contradictions
from tunewise.engine.intake import fact_sheet
from tunewise.engine.source_text import listed
from tunewise.engine.what_if import WhatIf


def case_sheet(rule_set: RuleSet, case: WorkedCase) -> FactSheet:
    """Return the fact sheet of a worked case."""
    return fact_sheet(case.facts, rule_set.facts).sheet


def failing_cases(rule_set: RuleSet) -> list[Problem]:
    """Return the worked cases that match or recommend something else."""
    return [problem for case in rule_set.cases for problem in _failures(rule_set, case)]


def uncovered(rule_set: RuleSet) -> list[Problem]:
    """Return the criteria that no worked case names."""
    named = {name for case in rule_set.cases for name in case.matched}
    return [
        Problem(
            "uncovered",
            Severity.BLOCK,
            place_of_condition(rule_set, c),
            f"no worked case matches {c.id}: add one to cases/",
        )
        for c in rule_set.criteria
        if c.id not in named
    ]


def _failures(rule_set: RuleSet, case: WorkedCase) -> list[Problem]:
    """Return one problem that says all that is wrong with a case, or none."""
    what_if = WhatIf(rule_set, case_sheet(rule_set, case))
    wrong = {}
    if opposed := contradictions(rule_set.contradictions, what_if.sheet):
        wrong["matched"] = opposed[0].partition("\n")[0]
    elif otherwise := _matched_otherwise(case, what_if.matched):
        wrong["matched"] = otherwise
    recommended = what_if.today.recommended
    if recommended is not case.recommended:
        wrong["recommended"] = f"recommended is {recommended}, not {case.recommended}"
    if not wrong:
        return []
    path = f"cases/{case.name}.toml"
    where = place(rule_set, path, "expect", next(iter(wrong)))
    # A house may change what a shipped case gives; it should know, and need not mend.
    changed = bool(rule_set.house_files) and path not in rule_set.house_files
    severity = Severity.WARN if changed else Severity.BLOCK
    return [Problem("case", severity, where, "; ".join(wrong.values()))]


def _matched_otherwise(case: WorkedCase, matched: frozenset[str]) -> str:
    expected = frozenset(case.matched)
    wrong = []
    if expected - matched:
        wrong.append(f"{listed(sorted(expected - matched))} did not match")
    if matched - expected:
        wrong.append(f"{listed(sorted(matched - expected))} matched, not expected")
    return "; ".join(wrong)

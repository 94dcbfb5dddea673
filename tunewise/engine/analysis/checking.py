"""The whole check: every problem of a rule set, and how much was looked at."""

from dataclasses import dataclass

from tunewise.domain.dataset import Severity
from tunewise.domain.rules import RuleSet
from tunewise.engine.analysis.answers import possible_facts
from tunewise.engine.analysis.cases import failing_cases, uncovered
from tunewise.engine.analysis.conflicts import (
    contradictions,
    duplicates,
    implications,
    masked,
)
from tunewise.engine.analysis.coverage import number_of_tests
from tunewise.engine.analysis.gaps import gaps, never_winning
from tunewise.engine.analysis.outcomes import Outcomes, Rankings, outcomes
from tunewise.engine.analysis.problems import Problem
from tunewise.engine.analysis.reach import unreachable, unused
from tunewise.engine.analysis.sheets import full_sheets, sheets_of_two

FULL_SHEETS = 10_000
_SEED = 20261126  # any; fixed, so that every check of a rule set says the same


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is wrong with a rule set, worst first, and what was looked at."""

    problems: tuple[Problem, ...]
    tests: int
    of_two: Outcomes  # on every two answers of every two facts
    full: Outcomes  # on random answers to all facts
    undecided: tuple[tuple[str, str], ...]  # criteria, pairs too large to compare


def check(rule_set: RuleSet, *, sheets: int = FULL_SHEETS) -> Analysis:
    """Return every problem of a rule set; ``sheets`` full ones are tried."""
    possible = possible_facts(rule_set)
    found = implications(rule_set, possible)
    rankings = Rankings(rule_set)
    of_two = outcomes(rankings, sheets_of_two(possible))
    full = outcomes(
        rankings, full_sheets(rule_set, possible, number=sheets, seed=_SEED)
    )
    problems = [
        *failing_cases(rule_set),
        *uncovered(rule_set),
        *unreachable(rule_set, possible),
        *never_winning(rankings, possible, of_two, full),
        *duplicates(rule_set),
        *masked(rule_set, found),
        *contradictions(rule_set, found),
        *gaps(rankings, possible, full),
        *unused(rule_set),
    ]
    order = list(Severity)
    return Analysis(
        problems=tuple(sorted(problems, key=lambda p: order.index(p.severity))),
        tests=number_of_tests(rule_set),
        of_two=of_two,
        full=full,
        undecided=found.undecided,
    )

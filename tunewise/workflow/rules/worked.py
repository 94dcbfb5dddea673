"""What the page of one criterion shows beside it: its condition drawn, its cases whole.

The list of criteria carries neither: it would be ten times as long.
"""

from tunewise.domain.rules import Criterion, RuleSet, WorkedCase
from tunewise.engine.condition_tree import tree_of
from tunewise.engine.conditions import facts_of
from tunewise.engine.intake import fact_sheet
from tunewise.workflow.views import View, fact_view


def beside(criterion: Criterion, rules: RuleSet) -> View:
    """Return the tree of the condition, the facts it reads and the cases it matches."""
    reads = facts_of(criterion.when)
    return {
        "condition": tree_of(criterion.when),
        "reads": [
            {"name": name, "question": rules.facts[name].question} for name in reads
        ],
        "worked_cases": [
            _case(case, rules, reads)
            for case in rules.cases
            if criterion.id in case.matched
        ],
    }


def _case(case: WorkedCase, rules: RuleSet, reads: tuple[str, ...]) -> View:
    """Return a case; the facts that the criterion reads stand first, in its order."""
    facts = fact_sheet(case.facts, rules.facts).sheet.facts
    first = [name for name in reads if name in facts]
    rest = [name for name in facts if name not in first]
    return {
        "name": case.name,
        "title": case.title,
        "facts": {name: fact_view(facts[name]) for name in (*first, *rest)},
        "units": {n: rules.facts[n].unit for n in facts if rules.facts[n].unit},
        "matched": list(case.matched),
        "recommended": case.recommended.value,
    }

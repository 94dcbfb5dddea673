"""What can never come into play: criteria that no answers match, facts nobody uses."""

from tunewise.domain.dataset import Severity
from tunewise.domain.rules import RuleSet, Truth
from tunewise.engine.analysis.answers import Possible, can_hold
from tunewise.engine.analysis.problems import Problem, place, place_of_condition
from tunewise.engine.arms import TARGET
from tunewise.engine.base_models import USED_FACTS
from tunewise.engine.conditions import describe, facts_of
from tunewise.engine.lookup import LOOKUP_FACTS
from tunewise.engine.weighing import SCORES, STRONGER

# Facts that tunewise uses itself, beside criteria and training settings.
_BUILT_IN = (*SCORES.values(), TARGET, STRONGER, *LOOKUP_FACTS, *USED_FACTS)


def unreachable(rule_set: RuleSet, possible: Possible) -> list[Problem]:
    """Return the criteria that no answers can make match."""
    return [
        Problem(
            "unreachable",
            Severity.BLOCK,
            place_of_condition(rule_set, c),
            f"no answers can make {c.id} match: {describe(c.when)}",
        )
        for c in rule_set.criteria
        if can_hold(c.when, possible) is Truth.FAILS
    ]


def unused(rule_set: RuleSet) -> list[Problem]:
    """Return the facts that are asked for nothing."""
    return [
        Problem(
            "unused",
            Severity.WARN,
            place(rule_set, "facts.toml", name),
            f"{name} is asked, and nothing uses the answer",
        )
        for name in unused_facts(rule_set)
    ]


def unused_facts(rule_set: RuleSet) -> tuple[str, ...]:
    """Return the facts that neither a condition nor tunewise itself uses."""
    conditions = [c.when for c in rule_set.criteria]
    conditions += [s.when for s in rule_set.settings]
    conditions += [w.when for w in rule_set.setting_warnings]
    used = {name for when in conditions for name in facts_of(when)}
    return tuple(n for n in rule_set.facts if n not in used and n not in _BUILT_IN)

"""Criteria side by side: the same twice, nothing new, the opposite.

a implies b   =   b matches whenever a does
masked            criteria that a implies rule out all that a speaks for or against
contradiction     a rules out what a criterion that it implies strongly speaks for, or
                  the other way round; or both match on the same answers and say the
                  opposite. Where a is narrower, the opposite is an exception, not an
                  error; and weights add up, so a second one is never for nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations

from tunewise.domain.dataset import Severity
from tunewise.domain.rules import (
    AnyOf,
    Condition,
    Consequence,
    Criterion,
    Leaf,
    RuleSet,
    Truth,
)
from tunewise.engine.analysis.answers import Possible, can_hold, implies
from tunewise.engine.analysis.problems import (
    Problem,
    path_of,
    place,
    place_of_condition,
)
from tunewise.engine.source_text import listed

# A veto contradicts a weight that speaks strongly; 1 is "plausible" (rules/README.md).
_STRONG = 2


@dataclass(frozen=True, slots=True)
class Implications:
    """Which criteria match whenever another one does, by its id.

    Only criteria that speak of the same option are looked at. ``undecided`` are the
    pairs with too many combinations of answers.
    """

    implied: Mapping[str, tuple[Criterion, ...]]
    undecided: tuple[tuple[str, str], ...]


def implications(rule_set: RuleSet, possible: Possible) -> Implications:
    """Return which criteria imply which; those that cannot match imply nothing."""
    implied: dict[str, tuple[Criterion, ...]] = {}
    undecided = []
    reachable = [
        c for c in rule_set.criteria if can_hold(c.when, possible) is not Truth.FAILS
    ]
    for a, b in permutations(reachable, 2):
        if not {c.option for c in a.then} & {c.option for c in b.then}:
            continue
        match implies(a.when, b.when, possible):
            case Truth.HOLDS:
                implied[a.id] = (*implied.get(a.id, ()), b)
            case Truth.WAITS:
                undecided.append((a.id, b.id))
    return Implications(implied, tuple(undecided))


def duplicates(rule_set: RuleSet) -> list[Problem]:
    """Return the criteria whose conditions differ at most in their order."""
    forms = {c.id: _form(c.when) for c in rule_set.criteria}
    return [
        Problem(
            "duplicate",
            Severity.WARN,
            place_of_condition(rule_set, b),
            f"{b.id} asks exactly what {a.id} asks: put both into one criterion",
        )
        for a, b in combinations(rule_set.criteria, 2)
        if forms[a.id] == forms[b.id]
    ]


def masked(rule_set: RuleSet, found: Implications) -> list[Problem]:
    """Return the criteria that say nothing new.

    Of two that match on the same answers, only the second can be masked.
    """
    earlier: set[str] = set()
    problems = []
    for criterion in rule_set.criteria:
        others = [
            other
            for other in found.implied.get(criterion.id, ())
            if other.id in earlier or criterion not in found.implied.get(other.id, ())
        ]
        earlier.add(criterion.id)
        reasons = [_said_by(others, consequence) for consequence in criterion.then]
        if all(reasons):
            problems.append(
                Problem(
                    "masked",
                    Severity.WARN,
                    place_of_condition(rule_set, criterion),
                    f"{criterion.id} says nothing new: whenever it matches, "
                    f"{listed(dict.fromkeys(reasons))}",
                )
            )
    return problems


def contradictions(rule_set: RuleSet, found: Implications) -> list[Problem]:
    """Return the criteria that contradict one that they imply, each pair once."""
    problems = []
    seen: set[frozenset[str]] = set()
    for criterion in rule_set.criteria:
        for other in found.implied.get(criterion.id, ()):
            both = frozenset((criterion.id, other.id))
            same = criterion in found.implied.get(other.id, ())
            opposed = _first_opposed(criterion, other, same=same)
            if opposed is None or both in seen:
                continue
            seen.add(both)
            number, theirs = opposed
            own = criterion.then[number]
            problems.append(
                Problem(
                    "contradiction",
                    Severity.WARN,
                    place(rule_set, path_of(criterion), "then", number),
                    f"{criterion.id} says {_words(own)}, and {other.id}, which matches "
                    f"whenever it does, says {_words(theirs)}",
                )
            )
    return problems


def _said_by(others: Iterable[Criterion], consequence: Consequence) -> str:
    """Return which criterion leaves a consequence without effect, "" where none."""
    for other in others:
        for theirs in other.then:
            if theirs.option is consequence.option and theirs.veto:
                if consequence.weight > 0:
                    return f"{other.id} rules {theirs.option} out"
                if _says_as_much(theirs, consequence):
                    return f"{other.id} says {_words(theirs)}"
    return ""


def _says_as_much(theirs: Consequence, own: Consequence) -> bool:
    """Return whether nothing is lost of ``own`` where a veto is there anyway."""
    return all(
        getattr(own, more) in ("", getattr(theirs, more))
        for more in ("variant", "next_step", "who")
    )


def _first_opposed(
    criterion: Criterion, other: Criterion, *, same: bool
) -> tuple[int, Consequence] | None:
    """Return the first consequence's number, and the one that it contradicts."""
    for number, own in enumerate(criterion.then):
        for theirs in other.then:
            if own.option is theirs.option and _opposed(own, theirs, same=same):
                return number, theirs
    return None


def _opposed(a: Consequence, b: Consequence, *, same: bool) -> bool:
    if a.veto or b.veto:
        return max(a.weight, b.weight) >= _STRONG
    return same and a.weight * b.weight < 0


def _words(consequence: Consequence) -> str:
    says = "veto" if consequence.veto else f"{consequence.weight:+d}"
    return f"{consequence.option} {says}"


def _form(condition: Condition) -> object:
    """Return a value that is equal for conditions that differ only in order."""
    if isinstance(condition, Leaf):
        operand = condition.operand
        choices = frozenset(operand) if isinstance(operand, tuple) else operand
        return condition.fact, condition.operator, choices
    parts = frozenset(_form(child) for child in condition.conditions)
    if len(parts) == 1:
        return next(iter(parts))
    return isinstance(condition, AnyOf), parts

"""One thing to mend in a rule set, with the file and line where it stands.

Conditions are trees without positions; what a tree was read from is found again by
its keys, which follow from its shape:

    AllOf(Leaf(a), AnyOf(AllOf(Leaf(b)), …))  ->  when.a   when.any.0.b
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tunewise.domain.dataset import Severity
from tunewise.domain.rules import AnyOf, Condition, Criterion, Leaf, RuleSet
from tunewise.engine.source_text import Keys, line_of


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend; ``where`` is "path:line" in the rule set."""

    # case, uncovered, unreachable, never_wins, duplicate, masked, contradiction,
    # gap, unused
    code: str
    severity: Severity
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A part of a condition, and the keys under which its file has it."""

    keys: Keys
    condition: Condition


def place(rule_set: RuleSet, path: str, *keys: str | int) -> str:
    """Return "path:line" of the keys in a rule file."""
    return f"{path}:{line_of(rule_set.texts.get(path, ''), keys)}"


def place_of_condition(rule_set: RuleSet, criterion: Criterion) -> str:
    """Return where a criterion's first test stands."""
    first = next(placed_parts(criterion.when), None)
    keys: Keys = ("when",) if first is None else first.keys
    return place(rule_set, path_of(criterion), *keys)


def path_of(criterion: Criterion) -> str:
    """Return the file of a criterion."""
    return f"criteria/{criterion.id}.toml"


def placed_parts(condition: Condition, keys: Keys = ("when",)) -> Iterator[Placed]:
    """Yield every leaf and every branch of an ``any``, in file order."""
    if isinstance(condition, Leaf):
        yield Placed((*keys, condition.fact, condition.operator.value), condition)
    elif isinstance(condition, AnyOf):
        for n, branch in enumerate(condition.conditions):
            at = (*keys, "any", n)
            yield Placed(at, branch)
            yield from placed_parts(branch, at)
    else:
        for child in condition.conditions:
            yield from placed_parts(child, keys)

"""What every criterion says of a fact sheet: the facts it rests on, or why it does not.

    sheet --each leaf that it touches, once-->  truth, and words where it fails
          --each criterion that it touches-->   truth, facts, reason

Gives what ``reference.read`` and its words give for each criterion, several times as
fast: many criteria share a leaf, and what no known fact touches was read at load.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Union

from tunewise.domain.decision import NotMatched
from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import AllOf, AnyOf, Condition, Criterion, Leaf, Truth
from tunewise.engine.asking import Asking
from tunewise.engine.conditions import facts_of
from tunewise.engine.kept import Kept
from tunewise.engine.reference import SETTLED, evaluate, failure, is_open

# By these names a member is found ten times as fast as through its enum.
_HOLDS, _FAILS, _WAITS = Truth.HOLDS, Truth.FAILS, Truth.WAITS


class CriterionReading(NamedTuple):
    """One criterion on one sheet."""

    truth: Truth
    facts: tuple[Fact, ...]  # the known ones that make it match
    not_matched: NotMatched | None  # None where it matches


def read_criteria(
    criteria: tuple[Criterion, ...], sheet: FactSheet
) -> Mapping[str, CriterionReading]:
    """Return what each criterion says of a sheet, by id, in the order of criteria."""
    return _READERS.of(criteria).read(sheet)


@dataclass(frozen=True, slots=True)
class _Tree:
    """One ``all`` or ``any`` over numbered leaves and smaller trees, in order."""

    settles: Truth  # what one part settles for the whole
    otherwise: Truth  # what the whole is where no part settles it or waits
    parts: tuple[Union[int, "_Tree"], ...]


class _Reader:
    """The criteria of one rule set, their leaves numbered."""

    def __init__(self, criteria: tuple[Criterion, ...]) -> None:
        numbers: dict[Leaf, int] = {}
        self._trees = {c.id: _tree(_joined(c.when), numbers) for c in criteria}
        self._leaves = tuple(numbers)
        self._names = tuple(facts_of(leaf) for leaf in self._leaves)
        self._asking = Asking((c.id, c.when) for c in criteria)
        self._testing = Asking((number, leaf) for leaf, number in numbers.items())
        nothing = FactSheet()
        self._truths = [evaluate(leaf, nothing) for leaf in self._leaves]
        self._reasons = [
            self._reasons_of(n, truth, nothing) for n, truth in enumerate(self._truths)
        ]
        self._untouched = {
            c.id: self._reading(c.id, self._truths, self._reasons, nothing)
            for c in criteria
        }

    def read(self, sheet: FactSheet) -> Mapping[str, CriterionReading]:
        """Return what each criterion says of a sheet."""
        truths, reasons = self._truths.copy(), self._reasons.copy()
        for number in self._testing.touched(sheet):
            truth = truths[number] = evaluate(self._leaves[number], sheet)
            reasons[number] = self._reasons_of(number, truth, sheet)
        readings = self._untouched.copy()
        for criterion in self._asking.touched(sheet):
            readings[criterion] = self._reading(criterion, truths, reasons, sheet)
        return readings

    def _reasons_of(
        self, number: int, truth: Truth, sheet: FactSheet
    ) -> tuple[str, ...]:
        """Return why a leaf does not hold: how it fails, or the facts it waits for."""
        if truth is _HOLDS:
            return ()
        if truth is _FAILS:
            return (failure(self._leaves[number], sheet),)
        return tuple([n for n in self._names[number] if is_open(sheet.get(n))])

    def _reading(
        self,
        criterion: str,
        truths: Sequence[Truth],
        reasons: Sequence[tuple[str, ...]],
        sheet: FactSheet,
    ) -> CriterionReading:
        truth, numbers = _read(self._trees[criterion], truths)
        if truth is _HOLDS:
            names = dict.fromkeys([name for n in numbers for name in self._names[n]])
            facts = sheet.facts
            known = tuple([facts[name] for name in names if name in facts])
            return CriterionReading(truth, known, None)
        why = tuple(dict.fromkeys([reason for n in numbers for reason in reasons[n]]))
        if truth is _FAILS:
            return CriterionReading(truth, (), NotMatched(criterion, why))
        return CriterionReading(truth, (), NotMatched(criterion, (), why))


def _joined(condition: Condition) -> AllOf | AnyOf:
    return AllOf((condition,)) if isinstance(condition, Leaf) else condition


def _tree(condition: AllOf | AnyOf, numbers: dict[Leaf, int]) -> _Tree:
    """Return a condition over numbers; a leaf that is new gets the next one."""
    settles, otherwise = SETTLED[type(condition)]
    parts = tuple(
        numbers.setdefault(child, len(numbers))
        if isinstance(child, Leaf)
        else _tree(child, numbers)
        for child in condition.conditions
    )
    return _Tree(settles, otherwise, parts)


def _read(tree: _Tree, truths: Sequence[Truth]) -> tuple[Truth, tuple[int, ...]]:
    """Return a tree's truth, and the numbers of the leaves that make it so."""
    found: dict[Truth, tuple[int, ...]] = {}
    for part in tree.parts:
        numbers: tuple[int, ...]
        if isinstance(part, int):
            truth, numbers = truths[part], (part,)
        else:
            truth, numbers = _read(part, truths)
        found[truth] = found[truth] + numbers if truth in found else numbers
    waits = _WAITS if _WAITS in found else tree.otherwise
    truth = tree.settles if tree.settles in found else waits
    return truth, found.get(truth, ())


_READERS = Kept(_Reader)

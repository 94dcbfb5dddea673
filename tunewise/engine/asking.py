"""Which of many conditions a fact sheet touches: those that ask a known fact.

A condition of which no fact is known says what it says of an empty sheet. On a usual
sheet that is most of them, so it pays to have asked them once.
"""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import Condition
from tunewise.engine.conditions import facts_of

_Key = TypeVar("_Key", bound=Hashable)


class Asking(Generic[_Key]):
    """What asks each fact, by the key of each condition."""

    def __init__(self, conditions: Iterable[tuple[_Key, Condition]]) -> None:
        self._by_fact: dict[str, list[_Key]] = {}
        for key, condition in conditions:
            for name in facts_of(condition):
                self._by_fact.setdefault(name, []).append(key)

    def touched(self, sheet: FactSheet) -> set[_Key]:
        """Return the keys of the conditions that ask a fact of this sheet."""
        by_fact = self._by_fact
        return {key for name in sheet.facts for key in by_fact.get(name, ())}

"""Conditions that are asked about many fact sheets, prepared once.

    conditions --Prepared-->  what each says of an empty sheet; which fact asks which
    sheet      --on-->        only conditions that ask a known fact are asked again

A condition of which no fact is known says what it says of an empty sheet. On a usual
sheet that is most of them.
"""

import threading
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import Condition, Criterion
from tunewise.engine.conditions import facts_of

_MOST_KEPT = 4

_Key = TypeVar("_Key", bound=Hashable)
_Said = TypeVar("_Said")
_Built = TypeVar("_Built")
_Criteria = tuple[Criterion, ...]


class Prepared(Generic[_Key, _Said]):
    """Conditions by key, and how to ask one.

    Parameters
    ----------
    ask : callable of key, condition and sheet
        Pure, and of the sheet it reads only the facts that the condition asks.
    """

    def __init__(
        self,
        conditions: Mapping[_Key, Condition],
        ask: Callable[[_Key, Condition, FactSheet], _Said],
    ) -> None:
        self._conditions = conditions
        self._ask = ask
        nothing = FactSheet()
        self._of_nothing = {k: ask(k, c, nothing) for k, c in conditions.items()}
        self._asking: dict[str, list[_Key]] = {}
        for key, condition in conditions.items():
            for name in facts_of(condition):
                self._asking.setdefault(name, []).append(key)

    def on(self, sheet: FactSheet) -> dict[_Key, _Said]:
        """Return what every condition says of a sheet, in the order they were given."""
        asking = self._asking
        touched = {key for name in sheet.facts for key in asking.get(name, ())}
        said = self._of_nothing.copy()
        for key in touched:
            said[key] = self._ask(key, self._conditions[key], sheet)
        return said


class Kept(Generic[_Built]):
    """What was built for the last few tuples of criteria: a memo of a pure function.

    Preparing takes many times as long as asking, and a service asks the same rule
    set again and again.
    """

    def __init__(
        self,
        build: Callable[[_Criteria], _Built],
        free: Callable[[_Built], None] | None = None,
    ) -> None:
        self._build = build
        self._free = free
        self._entries: list[tuple[_Criteria, _Built]] = []  # the last used one last
        self._lock = threading.Lock()

    def of(self, criteria: _Criteria) -> _Built:
        """Return what is built for these criteria, the least used making room."""
        with self._lock:
            for position, entry in enumerate(self._entries):
                if entry[0] == criteria:
                    self._entries.append(self._entries.pop(position))
                    return entry[1]
            if len(self._entries) >= _MOST_KEPT:
                self._drop(0)
            built = self._build(criteria)
            self._entries.append((criteria, built))
            return built

    def forget(self, criteria: _Criteria) -> None:
        """Drop what is built for these criteria."""
        with self._lock:
            for position, (known, _) in enumerate(self._entries):
                if known == criteria:
                    self._drop(position)
                    return

    def _drop(self, position: int) -> None:
        _, built = self._entries.pop(position)
        if self._free is not None:
            self._free(built)

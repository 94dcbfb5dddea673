"""A memo of what is built from a rule set's criteria: the package's only state.

Preparing takes many times as long as asking, and a service asks the same rule set
again and again. What is built is a pure function of the criteria.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from tunewise.domain.rules import Criterion

_MOST_KEPT = 4

_Built = TypeVar("_Built")
_Criteria = tuple[Criterion, ...]


class Kept(Generic[_Built]):
    """What was built for the last few tuples of criteria.

    Parameters
    ----------
    free : callable, optional
        Called with what makes room for another one or is forgotten.
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
        """Drop what is built for these criteria, if anything is."""
        with self._lock:
            known = [entry[0] for entry in self._entries]
            if criteria in known:
                self._drop(known.index(criteria))

    def _drop(self, position: int) -> None:
        _, built = self._entries.pop(position)
        if self._free is not None:
            self._free(built)

"""A running service keeps the last rule set that could be read.

house files unchanged  -->  the same rule set, not read again
changed and broken     -->  the last good one, and the error beside it
"""

from collections.abc import Callable
from pathlib import Path

from tunewise.domain.errors import TunewiseError
from tunewise.domain.rules import RuleSet

_Stamp = tuple[tuple[str, int, int], ...]


class LastGood:
    """The rule set that a service decides with, and why it is not the newest."""

    def __init__(self) -> None:
        self._rule_set: RuleSet | None = None
        self._stamp: _Stamp | None = None
        self.error = ""

    def rule_set(self, house: Path, load: Callable[[], RuleSet]) -> RuleSet:
        """Return the newest rule set that can be read.

        Raises
        ------
        TunewiseError
            Where none could be read yet.
        """
        stamp = _stamp(house)
        if self._rule_set is None or stamp != self._stamp:
            try:
                self._rule_set, self.error = load(), ""
            except TunewiseError as error:
                if self._rule_set is None:
                    raise
                self.error = str(error)
            self._stamp = stamp
        return self._rule_set


def _stamp(house: Path) -> _Stamp:
    """Return what changes when a file below a folder does: name, time and size."""
    found = []
    for path in sorted(house.rglob("*.toml")):
        try:
            state = path.stat()
        except OSError:  # gone since it was listed
            continue
        found.append((str(path), state.st_mtime_ns, state.st_size))
    return tuple(found)

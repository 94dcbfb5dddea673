"""The metric points of a run, from its progress into the store."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tracker import points
from tracker.points import Point
from tracker.store import Store
from tunewise.domain.errors import EnvironmentProblem
from tunewise.workflow.home import Home

_HOW_FAR = ("at", "stage", "done", "total", "remaining_seconds")


class RunPoints:
    """Writes what a run measures, a batch at a time."""

    def __init__(self, store: Store, home: Home, run: str, attempt: int) -> None:
        self._store, self._home = store, home
        self._run, self._attempt = run, attempt
        self._waiting: list[Point] = []

    def add(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Write the points of progress entries, or let them wait for the next ones.

        A lock or a full disk of the moment must not end hours of training.
        """
        self._waiting += [point for entry in entries for point in _points(entry)]
        with contextlib.suppress(EnvironmentProblem):
            self.write()

    def write(self) -> None:
        """Write what waits; StatusError where the attempt is over."""
        if self._waiting:
            points.add(
                self._store,
                self._run,
                attempt=self._attempt,
                points=self._waiting,
                actor=self._home.actor,
                at=self._home.now(),
            )
            self._waiting = []


def _points(entry: Mapping[str, Any]) -> list[Point]:
    """Return what a progress entry says beside how far the run is."""
    if "done" not in entry:
        return []
    at = datetime.fromtimestamp(entry["at"], UTC).isoformat(timespec="milliseconds")
    return [
        Point(metric, entry["done"], float(value), at)
        for metric, value in entry.items()
        if metric not in _HOW_FAR
    ]

"""Who works on an experiment: a lock that ends with its process, and a way to stop it.

    runs/<experiment>/lock    held by the process that runs the experiment
    runs/<experiment>/stop    written by whoever wants it to end: who, and why

The operating system gives the lock back when the process ends, however it ends. So
an experiment whose record says *running* and whose lock is free was interrupted.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem, StatusError
from tunewise.workflow.home import Home

# An experiment looks for a wish to end it five times a second, and takes less than a
# second to end its child; it may be writing its record of an arm.
PATIENCE = 10.0
_POLL = 0.05


@dataclass(frozen=True, slots=True)
class Wish:
    """Someone's wish that an experiment ends."""

    actor: Actor
    because: str


class Stopped(Exception):
    """The experiment was asked to end; never seen by a user."""

    def __init__(self, wish: Wish) -> None:
        super().__init__(wish.because)
        self.wish = wish


@contextmanager
def holding(home: Home, id: str) -> Iterator[None]:
    """Hold an experiment's folder while its runs are worked on.

    Raises
    ------
    StatusError
        If another process holds it.
    """
    folder = home.runs / id
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise StatusError(
            f"experiment {id} is running in another process\n"
            "  Wait for it, or end it with: "
            f"{home.command('experiment', 'cancel', id)}"
        ) from None
    try:
        (folder / "stop").unlink(missing_ok=True)  # meant for an earlier attempt
        yield
    finally:
        (folder / "stop").unlink(missing_ok=True)  # was met, or came too late
        lock.release()


def is_held(folder: Path) -> bool:
    """Tell whether a living process works on an experiment."""
    if not (folder / "lock").exists():
        return False
    lock = FileLock(folder / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


def raise_if_stopped(folder: Path) -> None:
    """Raise :class:`Stopped` where someone asked the experiment to end."""
    try:
        said = json.loads((folder / "stop").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    raise Stopped(Wish(Actor(**said["actor"]), said["because"]))


def stop(folder: Path, wish: Wish) -> None:
    """Ask the process that works on an experiment to end it, and wait until it did.

    Raises
    ------
    EnvironmentProblem
        If it does not end in time.
    """
    actor = {"name": wish.actor.name, "identity": wish.actor.identity}
    written = folder / "stop.partial"
    written.write_text(
        json.dumps({"actor": actor, "because": wish.because}), encoding="utf-8"
    )
    os.replace(written, folder / "stop")
    until = time.monotonic() + PATIENCE
    while (folder / "stop").exists() and is_held(folder):
        if time.monotonic() > until:
            raise EnvironmentProblem(
                f"experiment {folder.name} was asked to end, and still runs after "
                f"{PATIENCE:.0f} s\n  Ask again, or end its process."
            )
        time.sleep(_POLL)

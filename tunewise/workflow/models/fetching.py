"""One process fetches a base model, others wait for it; half of one is never seen.

    models/locks/<name>            held by the process that fetches
    models/base/<name>.partial/    where it works; gone when it ends, however it ends
    models/base/<name>/            appears whole, by one rename

The operating system gives the lock back when the process ends. What a killed one left
in its folder is removed by the next.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from tunewise.domain.errors import EnvironmentProblem


@contextmanager
def alone(target: Path, *, say: Callable[[str], None]) -> Iterator[Path]:
    """Give an empty folder to fetch into, once no other process fetches the same.

    Look again at ``target`` inside: another process may just have put it there.

    Parameters
    ----------
    target : models/base/<name>

    Raises
    ------
    EnvironmentProblem
        If the folders cannot be made.
    """
    partial = target.with_name(target.name + ".partial")
    locks = target.parent.with_name("locks")
    for folder in (target.parent, locks):
        _make(folder)
    lock = FileLock(locks / target.name)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"{target.name} is being fetched by another process; waiting for it")
        lock.acquire()
    try:
        shutil.rmtree(partial, ignore_errors=True)
        _make(partial)
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        lock.release()


def put(made: Path, target: Path) -> None:
    """Let a whole folder appear under its name; what lay there without an end goes.

    Raises
    ------
    EnvironmentProblem
        If it cannot be put there.
    """
    shutil.rmtree(target, ignore_errors=True)
    try:
        os.rename(made, target)
    except OSError as error:
        raise EnvironmentProblem(
            f"{target}: the base model cannot be put there ({error.strerror})\n"
            "  Close what uses this folder, remove it, and fetch again."
        ) from None


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"{folder}: cannot be made ({error.strerror})\n"
            "  Choose another place with --home."
        ) from None

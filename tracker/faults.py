"""What SQLite says, in words that tell a user what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunewise.domain.errors import EnvironmentProblem, TunewiseError

_READ_ONLY = (
    "it cannot be written: the disk or the folder is read-only\n"
    "  Make it writable, or name another folder with --home. Nothing was changed."
)
# by SQLite's primary result code
_MEANINGS = {
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened\n"
        "  Check that the folder exists and that you may read and write in it, "
        "or name another with --home."
    ),
    sqlite3.SQLITE_BUSY: (
        "another process has been writing for too long\n"
        "  Wait for it (a backup? a stopped program?) and try again; "
        "nothing was changed."
    ),
    sqlite3.SQLITE_LOCKED: (
        "another process holds a lock on it\n"
        "  Wait for it and try again; nothing was changed."
    ),
    sqlite3.SQLITE_FULL: (
        "the disk is full\n  Free some space and try again; nothing was changed."
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk reports an error\n"
        "  Check the disk; then run `tunewise verify`, or restore a backup."
    ),
    sqlite3.SQLITE_CORRUPT: (
        "the database is damaged\n"
        "  Keep the file, and restore the last backup: `tunewise restore DIR`."
    ),
    sqlite3.SQLITE_NOTADB: (
        "it is not a Tunewise database\n"
        "  Name another folder with --home, or move this file away."
    ),
}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the surroundings do to SQLite into an :class:`EnvironmentProblem`."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) or 0
        meaning = _MEANINGS.get(code & 0xFF)  # the primary of an extended code
        if str(error).startswith("no such table"):
            meaning = f"{error}: it was taken away from outside\n  Restore a backup."
        if meaning is None:
            raise
        raise EnvironmentProblem(f"{path}: {meaning}") from error


@contextmanager
def asked_in_unicode() -> Iterator[None]:
    """Refuse a query for a text that no record can hold, such as broken UTF-8."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise TunewiseError(
            f"{error.object[:60]!r} is not valid Unicode, so no record can hold it\n"
            "  Set the terminal to UTF-8 and try again."
        ) from None

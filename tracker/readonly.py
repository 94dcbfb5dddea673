"""A database that cannot be written: listed and verified, never changed.

WAL needs files beside the database. Without them SQLite opens a file only when told
that nobody changes it (``immutable``). A read-only disk promises that; a folder in
which only this user may not write does not, since others may.
"""

import os
import sqlite3
from pathlib import Path

from sqlite_utils import Database

from tracker import schema
from tunewise.domain.errors import EnvironmentProblem


def cannot_write(path: Path) -> bool:
    """Return whether a database is there, and it or its folder cannot be written."""
    if not path.is_file():
        return False  # asked first: another process may be creating it
    return not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def connect(path: Path) -> sqlite3.Connection:
    """Connect to read only; with a journal left beside it, that is read too."""
    journal = path.with_name(f"{path.name}-wal")
    left = journal.is_file() and journal.stat().st_size > 0
    fixed = bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    options = "mode=ro&immutable=1" if fixed and not left else "mode=ro"
    connection = sqlite3.connect(
        f"{path.as_uri()}?{options}", uri=True, isolation_level=None
    )
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if not fixed and _needs_files(error, path):
            raise _not_allowed(path) from error
        if not (fixed and left):
            raise
        raise EnvironmentProblem(
            f"{path}: its last changes are in {journal.name}, which SQLite cannot take "
            "up on a read-only disk\n"
            "  Copy the whole folder to a disk that can be written, and name that "
            "with --home."
        ) from error
    return connection


def _needs_files(error: sqlite3.OperationalError, path: Path) -> bool:
    """Tell whether SQLite failed to make what it needs beside a file it can read."""
    code = error.sqlite_errorcode & 0xFF  # the primary of an extended code
    refused = code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
    return refused and os.access(path, os.R_OK)


def _not_allowed(path: Path) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"{path}: you may not write in its folder, and SQLite needs a journal there "
        "even to read what others may be writing\n"
        "  Ask for write permission, or read a copy: `tunewise backup DIR` of somebody "
        "who may write makes one, and --home DIR names it."
    )


def check_whole(db: Database, path: Path) -> None:
    """Refuse a database of older software: its tables cannot be brought up here."""
    if schema.migrations().pending(db):
        raise EnvironmentProblem(
            f"{path}: it was written by an older Tunewise, and you may not write "
            "here, so it cannot be brought up to date\n"
            "  Copy the whole folder to a disk that can be written, and name that "
            "with --home."
        )

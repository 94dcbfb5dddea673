"""A database on a disk that cannot be written: listed and verified, never changed.

WAL needs files beside the database. Without them SQLite opens a file only when told
that nobody changes it (``immutable``), which the read-only disk promises.
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
    options = "mode=ro" if left else "mode=ro&immutable=1"
    connection = sqlite3.connect(
        f"{path.as_uri()}?{options}", uri=True, isolation_level=None
    )
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if not left:
            raise
        raise EnvironmentProblem(
            f"{path}: its last changes are in {journal.name}, which SQLite cannot take "
            "up on a read-only disk\n"
            "  Copy the whole folder to a disk that can be written, and name that "
            "with --home."
        ) from error
    return connection


def check_whole(db: Database, path: Path) -> None:
    """Refuse a database of older software: its tables cannot be brought up here."""
    if schema.migrations().pending(db):
        raise EnvironmentProblem(
            f"{path}: it was written by an older Tunewise and lies on a read-only "
            "disk, where it cannot be brought up to date\n"
            "  Copy the whole folder to a disk that can be written, and name that "
            "with --home."
        )

"""The open database: one connection, one writer at a time, every write in the log.

    with open_store(path) as store:
        with store.writing(actor, at) as change:      BEGIN IMMEDIATE
            change.insert("decisions", row)           the row, and its digest
            change.log("decision.proposed", id, {})   the entry that holds the digest
                                                      COMMIT, on the disk (FULL)

A Store belongs to the thread that opened it. ``sqlite_utils``' own ``atomic()``
begins a transaction that only reads at first, and one that must write later fails
when another wrote in between; so every write goes through here.
"""

import sqlite3
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlite_utils import Database
from sqlite_utils.db import quote_identifier

from tracker import moments, readonly, schema
from tracker.change import Change
from tracker.faults import asked_in_unicode, explained
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem

if TYPE_CHECKING:
    from tracker.known import Known


class Store:
    """An open Tunewise database; a context manager that closes it."""

    def __init__(
        self,
        path: Path,
        db: Database,
        *,
        mended: tuple[str, ...] = (),
        read_only: bool = False,
    ) -> None:
        self.path = path
        self.db = db
        self.mended = mended  # triggers that were not as they must be, put right
        self.read_only = read_only  # on a disk that cannot be written
        self.known: Known | None = None  # in a service
        self.before_writing: Callable[[Change], None] | None = None  # once

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def blobs(self) -> Path:
        """The folder of the blobs, beside the database."""
        return self.path.parent / "blobs"

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back."""
        self.db.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Return every row of a query as a dict."""
        return list(self.each(sql, values))

    def each(self, sql: str, values: Sequence[object] = ()) -> Iterator[dict[str, Any]]:
        """Yield the rows of a query, however many, without holding them all."""
        with explained(self.path):
            with asked_in_unicode():
                cursor = self.db.execute(sql, values)
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let every query in the block see the same moment."""
        if self.db.conn.in_transaction:
            yield
            return
        with explained(self.path):
            self.db.execute("BEGIN")
            try:
                yield
            finally:
                self.db.rollback()

    @contextmanager
    def writing(
        self, actor: Actor, at: str, *, durable: bool = True
    ) -> Iterator[Change]:
        """Hold the write lock, and commit at the end or leave nothing.

        Inside another ``writing`` block it becomes a part of that one, so several
        records can be written together or not at all. ``durable=False`` is for
        metric points only: power loss may take the last commits, never their order.
        """
        moments.parse(at)
        change = Change(self.db, actor, at)
        with explained(self.path):
            if self.db.conn.in_transaction:
                with self.db.atomic():  # a savepoint
                    yield change
                    change.check()
            else:
                first = self.before_writing if durable else None
                with self._immediate(durable=durable):
                    if first:
                        first(change)
                    yield change
                    change.check()
                self.before_writing = None if durable else self.before_writing

    @contextmanager
    def _immediate(self, *, durable: bool) -> Iterator[None]:
        if not durable:
            self.db.execute("PRAGMA synchronous = NORMAL")
        try:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                self.db.rollback()
                raise
        finally:
            if not durable:
                self.db.execute("PRAGMA synchronous = FULL")


def open_store(
    path: Path | str,
    *,
    create: bool = True,
    wait_seconds: float = 10.0,
    whole: set[Hashable] | None = None,
) -> Store:
    """Open the database, bring it up to today's tables and guard it with triggers.

    Parameters
    ----------
    create : bool
        Make the file and its folder where they are missing.
    wait_seconds : float
        How long a write waits for another process's write to end.
    whole : set, optional
        What a service has opened and found whole: a file with these tables and
        triggers need not be looked at again. Filled here.

    Raises
    ------
    EnvironmentProblem
        The file is missing (with ``create=False``), locked, damaged, not a Tunewise
        database, or written by newer software. What lies on a read-only disk opens,
        and writing is refused then.
    """
    path = Path(path).absolute()
    if readonly.cannot_write(path):
        return open_to_read(path)
    if create:
        _make_folder(path.parent)
    elif not path.exists():
        raise EnvironmentProblem(
            f"{path}: nothing is recorded here\n"
            "  Check --home or TUNEWISE_HOME; the first command that records "
            "something creates the database."
        )
    with explained(path):
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode={'rwc' if create else 'rw'}",
            uri=True,
            timeout=wait_seconds,
            isolation_level=None,  # transactions begin where the code says so
        )
        try:
            db = Database(connection, execute_plugins=False)
            if whole is not None and _state(db, path) in whole:
                _set_pragmas(db)
                return Store(path, db)
            _check_ours(db, path)
            _require_wal(db, path, wait_seconds)
            _set_pragmas(db)
            mended = _prepare(db)
            if whole is not None:
                whole.add(_state(db, path))
            return Store(path, db, mended=mended)
        except BaseException:
            connection.close()
            raise


def open_to_read(path: Path) -> Store:
    """Open a database as it is: nothing in it is written, mended or brought up."""
    with explained(path):
        db = Database(readonly.connect(path), execute_plugins=False)
        try:
            _check_ours(db, path)
            readonly.check_whole(db, path)
            db.execute("PRAGMA trusted_schema = OFF")
            return Store(path, db, read_only=True)
        except BaseException:
            db.close()
            raise


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"{folder}: the folder cannot be made ({error.strerror})\n"
            "  Name another with --home."
        ) from error


def _check_ours(db: Database, path: Path) -> None:
    if schema.is_foreign(db):
        raise EnvironmentProblem(
            f"{path}: it is an SQLite database of other software "
            f"(with the table {db.table_names()[0]!r})\n"
            "  Name another folder with --home, or move this file away."
        )
    newer = schema.unknown_steps(db)
    if newer:
        raise EnvironmentProblem(
            f"{path}: it was written by a newer Tunewise ({newer[-1]} is unknown "
            "here)\n  Upgrade: pip install --upgrade tunewise. Nothing was changed."
        )


def _state(db: Database, path: Path) -> Hashable:
    """Return what changes when the file, a table or a trigger of it does."""
    file = path.stat()
    return file.st_dev, file.st_ino, db.execute("PRAGMA schema_version").fetchone()[0]


def _require_wal(db: Database, path: Path, wait_seconds: float) -> None:
    mode = db.journal_mode
    if mode != "wal":
        mode = _switched_to_wal(db, wait_seconds)
    if mode != "wal":
        raise EnvironmentProblem(
            f"{path}: its disk does not allow the journal that two writers need "
            f"(SQLite chose {mode!r}, not 'wal')\n"
            "  Keep the folder on a local disk, not on a network drive."
        )


def _set_pragmas(db: Database) -> None:
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA trusted_schema = OFF")  # a file that was sent runs nothing
    db.execute("PRAGMA synchronous = FULL")


def _switched_to_wal(db: Database, wait_seconds: float) -> str:
    """Switch the journal of a new database; SQLite itself does not wait here.

    Where another process writes its first transaction or switches, the statement
    fails at once, whatever the busy timeout.
    """
    until = time.monotonic() + wait_seconds
    while True:
        try:
            return str(db.execute("PRAGMA journal_mode = wal").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > until:
                raise
        time.sleep(0.01)


def _prepare(db: Database) -> tuple[str, ...]:
    """Apply what is missing; return the triggers that someone had tampered with."""
    steps = schema.migrations()
    if not steps.pending(db) and db.triggers_dict == schema.triggers():
        return ()
    db.execute("BEGIN IMMEDIATE")
    try:
        migrating = bool(steps.pending(db))
        steps.apply(db)
        there, wanted = db.triggers_dict, schema.triggers()
        wrong = sorted(n for n in there | wanted if there.get(n) != wanted.get(n))
        for name in wrong:
            if name in there:
                db.execute(f"DROP TRIGGER {quote_identifier(name)}")
            if name in wanted:
                db.execute(wanted[name])
        db.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise
    return () if migrating else tuple(wrong)

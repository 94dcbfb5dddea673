"""The records as they stood at a head, as a database of its own.

    log, up to the head --covers--> rows --copied--> path

Not the time but the place in the log decides what was there: a clock may have been
wrong. What no record rests on stays behind: points, leases, both indexes.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlite_utils.db import quote_identifier

from tracker import chain, links, schema
from tracker.store import Store, open_store
from tunewise.domain.model import AuditEvent


def copy_as_of(store: Store, head: AuditEvent, path: Path) -> None:
    """Write the records as of an entry of the log into a new database.

    A row that was altered is copied as it is now: whoever compares must have checked.
    """
    with open_store(path) as copy:
        copy.db.execute("PRAGMA foreign_keys = OFF")
        copy.db.execute("PRAGMA synchronous = OFF")  # nothing rests on it
        copy.db.execute("BEGIN")
        for name in schema.triggers():
            copy.db.execute(f"DROP TRIGGER {quote_identifier(name)}")
        with store.reading():
            written = {key for row in _entries(store, head) for key in _covered(row)}
            _insert(copy, "audit", _entries(store, head))
            for table in schema.record_tables():
                rows = store.each(f"SELECT * FROM {table} ORDER BY rowid")
                kept = (row for row in rows if f"{table}/{row['id']}" in written)
                _insert(copy, table, kept)
        for sql in schema.triggers().values():
            copy.db.execute(sql)
        copy.db.execute("COMMIT")


def _entries(store: Store, head: AuditEvent) -> Iterator[dict[str, Any]]:
    return store.each("SELECT * FROM audit WHERE seq <= ? ORDER BY seq", [head.seq])


def _covered(row: Mapping[str, Any]) -> list[str]:
    try:
        return [key for key, _ in links.covered(chain.from_row(row))]
    except (ValueError, TypeError, RecursionError):
        return []  # an entry that was changed from outside, which the log has found


def _insert(copy: Store, table: str, rows: Iterator[Mapping[str, Any]]) -> None:
    for row in rows:
        names = ", ".join(map(quote_identifier, row))
        marks = ", ".join("?" * len(row))
        try:
            copy.db.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})", [*row.values()]
            )
        except UnicodeEncodeError:
            continue  # text broken from outside, which the log has found

"""The audit log seen from outside: its head, its entries, and whether all holds.

``verify`` finds an entry or a record that was changed, removed or slipped in, since
each entry's hash covers the one before and the digests of the rows it wrote. What
it cannot see alone is that the newest entries were cut off *together* with what they
recorded: for that, compare with a head that was printed elsewhere (``is_ancestor``).
"""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tracker import chain, indexes, links, lost, moments, points, rows, schema
from tracker.faults import explained
from tracker.problems import Problem, printable, some
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem
from tunewise.domain.model import AuditEvent

LAST = 2**63 - 1  # the largest number that an entry can have


def append(
    store: Store,
    *,
    action: str,
    subject: str,
    payload: Mapping[str, object],
    actor: Actor,
    at: str,
) -> AuditEvent:
    """Log something that leaves no record here (a base model fetched, a backup)."""
    with store.writing(actor, at) as change:
        return change.log(action, subject, payload)


def head(store: Store) -> str:
    """Return the hash of the newest entry, "" where nothing is logged."""
    rows = store.rows("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1")
    return str(rows[0]["hash"]) if rows else ""


def length(store: Store) -> int:
    """Return the number of entries of the log."""
    return int(store.rows("SELECT count(*) AS n FROM audit")[0]["n"])


def is_ancestor(store: Store, head: str) -> bool:
    """Return whether a head, printed earlier, is a part of today's chain."""
    return bool(store.rows("SELECT 1 FROM audit WHERE hash = ?", [head]))


def events(
    store: Store, *, subject: str = "", action: str = "", at: str = ""
) -> list[AuditEvent]:
    """Return the log in order.

    ``subject`` keeps one record's entries; ``action`` those that begin with it
    (``decision.``); ``at`` those up to a moment or the end of a date.
    """
    of_subject, values = (" AND subject = ?", [subject]) if subject else ("", [])
    rows = store.rows(
        "SELECT * FROM audit WHERE substr(action, 1, length(?)) = ?"
        f"{of_subject} ORDER BY seq",
        [action, action, *values],
    )
    found = [chain.from_row(row) for row in rows]
    if not at:
        return found
    end = moments.until(at)
    return [event for event in found if moments.parse(event.at) <= end]


def entry_of(store: Store, head: str) -> AuditEvent | None:
    """Return the entry whose hash a printed head is, None where it is no part."""
    found = store.rows("SELECT * FROM audit WHERE hash = ?", [head])
    return chain.from_row(found[0]) if found else None


def entry_at(store: Store, seq: object) -> AuditEvent | None:
    """Return the entry of a number, None where there is none."""
    if not isinstance(seq, int) or not 0 < seq <= LAST:
        return None
    found = store.rows("SELECT * FROM audit WHERE seq = ?", [seq])
    return chain.from_row(found[0]) if found else None


def set_back(store: Store) -> Iterator[tuple[AuditEvent, AuditEvent]]:
    """Yield (entry, the one before) where time went back by more than a minute.

    Two processes may write a little out of order; a longer step was the clock's.
    """
    query = (
        "SELECT seq FROM (SELECT seq, julianday(at) AS moment,"
        " julianday(lag(at) OVER (ORDER BY seq)) AS before FROM audit)"
        " WHERE before - moment > 1.0 / 1440 ORDER BY seq"
    )
    for row in store.rows(query):
        pair = "SELECT * FROM audit WHERE seq BETWEEN ? AND ? ORDER BY seq DESC"
        found = store.rows(pair, [row["seq"] - 1, row["seq"]])
        if len(found) == 2:
            yield chain.from_row(found[0]), chain.from_row(found[1])


def verify(store: Store) -> list[Problem]:
    """Return everything that was changed since it was recorded; empty is good.

    The log and the records are read row by row: memory grows with the number of
    records (some 300 bytes each), not with what is in them.
    """
    gone = lost.tables(store)
    if "audit" in gone:
        return [lost.without_log()]
    lost.stand_in(store, gone)
    try:
        with forgiving(store), store.reading(), explained(store.path):
            return [printable(problem) for problem in _found(store, gone)]
    except EnvironmentProblem as error:
        if isinstance(error.__cause__, sqlite3.OperationalError):
            raise  # a lock, the disk: nothing about the content
        return [Problem("damaged", store.path.name, str(error.__cause__))]


def _found(store: Store, gone: Collection[str]) -> Iterator[Problem]:
    walk = links.Walk()
    yield from _damage(store, gone)
    yield from _unguarded(store, gone)
    yield from links.problems(_each(store, "audit", "seq"), walk)
    yield from lost.problems(store, gone, walk.logged)
    altered = [*rows.problems(store, _tables(store, gone), walk.logged)]
    if not {"points", "runs", "run_events"} & {*gone}:
        altered += [Problem("altered", *told) for told in points.problems(store)]
    yield from altered
    if not gone:  # they are made of what is left
        yield from indexes.problems(store, told={p.record for p in altered})


@contextmanager
def forgiving(store: Store) -> Iterator[None]:
    """Let text that is not UTF-8 be read, so that it can be reported."""
    connection = store.db.conn
    usual = connection.text_factory
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        connection.text_factory = usual


def _tables(
    store: Store, gone: Collection[str]
) -> Iterator[tuple[str, Iterator[Mapping[str, Any]]]]:
    for table in schema.record_tables():
        if table not in gone:
            yield table, _each(store, table, "rowid")


def _each(store: Store, table: str, order: str) -> Iterator[dict[str, Any]]:
    return store.each(f"SELECT * FROM {table} ORDER BY {order}")


def _damage(store: Store, gone: Collection[str]) -> Iterator[Problem]:
    name = store.path.name
    for row in store.rows("PRAGMA quick_check"):
        if row["quick_check"] != "ok":
            yield Problem("damaged", name, str(row["quick_check"]))
    for row in store.rows("PRAGMA foreign_key_check"):
        if row["parent"] in gone:
            continue  # told by the table
        message = f"a row of {row['table']} names a row of {row['parent']} that is gone"
        yield Problem("damaged", f"{row['table']}/{row['rowid']}", message)


def _unguarded(store: Store, gone: Collection[str]) -> Iterator[Problem]:
    there = store.db.triggers_dict
    wrong = [
        name
        for name, sql in schema.triggers().items()
        if there.get(name) != sql and name.rpartition("_")[0] not in gone
    ]
    yield from _guards(
        store.mended, "had been taken off or changed, and opening put them back"
    )
    yield from _guards(wrong, "are taken off or changed")


def _guards(names: Sequence[str], what: str) -> Iterator[Problem]:
    """Yield one problem for all guards: whoever takes one away takes them all."""
    if names:
        message = f"the guards against edits {what}: {some(names)}"
        yield Problem("trigger", names[0] if len(names) == 1 else "guards", message)

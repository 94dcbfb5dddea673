"""The audit log seen from outside: its head, its entries, and whether all holds.

``verify`` finds an entry or a record that was changed, removed or slipped in, since
each entry's hash covers the one before and the digests of the rows it wrote. What
it cannot see alone is that the newest entries were cut off *together* with what they
recorded: for that, compare with a head that was printed elsewhere (``is_ancestor``).
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tracker import canonical, chain, latest, moments, points, schema
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem, TunewiseError
from tunewise.domain.model import AuditEvent


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold: its kind, the record it concerns, and what.

    ``kind`` is damaged, trigger, log, altered, removed, unlogged or blob.
    """

    kind: str
    record: str
    message: str


@dataclass(frozen=True, slots=True)
class _Logged:
    digest: str
    subject: str
    seq: int
    at: str
    actor: str


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
    rows = store.rows(
        "SELECT * FROM audit WHERE (? = '' OR subject = ?)"
        " AND substr(action, 1, length(?)) = ? ORDER BY seq",
        [subject, subject, action, action],
    )
    found = [chain.from_row(row) for row in rows]
    if not at:
        return found
    end = moments.until(at)
    return [event for event in found if moments.parse(event.at) <= end]


def verify(store: Store) -> list[Problem]:
    """Return everything that was changed since it was recorded; empty is good."""
    logged: dict[str, _Logged] = {}
    try:
        with _forgiving(store), store.reading():
            found = [
                *_damage(store),
                *_unguarded(store),
                *_chain(store, logged),
                *_rows(store, logged),
                *_metrics(store),
            ]
            return [_printable(problem) for problem in found]
    except EnvironmentProblem as error:
        if isinstance(error.__cause__, sqlite3.OperationalError):
            raise  # a lock, the disk: nothing about the content
        return [Problem("damaged", store.path.name, str(error.__cause__))]


@contextmanager
def _forgiving(store: Store) -> Iterator[None]:
    """Let text that is not UTF-8 be read, so that it can be reported."""
    connection = store.db.conn
    usual = connection.text_factory
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        connection.text_factory = usual


def _printable(problem: Problem) -> Problem:
    parts = (problem.kind, problem.record, problem.message)
    return Problem(*(p.encode("utf-8", "backslashreplace").decode() for p in parts))


def _damage(store: Store) -> Iterator[Problem]:
    name = store.path.name
    for row in store.rows("PRAGMA quick_check"):
        if row["quick_check"] != "ok":
            yield Problem("damaged", name, str(row["quick_check"]))
    for row in store.rows("PRAGMA foreign_key_check"):
        message = f"a row of {row['table']} names a row of {row['parent']} that is gone"
        yield Problem("damaged", f"{row['table']}/{row['rowid']}", message)


def _unguarded(store: Store) -> Iterator[Problem]:
    for name in store.mended:
        yield Problem(
            "trigger",
            name,
            "the guard had been removed, changed or added; opening put it right",
        )
    there = store.db.triggers_dict
    for name, sql in schema.triggers().items():
        if there.get(name) != sql:
            yield Problem("trigger", name, "the guard is missing or was changed")


def _chain(store: Store, logged: dict[str, _Logged]) -> Iterator[Problem]:
    """Walk the log; fill ``logged`` with the digest of every row it covers."""
    last_seq, last_hash = 0, ""
    for row in store.rows("SELECT * FROM audit ORDER BY seq"):
        seq, name = row["seq"], f"audit/{row['seq']}"
        if seq != last_seq + 1:
            gone = f"entries {last_seq + 1} to {seq - 1} of the log are gone"
            yield Problem("log", name, gone)
        elif row["previous"] != last_hash:
            yield Problem("log", name, "the entry does not follow the one before it")
        last_seq, last_hash = seq, row["hash"]
        event, genuine = _entry(row)
        if not genuine:
            yield Problem(
                "log",
                name,
                f"the entry {row['action']} of {row['subject']} by {row['actor']} "
                "was changed after it was written",
            )
        # what a changed entry says is not proven, but reported only once
        for key, digest in _covered(event):
            logged[key] = _Logged(digest, event.subject, seq, event.at, event.actor)


def _entry(row: Mapping[str, Any]) -> tuple[AuditEvent, bool]:
    """Return the entry of a row, and whether its hash is its own."""
    try:
        event = chain.from_row(row)
        text = canonical.to_text(event.payload)
        return event, text == row["payload"] and chain.entry_hash(event) == event.hash
    except (ValueError, TypeError, TunewiseError):
        return AuditEvent(**{**row, "payload": {}}), False


def _covered(event: AuditEvent) -> list[tuple[str, str]]:
    said: object = event.payload
    records = said.get("records") if isinstance(said, dict) else None
    return list(records.items()) if isinstance(records, dict) else []


def _rows(store: Store, logged: dict[str, _Logged]) -> Iterator[Problem]:
    missing = dict(logged)
    for table in schema.record_tables():
        for row in store.rows(f"SELECT * FROM {table}"):
            key = f"{table}/{row['id']}"
            entry = missing.pop(key, None)
            if entry is None:
                record = str(row.get("record", row["id"]))
                message = f"{key} is not covered by the log: slipped in from outside"
                yield Problem("unlogged", record, message)
            elif not _is_as_logged(row, entry):
                yield Problem("altered", entry.subject, _since(key, entry, "changed"))
    for key, entry in missing.items():
        yield Problem("removed", entry.subject, _since(key, entry, "removed"))


def _metrics(store: Store) -> Iterator[Problem]:
    told = dict(points.problems(store))
    # what changed points make of the index is not told twice
    index = (pair for pair in latest.problems(store) if pair[0] not in told)
    for run, message in (*told.items(), *index):
        yield Problem("altered", run, message)


def _is_as_logged(row: Mapping[str, object], entry: _Logged) -> bool:
    try:
        return canonical.row_digest(row) == entry.digest
    except (TypeError, TunewiseError):  # bytes or broken text, put in from outside
        return False


def _since(key: str, entry: _Logged, verb: str) -> str:
    return (
        f"{key} was {verb} after {entry.actor} recorded it at {entry.at} "
        f"(entry {entry.seq} of the log)"
    )

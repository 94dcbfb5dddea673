"""What every kind of record has in common: written once, then only events.

insert(kind, row)        -> the record, its log entry, its text in the index
add_event(kind, record)  -> one row of events, its log entry
read(kind)               -> rows with their events, now or as of a date
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker import canonical, found_by, moments, refs
from tracker.change import Change
from tracker.schema import Kind
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem, StatusError


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """One thing that happened to a record after it was written."""

    id: int  # counts up over all records of the kind
    action: str
    at: str
    by: Actor
    body: Mapping[str, Any]
    blobs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Raw:
    """A row of a record table as it was written, and its events in order."""

    row: Mapping[str, Any]  # body and blobs parsed
    by: Actor
    events: tuple[RecordEvent, ...]


def insert(
    change: Change,
    kind: Kind,
    row: Mapping[str, object],
    *,
    action: str,
    body: Mapping[str, object],
    blobs: Sequence[str] = (),
) -> None:
    """Write a record and its log entry; its columns but the body go into the log.

    An empty column is None, never "".
    """
    columns = {name: value for name, value in row.items() if value is not None}
    change.insert(kind.table, {**columns, **_stored(body, blobs)})
    said = {name: value for name, value in columns.items() if name != "id"}
    change.log(f"{kind.word}.{action}", str(row["id"]), said)
    _index(change, kind, str(row["id"]), found_by.of_record(kind, row, body))


def add_event(
    change: Change,
    kind: Kind,
    record: str,
    *,
    action: str,
    body: Mapping[str, object] | None = None,
    blobs: Sequence[str] = (),
    said: Mapping[str, object] | None = None,
) -> None:
    """Write an event and its log entry, which repeats ``said`` (default: the body)."""
    body = body or {}
    change.insert(
        kind.events,
        {
            "id": change.next_id(kind.events),
            "record": record,
            "action": action,
            **_stored(body, blobs),
        },
    )
    change.log(f"{kind.word}.{action}", record, body if said is None else said)
    _index(change, kind, record, found_by.of_event(kind, action, body))


def read(
    store: Store,
    kind: Kind,
    where: str = "1",
    values: Sequence[object] = (),
    *,
    as_of: str = "",
    without_bulk: bool = False,
) -> list[Raw]:
    """Return the records in the order they were written, each with its events.

    ``where`` is SQL over the record table; ``as_of`` a moment or a date (the whole
    day), after which nothing counts. ``without_bulk`` leaves out what lists have no
    use for; SQLite takes it out in a third of the time that parsing it would take.
    """
    columns = "*"
    if without_bulk and kind.bulk:  # of two columns of one name the last one counts
        paths = ", ".join(f"'{path}'" for path in kind.bulk)
        short = f"json_remove(body, {paths})"
        columns = f"*, CASE WHEN json_valid(body) THEN {short} ELSE body END AS body"
    with store.reading():
        rows = store.rows(
            f"SELECT {columns} FROM {kind.table} WHERE {where} ORDER BY rowid", values
        )
        events = store.rows(
            f"SELECT * FROM {kind.events} WHERE record IN"
            f" (SELECT id FROM {kind.table} WHERE {where}) ORDER BY id",
            values,
        )
    if as_of:
        end = moments.until(as_of)
        rows = [row for row in rows if moments.parse(row["at"]) <= end]
        events = [row for row in events if moments.parse(row["at"]) <= end]
    happened: dict[str, list[RecordEvent]] = {}
    for event in events:
        happened.setdefault(event["record"], []).append(_event(event))
    return [
        Raw(_parsed(row), _actor(row), tuple(happened.get(row["id"], ())))
        for row in rows
    ]


def one(store: Store, kind: Kind, id: str, *, as_of: str = "") -> Raw:
    """Return one record; where it is unknown, the error lists what is close."""
    found = read(store, kind, "id = ?", [id], as_of=as_of)
    if not found:
        known = store.rows(f"SELECT id FROM {kind.table}")
        raise refs.not_recorded(kind.word, id, [row["id"] for row in known])
    return found[0]


def require_new(store: Store, kind: Kind, id: str) -> None:
    """Refuse an id that is taken."""
    if store.rows(f"SELECT 1 FROM {kind.table} WHERE id = ?", [id]):
        raise StatusError(
            f"{kind.word} {id} is recorded already\n"
            "  A record is never edited: choose another id, or supersede it."
        )


def next_number(store: Store, kind: Kind, name: str) -> int:
    """Return the next version number of a name; deleted ones are not used again."""
    query = f"SELECT coalesce(max(number), 0) + 1 AS n FROM {kind.table} WHERE name = ?"
    return int(store.rows(query, [name])[0]["n"])


def _index(change: Change, kind: Kind, record: str, texts: Sequence[str]) -> None:
    """Let a search for one of these texts find the record."""
    change.execute_many(
        "INSERT INTO search (kind, record, text) VALUES (?, ?, ?)",
        [(kind.word, record, text) for text in texts],
    )


def _stored(body: Mapping[str, object], blobs: Sequence[str]) -> dict[str, str]:
    return {
        "body": canonical.to_text(body),
        "blobs": canonical.to_text(sorted(set(blobs))),
    }


def _parsed(row: Mapping[str, Any]) -> dict[str, Any]:
    try:
        body = canonical.from_text(row["body"])
        blobs = row["blobs"]  # most name none
        return {
            **row,
            "body": body,
            "blobs": () if blobs == "[]" else tuple(json.loads(blobs)),
        }
    except ValueError as error:
        raise damaged(str(row.get("record", row["id"]))) from error


def damaged(id: str) -> EnvironmentProblem:
    """Return the error of a record whose stored text is not as it was written."""
    return EnvironmentProblem(
        f"{id}: the record was damaged from outside\n"
        "  `tunewise verify` lists all damage; restore a backup."
    )


def _actor(row: Mapping[str, Any]) -> Actor:
    return Actor(row["by"], row["identity"])


def _event(row: Mapping[str, Any]) -> RecordEvent:
    parsed = _parsed(row)
    return RecordEvent(
        id=row["id"],
        action=row["action"],
        at=row["at"],
        by=_actor(row),
        body=parsed["body"],
        blobs=parsed["blobs"],
    )

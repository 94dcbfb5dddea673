"""Comparing the rows of the records with what the log says of them.

The log holds a digest of every row, and in words what is searched for: who, when, the
columns, an event's body. So a row that was edited is always found, and where the log
has the words, the message says what they were.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tracker import canonical, links, schema
from tracker.links import Logged
from tracker.problems import Problem
from tracker.store import Store
from tunewise.domain.errors import TunewiseError

_LONGEST = 60  # characters of a value in a message


def problems(
    store: Store,
    tables: Iterable[tuple[str, Iterable[Mapping[str, Any]]]],
    logged: dict[str, Logged],
) -> Iterator[Problem]:
    """Yield every row that was changed or slipped in, then every one that is gone.

    ``logged`` is emptied of what is found.
    """
    for table, rows in tables:
        for row in rows:
            key = f"{table}/{row['id']}"
            entry = logged.pop(key, None)
            if entry is None:
                yield _slipped_in(key, row)
            elif not _is_as_logged(row, entry):
                what = f"changed{_differences(store, table, row, entry)}"
                yield Problem("altered", entry.subject, _since(key, entry, what))
    for key, entry in logged.items():
        yield Problem("removed", entry.subject, _since(key, entry, "removed"))


def _slipped_in(key: str, row: Mapping[str, Any]) -> Problem:
    record = str(row.get("record", row["id"]))
    message = (
        f"{key} is not covered by the log: slipped in from outside, or its entry is "
        f"gone (the row says: by {row['by']} at {row['at']})"
    )
    return Problem("unlogged", record, message)


def _is_as_logged(row: Mapping[str, object], entry: Logged) -> bool:
    try:
        return canonical.row_digest(row) == entry.digest
    except (TypeError, TunewiseError):  # bytes or broken text, put in from outside
        return False


def _since(key: str, entry: Logged, what: str) -> str:
    verb, _, details = what.partition(": ")
    told = f": {details}" if details else ""
    return (
        f"{key} was {verb} after {entry.actor} recorded it at {entry.at} "
        f"(entry {entry.seq} of the log, {entry.action}){told}"
    )


def _differences(
    store: Store, table: str, row: Mapping[str, Any], entry: Logged
) -> str:
    """Return what the log can prove of a changed row: ``: title was 'A', is 'B'``."""
    (written,) = store.rows("SELECT * FROM audit WHERE seq = ?", [entry.seq])
    if not links.is_genuine(written):
        return ""  # the words of the log are not proven either
    said = canonical.from_text(written["payload"])
    known = {
        "by": written["actor"],
        "identity": written["identity"],
        "at": written["at"],
    }
    found = dict(row)
    if any(table == kind.events for kind in schema.KINDS):
        known |= {"record": entry.subject, "action": entry.action.partition(".")[2]}
        known |= {key: value for key, value in said.items() if key != "records"}
        found |= _body_of(row)
    else:
        known |= {key: value for key, value in said.items() if key in row}
    told = [
        f"{key} was {_short(value)}, is {_short(found.get(key))}"
        for key, value in known.items()
        if found.get(key) != value
    ]
    if not told:
        return ": in what the log holds as a digest only (body, blobs, an empty column)"
    return f": {'; '.join(told)}"


def _body_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        body = canonical.from_text(row["body"])
    except (ValueError, TypeError):
        return {}
    return body if isinstance(body, dict) else {}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

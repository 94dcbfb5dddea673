"""Metric points of a run: many, cheap to write, sealed by digest into the log.

They are written with synchronous=NORMAL: a power cut may take the last ones (a kill
takes none). Every ``SEAL_EVERY`` points, and when the run ends, one event with the
digest of the points since the last seal enters the log, with FULL.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker import canonical, latest, records
from tracker.change import Change
from tracker.records import RecordEvent
from tracker.schema import RUN
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError

SEAL_EVERY = 10_000  # points; DESIGN section 6

_SEALED = "points-sealed"
_ENDED = ("finished", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a metric at a step; not a number and infinities become None."""

    metric: str
    step: int
    value: float | None
    at: str


def add(
    store: Store,
    run: str,
    *,
    attempt: int,
    points: Sequence[Point],
    actor: Actor,
    at: str,
) -> None:
    """Write points of a running attempt; StatusError where it is over.

    One transaction: pass many at once. When it returns, no kill loses them.
    """
    with store.writing(actor, at, durable=False) as change:
        _require_running(store, run, attempt)
        change.execute_many(
            'INSERT INTO points (run, metric, step, value, "at")'
            " VALUES (?, ?, ?, ?, ?)",
            [(run, p.metric, p.step, latest.finite(p.value), p.at) for p in points],
        )
        latest.keep(change, run, {p.metric: p.value for p in points})
    if _unsealed(store, run) >= SEAL_EVERY:
        with store.writing(actor, at) as change:
            seal(store, change, run)


def read(store: Store, run: str, *, metric: str = "") -> list[Point]:
    """Return the points of a run in the order they were written."""
    rows = store.rows(
        'SELECT metric, step, value, "at" FROM points'
        " WHERE run = ? AND (? = '' OR metric = ?) ORDER BY id",
        [run, metric, metric],
    )
    return [Point(**row) for row in rows]


def seal(store: Store, change: Change, run: str) -> None:
    """Put the digest of the points since the last seal into the log."""
    first = _sealed_up_to(store, run) + 1
    found = store.rows(
        "SELECT max(id) AS last, count(*) AS n FROM points WHERE run = ? AND id >= ?",
        [run, first],
    )[0]
    if found["n"]:
        body = {
            "first": first,
            "last": found["last"],
            "points": found["n"],
            "digest": _digest(store, run, first, found["last"]),
        }
        records.add_event(change, RUN, run, action=_SEALED, body=body)


def problems(store: Store) -> Iterator[tuple[str, str]]:
    """Yield (run, message) where sealed points were changed, or some slipped in."""
    query = 'SELECT record, "at", body FROM run_events WHERE action = ? ORDER BY id'
    sealed: dict[str, int] = {}
    for row in store.rows(query, [_SEALED]):
        try:
            body = canonical.from_text(row["body"])
            first, last, digest = body["first"], body["last"], body["digest"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # the event itself was changed, which the log has found
        sealed[row["record"]] = last
        if _digest(store, row["record"], first, last) != digest:
            message = f"the metric points sealed at {row['at']} were changed"
            yield row["record"], message
    ended = store.rows(
        "SELECT points.run, max(points.id) AS last FROM points JOIN"
        " (SELECT record, action, max(id) FROM run_events WHERE action <> ?"
        f" GROUP BY record HAVING action IN {_ENDED}) ON record = run GROUP BY run",
        [_SEALED],
    )
    for row in ended:
        if row["last"] > sealed.get(row["run"], 0):
            yield row["run"], "metric points were added after the run had ended"


def _require_running(store: Store, run: str, attempt: int) -> None:
    raw = records.one(store, RUN, run)
    steps = [event for event in raw.events if event.action != _SEALED]
    last = steps[-1] if steps else None
    if last is None or last.action != "claimed" or last.body["attempt"] != attempt:
        raise StatusError(
            f"run {run}: attempt {attempt} is not running\n"
            "  Stop it: its points are not wanted."
        )


def _sealed_up_to(store: Store, run: str) -> int:
    events: tuple[RecordEvent, ...] = records.one(store, RUN, run).events
    seals = [event.body["last"] for event in events if event.action == _SEALED]
    return int(seals[-1]) if seals else 0


def _unsealed(store: Store, run: str) -> int:
    query = "SELECT count(*) AS n FROM points WHERE run = ? AND id > ?"
    return int(store.rows(query, [run, _sealed_up_to(store, run)])[0]["n"])


def _digest(store: Store, run: str, first: int, last: int) -> str:
    sha = hashlib.sha256()
    query = (
        'SELECT metric, step, value, "at" FROM points'
        " WHERE run = ? AND id BETWEEN ? AND ? ORDER BY id"
    )
    for row in store.rows(query, [run, first, last]):
        line = canonical.to_text(list(row.values()))
        # text broken from outside must not stop the check that finds it
        sha.update(line.encode("utf-8", "surrogateescape") + b"\n")
    return f"sha256:{sha.hexdigest()}"

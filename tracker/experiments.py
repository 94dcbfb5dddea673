"""Experiments: the specification as asked for, then what became of it.

    create --> queued --start--> running --finish--> finished
                                    |-----fail-----> failed      (start resumes)
                                    '----cancel----> cancelled   (start resumes)

A finished experiment takes further reports (an arm imported later); the newest one
counts and the older ones stay.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker import records
from tracker.records import Raw, RecordEvent
from tracker.schema import EXPERIMENT
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError
from tunewise.domain.experiment import RunStatus

_STATUS = {
    "started": RunStatus.RUNNING,
    "finished": RunStatus.FINISHED,
    "failed": RunStatus.FAILED,
    "cancelled": RunStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class ExperimentRow:
    """An experiment as it stands."""

    id: str
    status: RunStatus
    title: str
    dataset: str  # name@n
    body: Mapping[str, Any]
    blobs: tuple[str, ...]
    by: Actor
    at: str
    report: Mapping[str, Any] | None = None
    error: str = ""  # why it failed or was cancelled
    events: tuple[RecordEvent, ...] = ()


def create(
    store: Store,
    id: str,
    *,
    title: str,
    dataset: str,
    body: Mapping[str, object],
    actor: Actor,
    at: str,
    blobs: Sequence[str] = (),
) -> ExperimentRow:
    """Record an experiment before anything of it runs."""
    with store.writing(actor, at) as change:
        records.require_new(store, EXPERIMENT, id)
        records.insert(
            change,
            EXPERIMENT,
            {"id": id, "title": title, "dataset": dataset or None},
            action="created",
            body=body,
            blobs=blobs,
        )
        return get(store, id)


def start(store: Store, id: str, *, actor: Actor, at: str) -> ExperimentRow:
    """Record that its runs begin, or go on after a failure or a cancellation."""
    allowed = (RunStatus.QUEUED, RunStatus.FAILED, RunStatus.CANCELLED)
    return _step(store, id, "started", {}, allowed=allowed, actor=actor, at=at)


def finish(
    store: Store,
    id: str,
    *,
    report: Mapping[str, object],
    actor: Actor,
    at: str,
    blobs: Sequence[str] = (),
) -> ExperimentRow:
    """Record the comparison of its arms, the first or a newer one."""
    return _step(
        store,
        id,
        "finished",
        {"report": report},
        allowed=(RunStatus.RUNNING, RunStatus.FINISHED),
        actor=actor,
        at=at,
        blobs=blobs,
    )


def fail(
    store: Store, id: str, *, because: str, actor: Actor, at: str
) -> ExperimentRow:
    """Record that it cannot go on; it stays visible and can be started again."""
    allowed = (RunStatus.QUEUED, RunStatus.RUNNING)
    body = {"because": because}
    return _step(store, id, "failed", body, allowed=allowed, actor=actor, at=at)


def cancel(
    store: Store, id: str, *, because: str, actor: Actor, at: str
) -> ExperimentRow:
    """Record that someone stopped it."""
    allowed = (RunStatus.QUEUED, RunStatus.RUNNING)
    body = {"because": because}
    return _step(store, id, "cancelled", body, allowed=allowed, actor=actor, at=at)


def get(store: Store, id: str, *, as_of: str = "") -> ExperimentRow:
    """Return an experiment as it stands, or as it stood."""
    return derive(records.one(store, EXPERIMENT, id, as_of=as_of))


def list_all(
    store: Store, *, dataset: str = "", as_of: str = ""
) -> list[ExperimentRow]:
    """Return experiments in the order they were created, perhaps of one dataset."""
    where, values = ("dataset = ?", [dataset]) if dataset else ("1", [])
    found = records.read(store, EXPERIMENT, where, values, as_of=as_of)
    return [derive(raw) for raw in found]


def running(store: Store) -> list[str]:
    """Return the ids of those that run by their newest event, oldest first."""
    newest = (
        f"SELECT action FROM {EXPERIMENT.events} WHERE record = {EXPERIMENT.table}.id"
        " AND action IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT 1"
    )
    query = (
        f"SELECT id FROM {EXPERIMENT.table} WHERE ({newest}) = 'started' ORDER BY rowid"
    )
    return [row["id"] for row in store.rows(query, [json.dumps([*_STATUS])])]


def newest(store: Store, count: int) -> list[ExperimentRow]:
    """Return the ``count`` that were created last, oldest first."""
    where = (
        f"id IN (SELECT id FROM {EXPERIMENT.table} ORDER BY rowid DESC LIMIT {count:d})"
    )
    return [derive(raw) for raw in records.read(store, EXPERIMENT, where)]


def _step(
    store: Store,
    id: str,
    action: str,
    body: Mapping[str, object],
    *,
    allowed: Sequence[RunStatus],
    actor: Actor,
    at: str,
    blobs: Sequence[str] = (),
) -> ExperimentRow:
    with store.writing(actor, at) as change:
        status = get(store, id).status
        if status not in allowed:
            raise StatusError(
                f"experiment {id} is {status} and cannot be {action}\n"
                f"  That needs one that is {' or '.join(allowed)}; "
                f"`tunewise experiment show {id}` says what happened."
            )
        said = {key: value for key, value in body.items() if key != "report"}
        records.add_event(
            change, EXPERIMENT, id, action=action, body=body, blobs=blobs, said=said
        )
        return get(store, id)


def derive(raw: Raw) -> ExperimentRow:
    """Return how an experiment stands by its record and these events of it."""
    row = raw.row
    steps = [event for event in raw.events if event.action in _STATUS]
    last = steps[-1] if steps else None
    reports = [e.body["report"] for e in steps if e.action == "finished"]
    return ExperimentRow(
        id=row["id"],
        status=_STATUS[last.action] if last else RunStatus.QUEUED,
        title=row["title"],
        dataset=row["dataset"] or "",
        body=row["body"],
        blobs=row["blobs"],
        by=raw.by,
        at=row["at"],
        report=reports[-1] if reports else None,
        error=last.body.get("because", "") if last else "",
        events=raw.events,
    )

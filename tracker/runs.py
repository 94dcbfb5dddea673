"""Runs: written before they start, held by a lease, kept when they fail.

    create --> queued --claim--> running --finish--> finished
                 ^                  |-----fail-----> failed ------+
                 |                  '----cancel----> cancelled ---+
                 +------------------requeue-----------------------+

A claim gives the owner an attempt number and a lease. The owner renews the lease;
once it has run out another may claim the run, and what the first still writes is
refused by its attempt number. Renewing is no record: it is not logged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker import canonical, latest, moments, points, records
from tracker.records import Raw, RecordEvent
from tracker.schema import RUN
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError
from tunewise.domain.experiment import RunStatus

# what an event makes of a run; without any it is queued
STATUS = {
    "claimed": RunStatus.RUNNING,
    "finished": RunStatus.FINISHED,
    "failed": RunStatus.FAILED,
    "cancelled": RunStatus.CANCELLED,
    "requeued": RunStatus.QUEUED,
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as it stands."""

    id: str
    status: RunStatus
    experiment: str
    arm: str
    seed: int
    body: Mapping[str, Any]
    blobs: tuple[str, ...]  # of the result too
    by: Actor
    at: str
    attempt: int = 0  # 0 until it was claimed once
    owner: str = ""  # of the last attempt
    lease_until: str = ""  # only while it is running
    started_at: str = ""  # of the last attempt
    ended_at: str = ""
    result: Mapping[str, Any] | None = None
    error: str = ""  # why it failed or was cancelled
    events: tuple[RecordEvent, ...] = ()


def create(
    store: Store,
    id: str,
    *,
    experiment: str,
    arm: str,
    seed: int,
    body: Mapping[str, object],
    actor: Actor,
    at: str,
    blobs: Sequence[str] = (),
) -> RunRow:
    """Record a run, queued."""
    with store.writing(actor, at) as change:
        records.require_new(store, RUN, id)
        row = {"id": id, "experiment": experiment or None, "arm": arm, "seed": seed}
        records.insert(
            change,
            RUN,
            row,
            action="queued",
            body=body,
            blobs=blobs,
        )
        return get(store, id)


def claim(
    store: Store, id: str, *, owner: str, lease_until: str, actor: Actor, at: str
) -> RunRow:
    """Start the next attempt: of a queued run, or of one whose lease has run out."""
    moments.parse(lease_until)
    with store.writing(actor, at) as change:
        found = get(store, id)
        if found.status is RunStatus.RUNNING and not _expired(found, at):
            raise StatusError(
                f"run {id} is running, held by {found.owner} "
                f"until {found.lease_until}\n"
                "  Wait for it, or cancel its experiment first."
            )
        if found.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
            raise _wrong_status(found, "be claimed", "Requeue it first.")
        attempt = found.attempt + 1
        body = {"attempt": attempt, "owner": owner}
        records.add_event(change, RUN, id, action="claimed", body=body)
        change.execute(
            'INSERT INTO leases (run, attempt, owner, "until") VALUES (?, ?, ?, ?)'
            " ON CONFLICT (run) DO UPDATE SET attempt = excluded.attempt,"
            ' owner = excluded.owner, "until" = excluded."until"',
            [id, attempt, owner, lease_until],
        )
        return get(store, id)


def renew(
    store: Store, id: str, *, attempt: int, lease_until: str, actor: Actor, at: str
) -> RunRow:
    """Keep the lease for longer; StatusError tells an owner to stop its work."""
    moments.parse(lease_until)
    with store.writing(actor, at) as change:
        _require_attempt(store, id, attempt, "be renewed")
        change.execute(
            'UPDATE leases SET "until" = ? WHERE run = ? AND attempt = ?',
            [lease_until, id, attempt],
        )
        return get(store, id)


def finish(
    store: Store,
    id: str,
    *,
    attempt: int,
    result: Mapping[str, object],
    actor: Actor,
    at: str,
    blobs: Sequence[str] = (),
) -> RunRow:
    """Record what the run found, and seal its metric points.

    The numbers in ``result["metrics"]`` become the run's latest values.
    """
    body = {"attempt": attempt, "result": result}
    with store.writing(actor, at) as change:
        latest.keep(change, id, latest.of_result(result))
        return _end(
            store,
            id,
            "finished",
            body,
            attempt=attempt,
            actor=actor,
            at=at,
            blobs=blobs,
        )


def fail(
    store: Store, id: str, *, attempt: int, because: str, actor: Actor, at: str
) -> RunRow:
    """Record that the attempt failed; the run stays visible and can be requeued."""
    body = {"attempt": attempt, "because": because}
    return _end(store, id, "failed", body, attempt=attempt, actor=actor, at=at)


def cancel(store: Store, id: str, *, because: str, actor: Actor, at: str) -> RunRow:
    """Stop a run for good: from now on its owner's renewals are refused."""
    with store.writing(actor, at) as change:
        found = get(store, id)
        if found.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
            raise _wrong_status(found, "be cancelled", "There is nothing to stop.")
        points.seal(store, change, id)
        body = {"because": because}
        records.add_event(change, RUN, id, action="cancelled", body=body)
        return get(store, id)


def requeue(
    store: Store,
    id: str,
    *,
    because: str,
    actor: Actor,
    at: str,
    owner_gone: bool = False,
) -> RunRow:
    """Let a failed or cancelled run, or one whose lease has run out, start again.

    ``owner_gone`` says that the caller knows more than the lease: the owner ended.
    """
    with store.writing(actor, at) as change:
        found = get(store, id)
        ended = found.status in (RunStatus.FAILED, RunStatus.CANCELLED)
        left = owner_gone and found.status is RunStatus.RUNNING
        if not ended and not left and not _expired(found, at):
            advice = "Only a failed, cancelled or abandoned run starts again."
            raise _wrong_status(found, "be requeued", advice)
        body = {"because": because}
        records.add_event(change, RUN, id, action="requeued", body=body)
        return get(store, id)


def get(store: Store, id: str) -> RunRow:
    """Return a run as it stands."""
    with store.reading():
        return derive_all(store, [records.one(store, RUN, id)])[0]


def list_all(store: Store, *, experiment: str = "", status: str = "") -> list[RunRow]:
    """Return runs in the order they were created, perhaps only some."""
    where, values = ("experiment = ?", [experiment]) if experiment else ("1", [])
    with store.reading():
        found = records.read(store, RUN, where, values)
        rows = derive_all(store, found)
    return [row for row in rows if status in ("", row.status)]


def derive_all(store: Store, found: Iterable[Raw]) -> list[RunRow]:
    """Return how each of these records stands."""
    raws = list(found)
    ids = canonical.to_text([raw.row["id"] for raw in raws])
    query = (
        'SELECT run, "until" FROM leases WHERE run IN (SELECT value FROM json_each(?))'
    )
    leases = {row["run"]: row["until"] for row in store.rows(query, [ids])}
    return [_derive(raw, leases.get(raw.row["id"], "")) for raw in raws]


def abandoned(store: Store, *, at: str) -> list[RunRow]:
    """Return the running runs whose owner has let the lease run out."""
    running = list_all(store, status=RunStatus.RUNNING)
    return [row for row in running if _expired(row, at)]


def _end(
    store: Store,
    id: str,
    action: str,
    body: Mapping[str, object],
    *,
    attempt: int,
    actor: Actor,
    at: str,
    blobs: Sequence[str] = (),
) -> RunRow:
    with store.writing(actor, at) as change:
        _require_attempt(store, id, attempt, f"be {action}")
        points.seal(store, change, id)
        said = {key: value for key, value in body.items() if key != "result"}
        records.add_event(
            change, RUN, id, action=action, body=body, blobs=blobs, said=said
        )
        return get(store, id)


def _require_attempt(store: Store, id: str, attempt: int, step: str) -> None:
    found = get(store, id)
    if found.status is not RunStatus.RUNNING:
        raise _wrong_status(found, step, "Stop this attempt: its work is not wanted.")
    if found.attempt != attempt:
        raise StatusError(
            f"run {id}: attempt {attempt} is over, {found.owner} works on attempt "
            f"{found.attempt}\n  Stop this attempt: its lease had run out."
        )


def _expired(found: RunRow, at: str) -> bool:
    running = found.status is RunStatus.RUNNING
    return running and moments.parse(found.lease_until) < moments.parse(at)


def _wrong_status(found: RunRow, step: str, advice: str) -> StatusError:
    return StatusError(
        f"run {found.id} is {found.status} and cannot {step}\n  {advice}"
    )


def _derive(raw: Raw, lease_until: str) -> RunRow:
    row = raw.row
    steps = [event for event in raw.events if event.action in STATUS]
    claims = [event for event in steps if event.action == "claimed"]
    last = steps[-1] if steps else None
    status = STATUS[last.action] if last else RunStatus.QUEUED
    ended = status not in (RunStatus.QUEUED, RunStatus.RUNNING)
    return RunRow(
        id=row["id"],
        status=status,
        experiment=row["experiment"] or "",
        arm=row["arm"],
        seed=row["seed"],
        body=row["body"],
        blobs=tuple(sorted(set(row["blobs"]).union(*(e.blobs for e in raw.events)))),
        by=raw.by,
        at=row["at"],
        attempt=claims[-1].body["attempt"] if claims else 0,
        owner=claims[-1].body["owner"] if claims else "",
        lease_until=lease_until if status is RunStatus.RUNNING else "",
        started_at=claims[-1].at if claims else "",
        ended_at=last.at if last and ended else "",
        result=last.body.get("result") if last else None,
        error=last.body.get("because", "") if last and ended else "",
        events=raw.events,
    )

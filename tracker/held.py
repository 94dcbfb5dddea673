"""Which decisions held on a date, by when they were made and not when recorded.

accepted, rejected, …           as recorded
recorded later, then accepted   from the day on which it was decided
superseded                      when its successor took effect
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from tracker import moments
from tracker.decision_row import DecisionRow, derive
from tracker.known import Known
from tracker.records import Raw, RecordEvent
from tracker.schema import DECISION
from tracker.store import Store


def decisions_at(store: Store, *, at: str) -> list[DecisionRow]:
    """Return the decisions at a moment or the end of a date, as known today.

    Without their bodies, which are long: a decision that is wanted whole is read.
    """
    end = moments.until(at)
    raws = _all(store)
    today = {raw.row["id"]: derive(raw) for raw in raws}
    return [
        derive(_up_to(raw, end, today))
        for raw in raws
        if _proposed(today[raw.row["id"]]) <= end
    ]


def decisions_recorded(store: Store, *, at: str) -> list[DecisionRow]:
    """Return the decisions as they were on record then, without their bodies too."""
    end = moments.until(at)
    return [
        derive(replace(raw, events=_by(raw, end)))
        for raw in _all(store)
        if moments.parse(raw.row["at"]) <= end
    ]


def _by(raw: Raw, end: datetime) -> tuple[RecordEvent, ...]:
    return tuple(e for e in raw.events if moments.parse(e.at) <= end)


def _all(store: Store) -> list[Raw]:
    known = store.known or Known()
    return [*known.rows(store, "held", DECISION, _without_body).values()]


def _without_body(raw: Raw) -> Raw:
    """Return the record with no more of its body than says when it was made."""
    body = {"retrospective": raw.row["body"].get("retrospective")}
    return replace(raw, row={**raw.row, "body": body, "blobs": ()})


def _up_to(raw: Raw, end: datetime, today: Mapping[str, DecisionRow]) -> Raw:
    """Return the record with those of its events that had taken effect."""
    events = tuple(e for e in raw.events if _effect(e, raw, today) <= end)
    return replace(raw, events=events)


def _proposed(row: DecisionRow) -> datetime:
    return moments.parse(row.decided_at if _made_earlier(row) else row.at)


def _effect(event: RecordEvent, raw: Raw, today: Mapping[str, DecisionRow]) -> datetime:
    """Return when an event took effect."""
    row = today[raw.row["id"]]
    made = row
    if event.action == "superseded" and row.accepted_by:
        made = today[event.body["superseded_by"]]
    elif event.action != "accepted":
        return moments.parse(event.at)
    return moments.parse(made.decided_at if _made_earlier(made) else event.at)


def _made_earlier(row: DecisionRow) -> bool:
    """Tell whether somebody accepted that it was made before it was recorded."""
    return bool(row.decided_at and row.accepted_by)

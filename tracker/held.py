"""Which decisions held on a date, by when they were made and not when recorded.

accepted, rejected, …           as recorded
recorded later, then accepted   from the day on which it was decided
superseded                      when its successor took effect
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from tracker import moments, records
from tracker.decision_row import DecisionRow, derive
from tracker.records import Raw, RecordEvent
from tracker.schema import DECISION
from tracker.store import Store


def decisions_at(store: Store, *, at: str) -> list[DecisionRow]:
    """Return the decisions at a moment or the end of a date, as known today."""
    end = moments.until(at)
    raws = records.read(store, DECISION)
    today = {raw.row["id"]: derive(raw) for raw in raws}
    return [
        derive(_up_to(raw, end, today))
        for raw in raws
        if _proposed(today[raw.row["id"]]) <= end
    ]


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

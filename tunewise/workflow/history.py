"""What happened, when and by whom; what held on a date; where a word stands."""

from collections.abc import Iterator
from typing import Any

from tracker import audit, decisions
from tracker import history as records
from tracker.decision_row import DecisionRow, derive
from tracker.history import Only as Only  # whoever asks for a page names it
from tracker.records import read
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.errors import NotRecorded
from tunewise.domain.model import AuditEvent
from tunewise.workflow.event_words import sentence, told
from tunewise.workflow.home import Home
from tunewise.workflow.rules import house
from tunewise.workflow.statements import reached

View = dict[str, Any]

NEWEST = 100  # events of a page
EVERY = Only()
_MADE = ("decision.proposed", "decision.accepted")
MOST = 50  # records that a search finds


def history(home: Home, at: str | None = None) -> list[View]:
    """Return every event, oldest first, up to a date or moment."""
    with home.store() as store:
        found = records.events(store, at=at or "")
        later = {d.id: d for d in decisions.list_all(store) if d.decided_at}
    return [_event(event, later.get(event.subject)) for event in found]


def every(home: Home, at: str = "", *, only: Only = EVERY) -> Iterator[View]:
    """Yield the events that are asked for, oldest first, up to a date or moment.

    Raises
    ------
    StatusError
        If the date lies ahead.
    """
    reached("at", at, home.now())
    reached("since", only.since, home.now())
    with home.store() as store:
        for event in records.every(store, at=at, only=only):
            later = None
            if event.action in _MADE:
                later = _later(store, {event.subject}).get(event.subject)
            yield _event(event, later)


def page(
    home: Home,
    at: str = "",
    *,
    limit: int = NEWEST,
    offset: int = 0,
    only: Only = EVERY,
) -> View:
    """Return the newest events, oldest first; with ``at`` the state on a date too.

    ``more`` says whether older events follow after this page, ``total`` how many
    there are up to that date. ``only`` keeps to the events of a kind of record, of a
    person, of a record, or since a date.

    Raises
    ------
    StatusError
        If the date lies ahead: nothing can be known of it.
    """
    reached("at", at, home.now())
    reached("since", only.since, home.now())
    with home.store() as store:
        found = records.page(store, at=at, limit=limit, offset=offset, only=only)
        head = audit.head(store)
        later = _later(store, {event.subject for event in found.events})
    view: View = {
        "events": [_event(event, later.get(event.subject)) for event in found.events],
        "more": offset + len(found.events) < found.total,
        "total": found.total,
        "offset": offset,
    }
    if at:
        view |= home.answer(
            ("on a date", at, head, home.today()),
            lambda: {"state": state(home, at), "on_record": on_record(home, at)},
        )
    return view


def _later(store: Store, subjects: set[str]) -> dict[str, DecisionRow]:
    """Return those of these decisions that were recorded later than made."""
    marks = ", ".join("?" * len(subjects))
    raws = read(store, DECISION, f"id IN ({marks})", sorted(subjects))
    return {row.id: row for row in map(derive, raws) if row.decided_at}


def state(home: Home, at: str) -> View:
    """Return what held on a date: decisions, aliases, datasets.

    A decision that was recorded later than it was made held from the day on which it
    was made, though nobody could read it here then: that is :func:`on_record`.
    """
    with home.store() as store:
        return _state(records.state(store, at=at), at)


def on_record(home: Home, at: str) -> View:
    """Return what somebody who looked on a date would have found recorded."""
    with home.store() as store:
        return _state(records.on_record(store, at=at), at)


def search(
    home: Home, text: str, *, kind: str = "", limit: int = MOST, offset: int = 0
) -> list[View]:
    """Return the records whose titles, names or reasons hold the text, the best first.

    ``kind`` (``decision``, ``run``, ...) keeps to records of one kind.
    """
    with home.store() as store:
        found = records.search(store, text, kind=kind, limit=limit, offset=offset)
        return [_hit(store, hit) for hit in found]


def _hit(store: Store, hit: records.Hit) -> View:
    """Return a hit; of a decision also whether it was recorded later than made."""
    later = _recorded_later(store, hit.record) if hit.kind == DECISION.word else None
    return {
        "kind": hit.kind,
        "id": hit.record,
        "title": records.title_of(store, hit),
        "snippet": hit.text,
        "retrospective": later,
    }


def _recorded_later(store: Store, id: str) -> View | None:
    try:
        found = decisions.get(store, id)
    except NotRecorded:  # the row is gone, the index still has it: `verify` says so
        return None
    if not found.decided_at:
        return None
    return {
        "decided_at": found.decided_at,
        "recorded_at": found.at,
        "source": found.source,
    }


def _state(found: records.State, at: str) -> View:
    return {
        "at": at,
        "decisions": [
            {
                "id": d.id,
                "title": d.title,
                "status": d.status.value,
                "choice": d.choice,
                "decided_at": d.decided_at or None,
                "recorded_at": d.at,
                "source": d.source or None,
            }
            for d in found.decisions
        ],
        "models": [
            {"model": m.id, "aliases": list(m.aliases), "retired": m.retired}
            for m in found.models
        ],
        "datasets": [{"dataset": d.id, "digest": d.digest} for d in found.datasets],
        "deployments": [
            {
                "as": d.outside,
                "environment": d.environment,
                "product": d.product,
                "model": d.version,
            }
            for d in found.deployments
        ],
    }


def _event(event: AuditEvent, later: DecisionRow | None) -> View:
    """Return a log entry; ``later`` is its decision where that was made earlier."""
    made = event.action in _MADE
    mark, decided_at = "", None
    if later and made:
        decided_at = later.decided_at
        mark = f" (recorded later: decided {decided_at}, source {later.source})"
    note = house.told(event) or told(event)
    return {
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "identity": event.identity,
        "action": event.action,
        "subject": event.subject,
        "because": _reason(event),
        "summary": note or f"{sentence(event)}{mark}",
        "note": note,
        "decided_at": decided_at,
    }


def _reason(event: AuditEvent) -> str:
    """Return what its actor gave as the reason, "" where none was asked for."""
    said = (event.payload.get(key) for key in ("because", "justification", "comment"))
    return next((text for text in said if isinstance(text, str) and text), "")

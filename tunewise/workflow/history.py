"""What happened, when and by whom; what held on a date; where a word stands."""

from typing import Any

from tracker import history as records
from tunewise.domain.model import AuditEvent
from tunewise.workflow.home import Home

View = dict[str, Any]


def history(home: Home, at: str | None = None) -> list[View]:
    """Return every event, oldest first, up to a date or moment."""
    with home.store() as store:
        return [_event(e) for e in records.events(store, at=at or "")]


def state(home: Home, at: str) -> View:
    """Return what held on a date: decisions, aliases, datasets."""
    with home.store() as store:
        held = records.state(store, at=at)
    return {
        "at": at,
        "decisions": [
            {"id": d.id, "title": d.title, "status": d.status.value, "choice": d.choice}
            for d in held.decisions
        ],
        "models": [
            {"model": m.id, "aliases": list(m.aliases), "retired": m.retired}
            for m in held.models
        ],
        "datasets": [{"dataset": d.id, "digest": d.digest} for d in held.datasets],
    }


def search(home: Home, text: str) -> list[View]:
    """Return the records whose titles, names or reasons hold the text."""
    with home.store() as store:
        hits = records.search(store, text)
    return [
        {"kind": h.kind, "id": h.record, "title": h.record, "snippet": h.text}
        for h in hits
    ]


def _event(event: AuditEvent) -> View:
    return {
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "identity": event.identity,
        "action": event.action,
        "subject": event.subject,
        "summary": f"{event.actor}: {event.action} {event.subject}",
    }

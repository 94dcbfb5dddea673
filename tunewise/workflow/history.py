"""What happened, when and by whom; what held on a date; where a word stands."""

import re
from pathlib import Path
from typing import Any

from tracker import audit, decisions, references
from tracker import history as records
from tracker.backup import backup as copy_to
from tracker.backup import restore as copy_from
from tracker.decision_row import DecisionRow
from tracker.store import Store
from tunewise.domain.errors import NotRecorded
from tunewise.domain.model import AuditEvent
from tunewise.workflow.home import Home

View = dict[str, Any]

# as a report's JSON and its Markdown print it
_HEAD = re.compile(r"audit[_ ]head\W+(sha256:[0-9a-f]{64})", re.IGNORECASE)


def history(home: Home, at: str | None = None) -> list[View]:
    """Return every event, oldest first, up to a date or moment."""
    with home.store() as store:
        found = records.events(store, at=at or "")
        later = {d.id: d for d in decisions.list_all(store) if d.decided_at}
    return [_event(event, later.get(event.subject)) for event in found]


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


def search(home: Home, text: str) -> list[View]:
    """Return the records whose titles, names or reasons hold the text."""
    with home.store() as store:
        hits = records.search(store, text)
    return [
        {"kind": h.kind, "id": h.record, "title": h.record, "snippet": h.text}
        for h in hits
    ]


def verify(home: Home, report: Path | None = None) -> View:
    """Return whether the log, the records and the blobs are what was written.

    With a report: whether the head that it prints belongs to today's chain.
    """
    with home.store() as store:
        problems = [*audit.verify(store), *references.verify(store)]
        head = audit.head(store)
        if report is not None:
            problems += _of_report(store, report)
    return {
        "ok": not problems,
        "head": head,
        "problems": [
            {"kind": p.kind, "record": p.record, "message": p.message} for p in problems
        ],
    }


def backup(home: Home, folder: Path) -> View:
    """Copy the records into a new folder while others go on writing."""
    with home.store() as store:
        made = copy_to(store, folder, at=home.now())
    return {
        "folder": str(folder),
        "head": made.head,
        "blobs": len(made.blobs),
        "missing": list(made.missing),
    }


def restore(home: Home, folder: Path) -> View:
    """Check a backup and copy it into a home without records."""
    made = copy_from(folder, home.path)
    return {"home": str(home.path), "head": made.head, "blobs": len(made.blobs)}


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
    }


def _event(event: AuditEvent, later: DecisionRow | None) -> View:
    """Return a log entry; ``later`` is its decision where that was made earlier."""
    made = event.action in ("decision.proposed", "decision.accepted")
    mark, decided_at = "", None
    if later and made:
        decided_at = later.decided_at
        mark = f" (recorded later: decided {decided_at}, source {later.source})"
    return {
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "identity": event.identity,
        "action": event.action,
        "subject": event.subject,
        "summary": f"{event.actor}: {event.action} {event.subject}{mark}",
        "decided_at": decided_at,
    }


def _of_report(store: Store, report: Path) -> list[audit.Problem]:
    """Compare the audit head that a report carries with today's chain."""
    try:
        text = report.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise NotRecorded(f"{report}: cannot be read ({error.strerror})") from None
    heads = dict.fromkeys(_HEAD.findall(text))
    messages = [
        f"the head {head} is not in this home's chain"
        for head in heads
        if not audit.is_ancestor(store, head)
    ]
    if not heads:
        messages = ["the report carries no audit head"]
    return [audit.Problem("report", report.name, message) for message in messages]

"""What happened to the records of a lineage, and who did what, from the audit log."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tracker import audit, models
from tracker.store import Store
from tunewise.domain.model import AuditEvent
from tunewise.workflow.event_words import sentence

View = dict[str, Any]

# What the acts of people are called; the others are steps of the software.
_DID = {
    "dataset.registered": "registered the dataset",
    "experiment.created": "ran the experiment",
    "decision.proposed": "proposed the decision",
    "decision.accepted": "accepted it",
    "decision.described": "described the decision",
    "decision.risk-assigned": "said what controls a risk",
    "decision.reviewed": "reviewed it",
    "model.registered": "registered the model version",
    "model.deployed": "deployed it",
    "model.undeployed": "ended a deployment",
    "model.described": "described it",
    "model.retired": "retired it",
    "model.drift-checked": "checked it for drift",
    "model.texts-removed": "took the words of a drift check away",
    "decision.superseded": "superseded the decision",
}


def events_of(store: Store, model: str, subjects: Iterable[str]) -> list[AuditEvent]:
    """Return the log of a lineage's records in order.

    An alias that left this version was logged with the one it went to: that too.
    """
    found = {
        event.seq: event
        for subject in {model, *subjects} - {""}
        for event in audit.events(store, subject=subject)
    }
    for row in models.versions(store, model.partition("@")[0]):
        if any(e.body.get("moved_from") == model for e in row.events):
            for event in audit.events(store, subject=row.id, action="model.aliased"):
                if event.payload.get("moved_from") == model:
                    found[event.seq] = event
    return [found[seq] for seq in sorted(found)]


def event_view(event: AuditEvent, earlier: Mapping[str, str]) -> View:
    """Return one event, with what it says and the reason that was given.

    ``earlier`` is the day of each decision that was recorded later than it was made.
    """
    payload = event.payload
    return {
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "identity": event.identity,
        "action": event.action,
        "subject": event.subject,
        "summary": sentence(event) + _made_earlier(event, earlier),
        "because": str(payload.get("because") or payload.get("justification") or ""),
    }


def people_of(
    events: Sequence[AuditEvent],
    signatures: Iterable[View],
    earlier: Mapping[str, str],
) -> list[View]:
    """Return who did what, oldest first; the same act by the same person once."""
    people = [
        _person(event, did + _made_earlier(event, earlier))
        for event in events
        if (did := _DID.get(event.action) or _moved(event))
    ]
    people += [
        {
            "name": s["by"],
            "did": f"{'dissented' if s['dissent'] else 'signed it'} as {s['role']}",
            "at": s.get("at", ""),
            "identity": s.get("identity", "stated"),
        }
        for s in signatures
    ]
    once: dict[tuple[str, str], View] = {}
    for person in sorted(people, key=lambda p: str(p["at"])):
        once.setdefault((person["name"], person["did"]), person)
    return list(once.values())


def _person(event: AuditEvent, did: str) -> View:
    return {
        "name": event.actor,
        "did": did,
        "at": event.at,
        "identity": event.identity,
    }


def _made_earlier(event: AuditEvent, earlier: Mapping[str, str]) -> str:
    """Return the mark of a decision that was recorded later than it was made."""
    made = event.action in ("decision.proposed", "decision.accepted")
    if not made or event.subject not in earlier:
        return ""
    return f" (recorded later: decided {earlier[event.subject]})"


def _moved(event: AuditEvent) -> str:
    """Return the move of an alias in words; registering moves the candidate."""
    alias = event.payload.get("alias")
    if event.action == "model.aliased" and alias != "candidate":
        return f"moved the alias {alias} to {event.subject}"
    if event.action == "model.unaliased":
        return f"took the alias {alias} away"
    return ""

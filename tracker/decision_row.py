"""How a decision stands: the record as it was written, and what its events add."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.records import Raw, RecordEvent
from tunewise.domain.decision import Actor, Signature, Status


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision as it stands: what was written, and what its events make of it."""

    id: str
    status: Status
    title: str
    recommended: str
    body: Mapping[str, Any]
    blobs: tuple[str, ...]
    by: Actor
    at: str
    choice: str = ""
    justification: str = ""
    conditions: tuple[str, ...] = ()
    conditions_met: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    experiments: tuple[str, ...] = ()
    model: str = ""
    supersedes: str = ""
    superseded_by: str = ""
    review_on: str = ""
    accepted_by: Actor | None = None
    accepted_at: str = ""
    closed_because: str = ""
    events: tuple[RecordEvent, ...] = ()


def derive(raw: Raw) -> DecisionRow:
    """Return where a decision stands, from its record and its events in order."""
    row = raw.row
    by_action: dict[str, list[RecordEvent]] = {}
    for event in raw.events:
        by_action.setdefault(event.action, []).append(event)

    def said(action: str, key: str) -> tuple[Any, ...]:
        return tuple(event.body[key] for event in by_action.get(action, ()))

    accepted = next(iter(by_action.get("accepted", ())), None)
    accepted_body = accepted.body if accepted else {}
    statuses = [e.action for e in raw.events if e.action in set(Status)]
    closed = (*said("rejected", "because"), *said("withdrawn", "because"))
    return DecisionRow(
        id=row["id"],
        status=Status(statuses[-1]) if statuses else Status.PROPOSED,
        title=row["title"],
        recommended=row["recommended"],
        body=row["body"],
        blobs=row["blobs"],
        by=raw.by,
        at=row["at"],
        choice=accepted_body.get("choice", ""),
        justification=accepted_body.get("justification", ""),
        conditions=tuple(accepted_body.get("conditions", ())),
        conditions_met=said("condition-met", "condition"),
        signatures=tuple(
            Signature(e.by, e.body["role"], e.at, e.body["comment"])
            for e in by_action.get("signed", ())
        ),
        experiments=said("experiment-attached", "experiment"),
        model=next(iter(reversed(said("model-attached", "model"))), ""),
        supersedes=row["supersedes"] or "",
        superseded_by="".join(said("superseded", "superseded_by")),
        review_on=accepted_body.get("review_on") or row["review_on"] or "",
        accepted_by=accepted.by if accepted else None,
        accepted_at=accepted.at if accepted else "",
        closed_because="".join(closed),
        events=raw.events,
    )

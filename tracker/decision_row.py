"""How a decision stands: the record as it was written, and what its events add."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tracker import canonical
from tracker.records import Raw, RecordEvent
from tunewise.domain.decision import Actor, Status
from tunewise.domain.description import Said
from tunewise.domain.record import Closing, Condition, Review, RiskControl, Signature

SIGNED = "signed"
REVIEWED = "reviewed"
DESCRIBED = "described"
RISK_ASSIGNED = "risk-assigned"


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
    conditions: tuple[Condition, ...] = ()
    signatures: tuple[Signature, ...] = ()
    reviews: tuple[Review, ...] = ()  # oldest first
    experiments: tuple[str, ...] = ()
    model: str = ""
    supersedes: str = ""
    superseded_by: str = ""
    review_on: str = ""
    accepted_by: Actor | None = None
    accepted_at: str = ""
    decided_at: str = ""  # ISO date, where it was recorded later than decided
    source: str = ""  # what shows that it was decided then
    closed_because: str = ""
    description: Mapping[str, Said] = field(default_factory=dict)  # as it stands
    risk_controls: Mapping[str, RiskControl] = field(default_factory=dict)
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
    later = row["body"].get("retrospective") or {}
    statuses = [e.action for e in raw.events if e.action in set(Status)]
    reviews = tuple(_review(event) for event in by_action.get(REVIEWED, ()))
    controls = (_risk_control(event) for event in by_action.get(RISK_ASSIGNED, ()))
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
        conditions=_conditions(accepted_body.get("conditions", ()), raw.events),
        signatures=_signatures(raw.events),
        reviews=reviews,
        experiments=said("experiment-attached", "experiment"),
        model=next(iter(reversed(said("model-attached", "model"))), ""),
        supersedes=row["supersedes"] or "",
        superseded_by="".join(said("superseded", "superseded_by")),
        review_on=_due(
            accepted_body.get("review_on") or row["review_on"] or "", reviews
        ),
        accepted_by=accepted.by if accepted else None,
        accepted_at=accepted.at if accepted else "",
        decided_at=accepted_body.get("decided_at") or later.get("decided_at", ""),
        source=later.get("source", ""),
        closed_because="".join(closed),
        description=_description(said(DESCRIBED, "fields")),
        risk_controls={control.id: control for control in controls},
        events=raw.events,
    )


def state_digest(raw: Raw) -> str:
    """Return the digest of all that is on record about a decision but its signatures.

    It is what a person sees who signs: the record as proposed, and every later event
    with its actor and time.
    """
    events = [
        {"action": e.action, "at": e.at, "by": asdict(e.by), "body": e.body}
        for e in raw.events
        if e.action != SIGNED
    ]
    return canonical.row_digest({**raw.row, "events": events})


def _conditions(
    texts: Sequence[str], events: Sequence[RecordEvent]
) -> tuple[Condition, ...]:
    """Return the conditions of an acceptance with who sees to them, and their end."""
    owners: dict[int, Mapping[str, Any]] = {}
    closings: dict[int, Closing] = {}
    for event in events:
        if event.action == "condition-assigned":
            owners[event.body["n"]] = event.body
        elif event.action == "condition-closed":
            closings[event.body["n"]] = _closing(event)
        elif event.action == "condition-met":  # as older software wrote it
            closings[texts.index(event.body["condition"]) + 1] = _closing(event)
    return tuple(
        Condition(
            n,
            text,
            owner=owners.get(n, {}).get("owner", ""),
            due=owners.get(n, {}).get("due", ""),
            closed=closings.get(n),
        )
        for n, text in enumerate(texts, start=1)
    )


def _closing(event: RecordEvent) -> Closing:
    return Closing(
        evidence=event.body.get("evidence", ""),
        because=event.body["because"],
        by=event.by.name,
        identity=event.by.identity,
        at=event.at,
        digest=event.body.get("digest", ""),
        checked=event.body.get("checked", ""),
    )


def _review(event: RecordEvent) -> Review:
    return Review(
        realised=event.body["realised"],
        because=event.body["because"],
        by=event.by.name,
        identity=event.by.identity,
        at=event.at,
        review_on=event.body["review_on"],
    )


def _description(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Said]:
    """Return what stands: the newest word on each field, unless that took it back."""
    newest = {name: said for fields in events for name, said in fields.items()}
    return {
        name: said if isinstance(said, str) else tuple(said)
        for name, said in newest.items()
        if said
    }


def _risk_control(event: RecordEvent) -> RiskControl:
    said = {**event.body, "options": tuple(event.body["options"])}
    return RiskControl(
        **said, by=event.by.name, identity=event.by.identity, at=event.at
    )


def _due(day: str, reviews: Sequence[Review]) -> str:
    """Return when the next review is due; one that was made on its day or later met it.

    A review that comes early and names no other day leaves the day as it is.
    """
    for review in reviews:
        if review.review_on or review.at[:10] >= day:
            day = review.review_on
    return day


def _signatures(events: Sequence[RecordEvent]) -> tuple[Signature, ...]:
    return tuple(
        Signature(
            by=event.by,
            role=event.body["role"],
            at=event.at,
            comment=event.body["comment"],
            dissent=event.body.get("dissent", False),
            seen=event.body.get("seen", ""),
            since=tuple(e.action for e in events[index:] if e.action != SIGNED),
        )
        for index, event in enumerate(events, start=1)
        if event.action == SIGNED
    )

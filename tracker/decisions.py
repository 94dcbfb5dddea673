"""Decisions: the body never changes; what people do about it are events.

    propose --> proposed --accept--> accepted --+
                   |------reject---> rejected --+--supersede--> superseded
                   '-----withdraw--> withdrawn -+

The verdict is in the body, the choice in the event ``accepted``: never merged. The
body is any JSON document; the workflow turns domain values into one and back.
"""

from collections.abc import Mapping, Sequence

from tracker import records
from tracker.change import Change
from tracker.decision_row import DecisionRow, derive
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.decision import Actor, Status
from tunewise.domain.errors import StatusError

_OPEN = (Status.PROPOSED, Status.ACCEPTED)


def propose(
    store: Store,
    id: str,
    *,
    title: str,
    recommended: str,
    body: Mapping[str, object],
    actor: Actor,
    at: str,
    supersedes: str = "",
    review_on: str = "",
    blobs: Sequence[str] = (),
) -> DecisionRow:
    """Record a decision as proposed.

    ``supersedes`` names the decision that this one shall replace; that one keeps
    its status until :func:`supersede`. ``blobs`` are the texts that decided.
    """
    with store.writing(actor, at) as change:
        records.require_new(store, DECISION, id)
        if supersedes:
            _require(store, supersedes, "be superseded", _ALL_BUT_SUPERSEDED)
        row = {
            "id": id,
            "title": title,
            "recommended": recommended,
            "supersedes": supersedes or None,
            "review_on": review_on or None,
        }
        records.insert(
            change,
            DECISION,
            row,
            action="proposed",
            body=body,
            blobs=blobs,
            text=[title],
        )
        return get(store, id)


def accept(
    store: Store,
    id: str,
    *,
    choice: str,
    actor: Actor,
    at: str,
    justification: str = "",
    conditions: Sequence[str] = (),
    review_on: str = "",
) -> DecisionRow:
    """Record a person's choice; one that differs from the verdict needs a reason."""
    with store.writing(actor, at) as change:
        found = _require(store, id, "be accepted", (Status.PROPOSED,))
        if choice != found.recommended and not justification.strip():
            raise StatusError(
                f"decision {id}: the choice {choice!r} differs from the verdict "
                f"{found.recommended!r}\n"
                "  Say why: --because 'the reason that a reader will look for'."
            )
        body = {
            "choice": choice,
            "justification": justification,
            "conditions": [*conditions],
            "review_on": review_on,
        }
        _happen(change, id, "accepted", body)
        return get(store, id)


def reject(
    store: Store, id: str, *, because: str, actor: Actor, at: str
) -> DecisionRow:
    """Record that a proposed decision was turned down."""
    return _close(store, id, action="rejected", because=because, actor=actor, at=at)


def withdraw(
    store: Store, id: str, *, because: str, actor: Actor, at: str
) -> DecisionRow:
    """Record that a proposed decision was taken back."""
    return _close(store, id, action="withdrawn", because=because, actor=actor, at=at)


def sign(
    store: Store, id: str, *, role: str, actor: Actor, at: str, comment: str = ""
) -> DecisionRow:
    """Record a named person's mark on a decision, once in each role."""
    with store.writing(actor, at) as change:
        found = _require(store, id, "be signed", _OPEN)
        if any(s.by.name == actor.name and s.role == role for s in found.signatures):
            raise StatusError(
                f"decision {id}: {actor.name} has signed it as {role!r} already\n"
                "  One signature in each role is enough; sign in another role."
            )
        _happen(change, id, "signed", {"role": role, "comment": comment})
        return get(store, id)


def meet_condition(
    store: Store, id: str, *, condition: str, actor: Actor, at: str, because: str = ""
) -> DecisionRow:
    """Record that a condition of an accepted decision has been met."""
    with store.writing(actor, at) as change:
        found = _require(store, id, "have a condition met", (Status.ACCEPTED,))
        if condition not in found.conditions:
            known = "; ".join(found.conditions) or "none"
            raise StatusError(
                f"decision {id}: it has no condition {condition!r}\n"
                f"  Its conditions: {known}."
            )
        body = {"condition": condition, "because": because}
        _happen(change, id, "condition-met", body)
        return get(store, id)


def attach_experiment(
    store: Store, id: str, *, experiment: str, actor: Actor, at: str
) -> DecisionRow:
    """Tie an experiment to the decision that it is evidence for."""
    return _attach(store, id, "experiment", experiment, actor=actor, at=at)


def attach_model(
    store: Store, id: str, *, model: str, actor: Actor, at: str
) -> DecisionRow:
    """Tie the model version to the decision that it puts into practice."""
    return _attach(store, id, "model", model, actor=actor, at=at)


def supersede(
    store: Store, id: str, *, by: str, actor: Actor, at: str, because: str = ""
) -> DecisionRow:
    """Record that the decision ``by`` replaces this one."""
    with store.writing(actor, at) as change:
        successor = get(store, by)
        _require(store, id, "be superseded", _ALL_BUT_SUPERSEDED)
        if by == id or successor.supersedes != id:
            raise StatusError(
                f"decision {id}: {by} was not proposed to supersede it\n"
                f"  Propose the successor first: tunewise decision supersede {id} "
                "FACTS."
            )
        _happen(change, id, "superseded", {"superseded_by": by, "because": because})
        return get(store, id)


def get(store: Store, id: str, *, as_of: str = "") -> DecisionRow:
    """Return a decision as it stands, or as it stood."""
    return derive(records.one(store, DECISION, id, as_of=as_of))


def list_all(
    store: Store,
    *,
    status: str = "",
    experiment: str = "",
    model: str = "",
    as_of: str = "",
) -> list[DecisionRow]:
    """Return decisions in the order they were proposed, perhaps only some."""
    found = [derive(raw) for raw in records.read(store, DECISION, as_of=as_of)]
    return [
        row
        for row in found
        if status in ("", row.status)
        and (not experiment or experiment in row.experiments)
        and model in ("", row.model)
    ]


_ALL_BUT_SUPERSEDED = tuple(s for s in Status if s is not Status.SUPERSEDED)
_ADVICE = {
    Status.PROPOSED: "accept it first: tunewise decision accept {id}",
    Status.ACCEPTED: (
        "an accepted decision is only replaced: tunewise decision supersede {id} FACTS"
    ),
    Status.REJECTED: "propose a new decision: tunewise decision supersede {id} FACTS",
    Status.WITHDRAWN: "propose a new decision: tunewise decision supersede {id} FACTS",
    Status.SUPERSEDED: "work on its successor {successor}",
}


def _require(
    store: Store, id: str, step: str, allowed: Sequence[Status]
) -> DecisionRow:
    found = get(store, id)
    if found.status not in allowed:
        advice = _ADVICE[found.status].format(id=id, successor=found.superseded_by)
        raise StatusError(
            f"decision {id} is {found.status} and cannot {step}\n"
            f"  {advice[0].upper()}{advice[1:]}."
        )
    return found


def _happen(change: Change, id: str, action: str, body: Mapping[str, object]) -> None:
    records.add_event(change, DECISION, id, action=action, body=body)


def _close(
    store: Store, id: str, *, action: str, because: str, actor: Actor, at: str
) -> DecisionRow:
    with store.writing(actor, at) as change:
        _require(store, id, f"be {action}", (Status.PROPOSED,))
        _happen(change, id, action, {"because": because})
        return get(store, id)


def _attach(
    store: Store, id: str, what: str, ref: str, *, actor: Actor, at: str
) -> DecisionRow:
    with store.writing(actor, at) as change:
        found = _require(store, id, f"be given the {what} {ref}", _OPEN)
        if ref not in (*found.experiments, found.model):
            _happen(change, id, f"{what}-attached", {what: ref})
        return get(store, id)

"""Conditions of an accepted decision: who sees to them, and what closed them."""

from collections.abc import Sequence

from tracker import decisions, records
from tracker.decision_row import DecisionRow
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.decision import Actor, Status
from tunewise.domain.errors import StatusError
from tunewise.domain.record import Condition


def assign(
    store: Store,
    id: str,
    n: int,
    *,
    actor: Actor,
    at: str,
    owner: str = "",
    due: str = "",
) -> DecisionRow:
    """Record who sees to condition ``n`` and by when; what is left out stays."""
    with store.writing(actor, at) as change:
        found = _open_condition(store, id, n)
        body = {"n": n, "owner": owner or found.owner, "due": due or found.due}
        if (body["owner"], body["due"]) == (found.owner, found.due):
            raise StatusError(
                f"decision {id}: condition {n}: that is what the record says already\n"
                f"  `tunewise decision show {id}` prints it."
            )
        records.add_event(change, DECISION, id, action="condition-assigned", body=body)
        return decisions.get(store, id)


def close(
    store: Store,
    id: str,
    n: int,
    *,
    evidence: str,
    because: str,
    actor: Actor,
    at: str,
    digest: str = "",
    checked: str = "",
    blobs: Sequence[str] = (),
) -> DecisionRow:
    """Record that condition ``n`` was met, and the evidence that shows it.

    ``digest`` is that of a document which is kept as one of ``blobs``, ``checked`` what
    was looked at.
    """
    with store.writing(actor, at) as change:
        _open_condition(store, id, n)
        body = {
            "n": n,
            "evidence": evidence,
            "because": because,
            "digest": digest,
            "checked": checked,
        }
        records.add_event(
            change, DECISION, id, action="condition-closed", body=body, blobs=blobs
        )
        return decisions.get(store, id)


def _open_condition(store: Store, id: str, n: int) -> Condition:
    found = decisions.require(
        store, id, "have its conditions changed", (Status.ACCEPTED,)
    )
    by_number = {condition.n: condition for condition in found.conditions}
    if n not in by_number:
        known = "; ".join(f"{c.n} {c.text!r}" for c in found.conditions)
        advice = f"Its conditions: {known}" if known else "It was accepted without any"
        raise StatusError(f"decision {id} has no condition {n}\n  {advice}.")
    closing = by_number[n].closed
    if closing:
        raise StatusError(
            f"decision {id}: condition {n} was closed already, by {closing.by} at "
            f"{closing.at}\n  The reason given: {closing.because}"
        )
    return by_number[n]

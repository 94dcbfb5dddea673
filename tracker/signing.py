"""Signatures on decisions: by a named person, in a role, on what was on record then.

A signature is an agreement or a dissent. Whoever changes their mind, or signs again
after the decision has changed, leaves another one beside it; both stay.
"""

from tracker import decisions, records
from tracker.decision_row import SIGNED, DecisionRow
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError


def sign(
    store: Store,
    id: str,
    *,
    role: str,
    actor: Actor,
    at: str,
    comment: str = "",
    dissent: bool = False,
    seen: str = "",
) -> DecisionRow:
    """Record a named person's mark on a decision as it is now on record.

    ``seen`` is the state digest that the person has before them; the signature is
    refused where the decision has changed since. A dissent needs a comment.
    """
    with store.writing(actor, at) as change:
        found = decisions.require(store, id, "be signed", decisions.OPEN)
        if dissent and not comment.strip():
            raise StatusError(
                f"decision {id}: a dissent says why\n"
                "  Add --comment 'what stands against it'."
            )
        state = decisions.state_digest(store, id)
        if seen and seen != state:
            raise StatusError(
                f"decision {id}: what was seen, {seen}, is not what is on record now\n"
                f"  Read it again ('tunewise decision show {id}'), then sign "
                f"{state}."
            )
        _refuse_again(found, actor, role, dissent=dissent)
        body = {
            "role": role,
            "comment": comment,
            "dissent": dissent,
            "seen": state,
        }
        records.add_event(change, DECISION, id, action=SIGNED, body=body)
        return decisions.get(store, id)


def _refuse_again(
    found: DecisionRow, actor: Actor, role: str, *, dissent: bool
) -> None:
    own = [s for s in found.signatures if s.by.name == actor.name and s.role == role]
    if own and not own[-1].since and own[-1].dissent == dissent:
        raise StatusError(
            f"decision {found.id}: {actor.name} has signed it as {role!r} already\n"
            "  One signature in each role is enough; sign in another role."
        )

"""Decisions: the body never changes; what people do about it are events.

    propose --> proposed --accept--> accepted --successor accepted--> superseded
                   |------reject---> rejected
                   '-----withdraw--> withdrawn

An accepted decision stays in force until its successor is accepted. A proposed one is
a draft: its successor takes its place as soon as it is proposed. One that was
rejected or withdrawn stays that, whatever follows it.

The verdict is in the body, the choice in the event ``accepted``: never merged. The
body is any JSON document; the workflow turns domain values into one and back. How it
is signed is in ``signing``, what becomes of its conditions in ``conditions``, which
decision follows which in ``succession``.
"""

import json
from collections.abc import Collection, Mapping, Sequence

from tracker import decision_row, moments, records
from tracker.change import Change
from tracker.decision_row import DecisionRow, derive
from tracker.schema import DECISION
from tracker.store import Store
from tracker.succession import with_followers
from tunewise.domain.decision import Actor, Status
from tunewise.domain.errors import StatusError

OPEN = (Status.PROPOSED, Status.ACCEPTED)


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

    ``supersedes`` names the decision that this one shall replace: at once where it is
    proposed, and when this one is accepted where it was. ``blobs`` are the texts that
    decided.
    """
    with store.writing(actor, at) as change:
        records.require_new(store, DECISION, id)
        older = require_replaceable(store, supersedes) if supersedes else None
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
        )
        if older and older.status is Status.PROPOSED:
            _supersede(change, older.id, by=id)
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
    decided_at: str = "",
) -> DecisionRow:
    """Record a person's choice, and supersede the decision that it replaces.

    A choice that differs from the verdict needs a reason. ``decided_at`` is for a
    decision that was recorded later than it was made.
    """
    with store.writing(actor, at) as change:
        found = require(store, id, "be accepted", (Status.PROPOSED,))
        if choice != found.recommended and not justification.strip():
            raise StatusError(
                f"decision {id}: the choice {choice!r} differs from the verdict "
                f"{found.recommended!r}\n"
                "  Say why: --because 'the reason that a reader will look for'."
            )
        if decided_at and not found.decided_at:
            raise StatusError(
                f"decision {id}: decided-at: it was not recorded as decided earlier\n"
                "  Leave it out, or propose it anew with --retrospective, --decided-at "
                "and --source."
            )
        if decided_at and decided_at < found.decided_at:
            raise StatusError(
                f"decision {id}: decided-at: it cannot be accepted on {decided_at}, "
                f"before it was made on {found.decided_at}\n"
                "  Name the day on which it was accepted, or leave it out."
            )
        replaced = _replaced(store, found)
        if replaced:
            _require_later(found, replaced, decided_at or found.decided_at or at)
        body = {
            "choice": choice,
            "justification": justification,
            "conditions": [*conditions],
            "review_on": review_on,
            **({"decided_at": decided_at} if decided_at else {}),
        }
        _happen(change, id, "accepted", body)
        if replaced:
            _supersede(change, replaced.id, by=id)
        return get(store, id)


def _require_later(found: DecisionRow, replaced: DecisionRow, made: str) -> None:
    """Refuse a decision that was made before the one that it supersedes."""
    before = replaced.decided_at or replaced.accepted_at
    if moments.until(made) < moments.parse(before):
        raise StatusError(
            f"decision {found.id} was made on {made[:10]}, before {replaced.id}, which "
            f"it supersedes ({before[:10]})\n"
            "  Withdraw it, and propose it with the right --decided-at."
        )


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


def get(store: Store, id: str, *, as_of: str = "") -> DecisionRow:
    """Return a decision as it stands, or as it stood."""
    return derive(records.one(store, DECISION, id, as_of=as_of))


def state_digest(store: Store, id: str) -> str:
    """Return the digest of what a person sees who signs a decision now."""
    return decision_row.state_digest(records.one(store, DECISION, id))


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


def on_experiment(store: Store, experiment: str) -> list[str]:
    """Return the ids of the decisions that rest on an experiment, as proposed."""
    return attached_to(store, [experiment])


def attached_to(store: Store, references: Collection[str]) -> list[str]:
    """Return the ids of the decisions with one of these experiments or versions."""
    attached = store.rows(
        f"SELECT DISTINCT d.rowid, d.id FROM {DECISION.events} e"
        f" JOIN {DECISION.table} d ON d.id = e.record"
        " WHERE e.action IN ('experiment-attached', 'model-attached')"
        " AND CASE WHEN json_valid(e.body) THEN coalesce("
        "json_extract(e.body, '$.experiment'), json_extract(e.body, '$.model'))"
        " END IN (SELECT value FROM json_each(?)) ORDER BY d.rowid",
        [json.dumps(sorted(references))],
    )
    return [row["id"] for row in attached]


def require_replaceable(store: Store, id: str) -> DecisionRow:
    """Return a decision that a new one may supersede; refuse any other.

    One successor at a time: where another draft is proposed for the decision in
    force, or a decision that was turned down has been followed up, that goes on.
    """
    found = root = require(store, id, "be superseded", _ALL_BUT_SUPERSEDED)
    while root.supersedes and not root.accepted_by:
        root = get(store, root.supersedes)
    taken = (Status.PROPOSED,) if root.accepted_by else OPEN
    for other in with_followers(store, root.id):
        if other.id == id or other.id == root.id or other.status not in taken:
            continue
        if other.status is Status.ACCEPTED:
            advice = f"Work on its successor {other.id}"
        else:
            advice = (
                f"Improve that draft: tunewise decision supersede {other.id} FACTS; or "
                f"take it back: tunewise decision withdraw {other.id} --because TEXT"
            )
        raise StatusError(
            f"decision {root.id} is to be superseded by {other.id}, which is "
            f"{other.status}\n  {advice}."
        )
    return found


def require(store: Store, id: str, step: str, allowed: Sequence[Status]) -> DecisionRow:
    """Return a decision whose status allows a step; refuse any other."""
    found = get(store, id)
    if found.status not in allowed:
        advice = _ADVICE[found.status].format(id=id, successor=found.superseded_by)
        raise StatusError(
            f"decision {id} is {found.status} and cannot {step}\n"
            f"  {advice[0].upper()}{advice[1:]}."
        )
    return found


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


def _replaced(store: Store, row: DecisionRow) -> DecisionRow | None:
    """Return the decision in force that this one, over its drafts, replaces."""
    chain: list[str] = []
    while row.supersedes:
        chain.append(row.id)
        row = get(store, row.supersedes)
        if row.status is Status.ACCEPTED:
            return row
        if row.accepted_by:
            if row.superseded_by in chain:  # older software did so when it was proposed
                return None
            raise StatusError(
                f"decision {chain[0]} cannot be accepted: {row.superseded_by} has "
                f"superseded {row.id} since\n"
                f"  Withdraw it, and propose one that replaces {row.superseded_by}."
            )
    return None


def _supersede(change: Change, id: str, *, by: str) -> None:
    _happen(change, id, "superseded", {"superseded_by": by, "because": ""})


def _happen(change: Change, id: str, action: str, body: Mapping[str, object]) -> None:
    records.add_event(change, DECISION, id, action=action, body=body)


def _close(
    store: Store, id: str, *, action: str, because: str, actor: Actor, at: str
) -> DecisionRow:
    with store.writing(actor, at) as change:
        require(store, id, f"be {action}", (Status.PROPOSED,))
        _happen(change, id, action, {"because": because})
        return get(store, id)


def _attach(
    store: Store, id: str, what: str, ref: str, *, actor: Actor, at: str
) -> DecisionRow:
    with store.writing(actor, at) as change:
        found = require(store, id, f"be given the {what} {ref}", OPEN)
        if ref not in (*found.experiments, found.model):
            _happen(change, id, f"{what}-attached", {what: ref})
        return get(store, id)

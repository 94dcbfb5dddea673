"""What people say of a decision beside its facts, and of the risks of its option."""

from collections.abc import Mapping
from dataclasses import asdict

from tracker import decisions, records
from tracker.decision_row import DESCRIBED, RISK_ASSIGNED, DecisionRow
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.description import Said
from tunewise.domain.errors import StatusError
from tunewise.domain.record import RiskControl


def describe(
    store: Store, id: str, *, fields: Mapping[str, Said], actor: Actor, at: str
) -> DecisionRow:
    """Record what is said of a decision; "" takes a field back.

    Only what differs from the record is written; nothing that does is refused.
    """
    with store.writing(actor, at) as change:
        found = decisions.require(store, id, "be described", decisions.OPEN)
        differing = {
            name: said
            for name, said in fields.items()
            if (said or None) != found.description.get(name)
        }
        if not differing:
            raise _said_already(id)
        body = {
            "fields": {
                name: said if isinstance(said, str) else list(said)
                for name, said in differing.items()
            }
        }
        records.add_event(change, DECISION, id, action=DESCRIBED, body=body)
        return decisions.get(store, id)


def assign_risk(
    store: Store, id: str, risk: RiskControl, *, actor: Actor, at: str
) -> DecisionRow:
    """Record what controls a risk and who sees to it, with the risk's own text."""
    with store.writing(actor, at) as change:
        found = decisions.require(
            store, id, "have its risks controlled", decisions.OPEN
        )
        before = found.risk_controls.get(risk.id)
        known = (before.control, before.owner) if before else ("", "")
        if known == (risk.control, risk.owner):
            raise _said_already(id)
        body = {k: v for k, v in asdict(risk).items() if k not in _FROM_EVENT}
        body["options"] = list(risk.options)
        records.add_event(change, DECISION, id, action=RISK_ASSIGNED, body=body)
        return decisions.get(store, id)


_FROM_EVENT = ("by", "identity", "at")


def _said_already(id: str) -> StatusError:
    return StatusError(
        f"decision {id}: that is what the record says already\n"
        f"  `tunewise decision show {id}` prints it."
    )

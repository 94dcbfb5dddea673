"""Reviews of an accepted decision: what it came to, as a person reports it."""

from collections.abc import Mapping

from tracker import decisions, records
from tracker.decision_row import REVIEWED, DecisionRow
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.decision import Actor, Status


def review(
    store: Store,
    id: str,
    *,
    realised: Mapping[str, float],
    because: str,
    actor: Actor,
    at: str,
    review_on: str = "",
) -> DecisionRow:
    """Record what was realised of a decision in force.

    Parameters
    ----------
    realised : score, cost and volume, as far as they are known
    review_on : ISO date of the next review; without it one that was due is met
    """
    with store.writing(actor, at) as change:
        decisions.require(store, id, "be reviewed", (Status.ACCEPTED,))
        body = {
            "realised": dict(realised),
            "because": because,
            "review_on": review_on,
        }
        records.add_event(change, DECISION, id, action=REVIEWED, body=body)
        return decisions.get(store, id)

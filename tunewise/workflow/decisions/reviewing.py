"""Reviewing a decision in force: what it came to, on record beside what it promised."""

import math

from tracker import reviews
from tunewise.domain.errors import StatusError
from tunewise.workflow.decisions.seen import require_seen
from tunewise.workflow.decisions.shown import show
from tunewise.workflow.home import Home
from tunewise.workflow.statements import day, required, still_ahead
from tunewise.workflow.views import View


def review(
    home: Home,
    id: str,
    *,
    because: str,
    score: float | None = None,
    cost: float | None = None,
    volume: float | None = None,
    review_on: str = "",
    seen: str = "",
) -> View:
    """Record what was realised of a decision, and why the figures can be believed.

    Parameters
    ----------
    score : of the task's own metric, in [0, 1]
    cost : of a month, in the currency of the promise
    volume : requests a day
    review_on : when to look again; without it a review that was due is met

    Raises
    ------
    StatusError
        If nothing is said, a figure is out of range, or the decision is not in force.
    """
    because, review_on = required("because", because), day("review-on", review_on)
    still_ahead("review-on", review_on, home.today())
    said = {"score": score, "cost": cost, "volume": volume}
    realised = {what: value for what, value in said.items() if value is not None}
    if not realised:
        raise StatusError(
            f"decision {id}: nothing was realised\n"
            "  Give what is known of --score, --cost (a month) and --volume (a day)."
        )
    for what, value in realised.items():
        highest = 1.0 if what == "score" else math.inf
        if not (0 <= value <= highest and math.isfinite(value)):
            between = "between 0 and 1" if what == "score" else "0 or more"
            raise StatusError(f"{what}: {value:g} must be {between}")
    with home.store() as store, store.writing(home.actor, home.now()):
        require_seen(store, id, seen)
        reviews.review(
            store,
            id,
            realised=realised,
            because=because,
            review_on=review_on,
            actor=home.actor,
            at=home.now(),
        )
    return show(home, id)

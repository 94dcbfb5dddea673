"""Decisions in force, for whoever answers for all of them: a row each.

What was chosen and on what evidence, where it runs and who sees to it, what a month
costs, and what is due.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tracker import decisions, models, succession
from tracker.decision_row import DecisionRow, derive
from tracker.deployment_row import Deployment
from tracker.models import ModelRow
from tracker.records import Raw
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.decision import Status
from tunewise.domain.errors import TunewiseError
from tunewise.domain.rules import RuleSet
from tunewise.workflow.decisions.costs import month_of_choice
from tunewise.workflow.decisions.due import Versions, due
from tunewise.workflow.decisions.shown import LISTED, listed, listed_row, row_view
from tunewise.workflow.decisions.strength import score_of, strength
from tunewise.workflow.home import Home
from tunewise.workflow.models.listed import every_version
from tunewise.workflow.views import View, fact_view

_NAME = "portfolio"


def portfolio(home: Home) -> list[View]:
    """Return the decisions in force, oldest first.

    Returns
    -------
    list of dict
        A row of the list of decisions, and: ``score`` of the choice with its interval
        (None: no score is a fact of it), ``evidence`` (how strong that is, in words),
        ``owner`` (whom its description names, else who accepted it),
        ``accepted_by``, the ``products`` it runs in, ``monthly_cost``,
        ``end_of_life`` of its base model, ``open_conditions`` (how many), and
        ``attention``: why it must be looked at again, a sentence each.
    """
    with home.store() as store:
        pending = succession.successors(listed(home, store))
        rows = in_force(home, store)
    now = home.now()
    return [_now(row, pending.get(row.view["id"]), now) for row in rows]


@dataclass(frozen=True, slots=True)
class RowInForce:
    """A row as it is until the log, the rules or the date change it."""

    view: View
    deployments: tuple[Deployment, ...]  # which of them run is a question of the hour


def in_force(home: Home, store: Store) -> list[RowInForce]:
    """Return the decisions in force for whoever answers for them, oldest first."""
    make, stamp = _rows(home, store)
    also = partial(_touched, store)
    found = home.rows(store, _NAME, DECISION, make, stamp=stamp, also=also)
    return [row for row in found.values() if row]


def read_once(home: Home, store: Store) -> None:
    """Have a service read the decisions once for their list and for this one."""
    if home.known:
        parts = {_NAME: _rows(home, store), LISTED: (listed_row, None)}
        home.known.read_once(store, DECISION, parts)


def _rows(
    home: Home, store: Store
) -> tuple[Callable[[Raw], RowInForce | None], object]:
    """Return how a row is made, and what it is made of beside the records."""
    rules, today = _rules(home), home.today()
    in_service: list[Versions] = []

    def make(raw: Raw) -> RowInForce | None:
        row = derive(raw)
        if row.status is not Status.ACCEPTED:
            return None
        if not in_service:  # read once for all, and only where a row is made
            in_service.append(Versions(every_version(home, store)))
        mine = in_service[0].of(row)
        view = {**row_view(row, None), **_more(store, row, mine, rules, today=today)}
        return RowInForce(view, tuple(d for v in mine for d in v.deployments))

    return make, (rules.digest if rules else "", today)


def _touched(store: Store, subjects: set[str]) -> set[str]:
    """Return the decisions whose rows change with what happened to these records.

    A version counts for the decision that it follows, an experiment for those that
    rest on it.
    """
    attached = decisions.attached_to(store, subjects)
    return subjects.union(attached, models.decisions_of(store, subjects))


def _now(row: RowInForce, pending: str | None, now: str) -> View:
    products = sorted({d.product for d in row.deployments if d.runs_at(now)})
    return {**row.view, "products": products, "to_be_superseded_by": pending}


def _more(
    store: Store,
    row: DecisionRow,
    mine: list[ModelRow],
    rules: RuleSet | None,
    *,
    today: dt.date,
) -> View:
    score = score_of(row, rules, row.choice)
    accepted_by = row.accepted_by.name if row.accepted_by else ""
    return {
        "score": fact_view(score) if score else None,
        "evidence": strength(score),
        "owner": str(row.description.get("owner") or accepted_by),
        "accepted_by": accepted_by,
        "products": [],
        "monthly_cost": month_of_choice(store, row),
        "end_of_life": _end_of_life(mine, rules),
        "open_conditions": sum(c.closed is None for c in row.conditions),
        "attention": list(due(store, row, mine, rules, today)),
    }


def _rules(home: Home) -> RuleSet | None:
    try:
        return home.rules()
    except TunewiseError:  # pages say that they cannot be read, and still stand
        return None


def _end_of_life(versions: list[ModelRow], rules: RuleSet | None) -> str:
    """Return the first day on which a vendor ends a base model, "" for none known."""
    ends = {m.id: m.end_of_life for m in rules.base_models} if rules else {}
    bases = {str(v.body["base_model"].get("id", "")) for v in versions}
    return min((end for base in bases if (end := ends.get(base, ""))), default="")

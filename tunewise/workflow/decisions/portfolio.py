"""Decisions in force, for whoever answers for all of them: a row each.

What was chosen and on what evidence, where it runs and who sees to it, what a month
costs, and what is due.
"""

import datetime as dt

from tracker import decisions as records
from tracker import models, succession
from tracker.decision_row import DecisionRow
from tracker.models import ModelRow
from tracker.store import Store
from tunewise.domain.errors import TunewiseError
from tunewise.domain.rules import RuleSet
from tunewise.workflow.decisions.costs import month_of_choice
from tunewise.workflow.decisions.due import due, follows
from tunewise.workflow.decisions.shown import row_view
from tunewise.workflow.decisions.strength import score_of, strength
from tunewise.workflow.home import Home
from tunewise.workflow.views import View, fact_view


def portfolio(home: Home) -> list[View]:
    """Return the decisions in force, oldest first.

    Returns
    -------
    list of dict
        A row of the list of decisions, and: ``score`` of the choice with its interval
        (None: no score is a fact of it), ``evidence`` (how strong that is, in words),
        ``accepted_by``, the ``products`` it runs in, ``monthly_cost``,
        ``end_of_life`` of its base model, ``open_conditions`` (how many), and
        ``attention``: why it must be looked at again, a sentence each.
    """
    today = home.today()
    with home.store() as store:
        found = records.list_all(store)
        versions = models.list_all(store)
        pending = succession.successors(found)
        rules = _rules(home)
        return [
            {
                **row_view(row, pending.get(row.id)),
                **_more(store, row, versions, rules, today=today, now=home.now()),
            }
            for row in found
            if row.status == "accepted"
        ]


def _more(
    store: Store,
    row: DecisionRow,
    versions: list[ModelRow],
    rules: RuleSet | None,
    *,
    today: dt.date,
    now: str,
) -> View:
    mine = [v for v in versions if not v.retired and follows(v, row)]
    score = score_of(row, rules, row.choice)
    return {
        "score": fact_view(score) if score else None,
        "evidence": strength(score),
        "accepted_by": row.accepted_by.name if row.accepted_by else "",
        "products": sorted(
            {d.product for v in mine for d in v.deployments if d.runs_at(now)}
        ),
        "monthly_cost": month_of_choice(store, row),
        "end_of_life": _end_of_life(mine, rules),
        "open_conditions": sum(c.closed is None for c in row.conditions),
        "attention": list(due(store, row, versions, rules, today)),
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

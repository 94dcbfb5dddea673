"""What rests on a record: the decisions that lean on it, and what a change would alter.

record, criterion, price --rests_on--> decisions, each with the way it leans on it
criterion in force       --without it--> verdicts that would then be others
"""

from tracker import decisions as records
from tracker.store import Store
from tunewise.domain.decision import Status
from tunewise.domain.errors import FactError, NotRecorded, TunewiseError
from tunewise.domain.rules import Option, RuleSet
from tunewise.engine.intake import fact_sheet
from tunewise.engine.ranking import rank
from tunewise.engine.what_if import WhatIf
from tunewise.workflow.decisions.leaning import every_leaning
from tunewise.workflow.home import Home
from tunewise.workflow.views import View

KINDS = (
    "base", "model", "dataset", "criterion", "price", "experiment", "run", "document",
    "decision",
)  # fmt: skip
MOST_ASKED = 100  # decisions in force, the newest: some milliseconds each


def rests_on(home: Home, kind: str, id: str) -> View:
    """Return the decisions that rest on a record, the newest first.

    Returns
    -------
    dict
        ``decisions`` (rows of the list, with ``why``), ``in_force`` (how many of them
        are), and ``alters`` where a criterion is asked for: ``asked`` of how many
        decisions in force were asked again without it, and those whose verdict
        would be another, with ``now`` and ``without``.
    """
    if kind not in KINDS:
        raise NotRecorded(
            f"'{kind}' is no kind of record\n  Kinds are {', '.join(KINDS)}."
        )
    with home.store() as store:
        found = [
            {**each.view, "why": each.on[kind, id]}
            for each in every_leaning(home, store)
            if (kind, id) in each.on
        ][::-1]
        held = [row for row in found if row["status"] == Status.ACCEPTED]
        alters = _without(home, store, id, held) if kind == "criterion" else None
    return {
        "kind": kind,
        "id": id,
        "decisions": found,
        "in_force": len(held),
        "alters": alters,
    }


def _without(home: Home, store: Store, criterion: str, held: list[View]) -> View:
    """Ask the newest decisions in force again, without a criterion of today's rules."""
    asked = held[:MOST_ASKED]
    try:
        rules = home.rules()
    except TunewiseError as error:
        return {"asked": 0, "of": len(held), "changed": [], "error": str(error)}
    changed = []
    for row in asked:
        pair = _asked(store, rules, row["id"], criterion)
        if pair and pair[0] is not pair[1]:
            now, without = pair
            changed.append({**row, "now": now.value, "without": without.value})
    return {"asked": len(asked), "of": len(held), "changed": changed, "error": ""}


def _asked(
    store: Store, rules: RuleSet, id: str, criterion: str
) -> tuple[Option, Option] | None:
    raw = records.get(store, id).body["facts"]
    try:
        sheet = fact_sheet(raw, rules.facts, ignore_unknown=True).sheet
    except FactError:  # today's rules do not take what was recorded
        return None
    what_if = WhatIf(rules, sheet)
    matched = [
        c for c in rules.criteria if c.id in what_if.matched and c.id != criterion
    ]
    left = rank(matched, sheet, rules.facts)
    return what_if.today.recommended, left.recommended

"""Which accepted decisions must be looked at again, and why."""

import datetime as dt
from collections.abc import Iterator

from tracker import decisions as records
from tracker.decision_row import DecisionRow
from tunewise.domain.errors import FactError
from tunewise.domain.record import Condition
from tunewise.domain.rules import RuleSet
from tunewise.engine.verdict import advise
from tunewise.workflow.facts import sheet_of
from tunewise.workflow.home import Home
from tunewise.workflow.views import View


def check(home: Home) -> View:
    """Return what is due: reviews, conditions, verdicts that changed since."""
    rules, today = home.rules(), home.today()
    with home.store() as store:
        rows = records.list_all(store, status="accepted")
    problems = [
        {"decision": row.id, "message": message}
        for row in rows
        for message in _messages(row, rules, today)
    ]
    return {"ok": not problems, "decisions": len(rows), "problems": problems}


def _messages(row: DecisionRow, rules: RuleSet, today: dt.date) -> Iterator[str]:
    if row.review_on and row.review_on <= today.isoformat():
        yield f"review was due on {row.review_on}"
    for condition in row.conditions:
        if condition.closed is None:
            yield from _open_condition(condition, today)
    if changed := _changed(row, rules, today):
        yield changed


def _open_condition(condition: Condition, today: dt.date) -> Iterator[str]:
    named = f"condition {condition.n} ({condition.text})"
    lacks = [what for what in ("owner", "due") if not getattr(condition, what)]
    if lacks:
        words = " and no ".join({"owner": "owner", "due": "due date"}[w] for w in lacks)
        yield f"{named} has no {words}"
    if condition.due and condition.due < today.isoformat():
        owner = f", {condition.owner} sees to it" if condition.owner else ""
        yield f"{named} was due on {condition.due}{owner}"


def _changed(row: DecisionRow, rules: RuleSet, today: dt.date) -> str:
    """Return how today's rule set differs from a record, "" where it does not."""
    try:
        sheet = sheet_of(row.body["facts"], rules)
    except FactError as error:
        what = str(error).splitlines()[0]
        return f"today's rule set does not take its facts: {what}"
    now = advise(rules, sheet, today=today, engine="reference").recommended
    if now.value == row.recommended:
        return ""
    return f"today's rule set says {now.value}, the record says {row.recommended}"

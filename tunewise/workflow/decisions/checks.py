"""Which accepted decisions must be looked at again, and why."""

import datetime as dt
from collections.abc import Iterator

from tracker import decisions as records
from tracker import models
from tracker.decision_row import DecisionRow
from tunewise.domain.errors import FactError
from tunewise.domain.rules import RuleSet
from tunewise.engine.verdict import advise
from tunewise.workflow.decisions.due import Versions, due
from tunewise.workflow.facts import sheet_of
from tunewise.workflow.home import Home
from tunewise.workflow.views import View


def check(home: Home) -> View:
    """Return what is due, and every verdict that changed since."""
    rules, today = home.rules(), home.today()
    with home.store() as store:
        rows = records.list_all(store, status="accepted")
        versions = Versions(models.list_all(store))
        flags = {
            row.id: [*due(store, row, versions.of(row), rules, today)] for row in rows
        }
    problems = [
        {"decision": row.id, "message": message}
        for row in rows
        for message in (*flags[row.id], *_changed(row, rules, today))
    ]
    return {"ok": not problems, "decisions": len(rows), "problems": problems}


def _changed(row: DecisionRow, rules: RuleSet, today: dt.date) -> Iterator[str]:
    """Yield how today's rule set differs from a record, if it does."""
    try:
        sheet = sheet_of(row.body["facts"], rules)
    except FactError as error:
        what = str(error).splitlines()[0]
        yield f"today's rule set does not take its facts: {what}"
        return
    now = advise(rules, sheet, today=today, engine="reference").recommended
    if now.value != row.recommended:
        yield f"today's rule set says {now.value}, the record says {row.recommended}"

"""What needs attention: the first page of the web application."""

from typing import Any

from tunewise.workflow import decisions
from tunewise.workflow.decisions.portfolio import in_force, read_once
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.home import Home
from tunewise.workflow.jobs import views as jobs
from tunewise.workflow.models import versions as models

View = dict[str, Any]

NEWEST = 20  # decisions of the page, flags, and open jobs


def attention(home: Home) -> View:
    """Return open decisions, what is due, and the newest experiments and models.

    Of decisions, flags and open jobs the newest; the keys with ``_total`` count all.

    ``due`` says of accepted decisions why each must be looked at again: the same
    flags as those of ``tunewise decision check``, without asking every rule set anew.
    """
    working = jobs.list_all(home, open_only=True)
    under_way: View = {"jobs": working[:NEWEST], "jobs_total": len(working)}
    if not home.has_records():
        return {
            "empty": True,
            "decisions": [],
            "decisions_total": 0,
            "due": [],
            "due_total": 0,
            "experiments": [],
            "models": [],
            "finished_report": None,
            **under_way,
        }
    with home.store() as store:
        read_once(home, store)
    found = decisions.list_all(home)
    runs = experiments.newest(home, 5)
    versions = models.references(home)
    accepted = [d for d in found if d["status"] == "accepted"]
    flags = _due(home)
    flagged = {flag["decision"] for flag in flags}
    open_ones = [d for d in found if d["status"] == "proposed" or d["id"] in flagged]
    return {
        "empty": not (found or runs or versions),
        "decisions": open_ones[-NEWEST:],
        "decisions_total": len(open_ones),
        "due": flags[-NEWEST:],
        "due_total": len(flags),
        "experiments": runs,
        "models": models.some(home, versions[-5:]),
        "finished_report": accepted[-1]["id"] if accepted else None,
        **under_way,
    }


def _due(home: Home) -> list[View]:
    with home.store() as store:
        rows = in_force(home, store)
    return [
        {"decision": row.view["id"], "title": row.view["title"], "message": message}
        for row in rows
        for message in row.view["attention"]
    ]

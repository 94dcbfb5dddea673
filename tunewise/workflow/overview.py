"""What needs attention: the first page of the web application."""

from typing import Any

from tracker import decisions as records
from tracker import models as model_records
from tunewise.domain.errors import TunewiseError
from tunewise.workflow import decisions
from tunewise.workflow.decisions.due import due
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.home import Home
from tunewise.workflow.models import versions as models

View = dict[str, Any]


def attention(home: Home) -> View:
    """Return open decisions, what is due, and the newest experiments and models.

    ``due`` says of accepted decisions why each must be looked at again: the same
    flags as those of ``tunewise decision check``, without asking every rule set anew.
    """
    if not home.has_records():
        return {
            "empty": True,
            "decisions": [],
            "due": [],
            "experiments": [],
            "models": [],
            "finished_report": None,
        }
    found = decisions.list_all(home)
    runs = experiments.list_all(home)
    versions = models.list_all(home)
    accepted = [d for d in found if d["status"] == "accepted"]
    flags = _due(home)
    flagged = {flag["decision"] for flag in flags}
    open_ones = [d for d in found if d["status"] == "proposed" or d["id"] in flagged]
    return {
        "empty": not (found or runs or versions),
        "decisions": open_ones,
        "due": flags,
        "experiments": runs[-5:],
        "models": versions[-5:],
        "finished_report": accepted[-1]["id"] if accepted else None,
    }


def _due(home: Home) -> list[View]:
    today = home.today()
    try:
        rules = home.rules()
    except TunewiseError:  # the page says that they cannot be read, and still stands
        rules = None
    with home.store() as store:
        versions = model_records.list_all(store)
        return [
            {"decision": row.id, "title": row.title, "message": message}
            for row in records.list_all(store, status="accepted")
            for message in due(store, row, versions, rules, today)
        ]

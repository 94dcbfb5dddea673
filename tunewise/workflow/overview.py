"""What needs attention: the first page of the web application."""

from typing import Any

from tunewise.workflow import decisions, experiments, models
from tunewise.workflow.home import Home

View = dict[str, Any]


def attention(home: Home) -> View:
    """Return open decisions, the newest experiments and the newest models."""
    if not home.has_records():
        return {
            "empty": True,
            "decisions": [],
            "experiments": [],
            "models": [],
            "finished_report": None,
        }
    found = decisions.list_all(home)
    runs = experiments.list_all(home)
    versions = models.list_all(home)
    today = home.today().isoformat()
    accepted = [d for d in found if d["status"] == "accepted"]
    open_ones = [
        d
        for d in found
        if d["status"] == "proposed" or (d["review_on"] and d["review_on"] <= today)
    ]
    return {
        "empty": not (found or runs or versions),
        "decisions": open_ones,
        "experiments": runs[-5:],
        "models": versions[-5:],
        "finished_report": accepted[-1]["id"] if accepted else None,
    }

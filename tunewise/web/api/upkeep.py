"""What is said of a decision later: reviews, owners, risks, conditions."""

from collections.abc import Mapping

from tunewise.domain.description import FIELDS
from tunewise.web.api.acts import act, said_of
from tunewise.web.api.decisions import shown_as
from tunewise.web.api.route import Asked, Reply, Schema
from tunewise.web.api.shapes import REVIEW_ON, day, line, many, said, text
from tunewise.workflow import decisions


def review(asked: Asked) -> Reply:
    """Record what a decision came to."""
    said = said_of(asked, "because", "score", "cost", "volume", "review_on")
    return shown_as(
        decisions.review(asked.home, asked.path["id"], seen=asked.seen, **said)
    )


def describe(asked: Asked) -> Reply:
    """Say what a decision is for, who owns it and what to go back to."""
    said = said_of(asked, *FIELDS)
    return shown_as(
        decisions.describe(asked.home, asked.path["id"], said, seen=asked.seen)
    )


def risk(asked: Asked) -> Reply:
    """Say what controls a risk of the option, and who sees to it."""
    said = said_of(asked, "control", "owner")
    id, risk = asked.path["id"], asked.path["risk"]
    return shown_as(
        decisions.assign_risk(asked.home, id, risk, seen=asked.seen, **said)
    )


def assign(asked: Asked) -> Reply:
    """Say who sees to a condition, and by when."""
    said = said_of(asked, "owner", "due")
    id, n = asked.path["id"], asked.path["n"]
    done = decisions.assign_condition(asked.home, id, n, seen=asked.seen, **said)
    return shown_as(done)


def close(asked: Asked) -> Reply:
    """Close a condition; no file of the server is read."""
    said = said_of(asked, "evidence", "because")
    id, n = asked.path["id"], asked.path["n"]
    done = decisions.close_condition(
        asked.home, id, n, seen=asked.seen, documents=None, **said
    )
    return shown_as(done)


_DESCRIPTION: Mapping[str, Schema] = {
    name: many(line("Who is told."), field.asks)
    if field.kind == "names"
    else said(f"{field.asks} An empty text takes it back.")
    for name, field in FIELDS.items()
}
_AMOUNT: Schema = {"type": "number", "minimum": 0, "maximum": 1e15}
ROUTES = (
    act(
        "/review",
        "reviewDecision",
        "decision review",
        review,
        {
            "score": {
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "description": "Realised, of the task's own metric.",
            },
            "cost": {**_AMOUNT, "description": "Of a month, as it was promised."},
            "volume": {**_AMOUNT, "description": "Requests a day."},
            "because": text("What shows these figures."),
            "review_on": REVIEW_ON,
        },
        ("because",),
    ),
    act(
        "/describe",
        "describeDecision",
        "decision describe",
        describe,
        _DESCRIPTION,
    ),
    act(
        "/risks/{risk}",
        "assignRisk",
        "decision risk",
        risk,
        {
            "control": said("What controls it; an empty text takes it back."),
            "owner": said("Who sees to it; an empty text takes it back."),
        },
    ),
    act(
        "/conditions/{n}/assign",
        "assignCondition",
        "decision condition",
        assign,
        {"owner": line("Who sees to it."), "due": day("By when.")},
    ),
    act(
        "/conditions/{n}/close",
        "closeCondition",
        "decision close-condition",
        close,
        {
            "evidence": line(
                "What shows it: person:NAME, run:ID, dataset:NAME@N, document:TITLE."
            ),
            "because": text("In what way it was met."),
        },
        ("evidence", "because"),
    ),
)

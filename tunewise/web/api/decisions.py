"""Decisions as they are read: one, all of them, reports, what is due, replayed."""

from flask import Response

from tunewise.domain.record import RESTED_ON
from tunewise.report import documents
from tunewise.web.api.etags import etag
from tunewise.web.api.paging import page
from tunewise.web.api.route import Asked, Data, Reply, Route
from tunewise.web.api.shapes import (
    DECISION,
    EXAMPLES,
    PAGING,
    flag,
    line,
    many,
    paged,
    shown,
)
from tunewise.web.site import as_csv, as_report, site
from tunewise.workflow import decisions
from tunewise.workflow.decisions.resting import resting_on
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.reports import files as reports
from tunewise.workflow.rules import replay as replaying
from tunewise.workflow.views import View

_MARKDOWN = "text/markdown; charset=utf-8"


def shown_as(decision: View, *, status: int = 200) -> Reply:
    """Return a decision as a reply, with the tag of its state."""
    location = f"/decisions/{decision['id']}" if status == 201 else ""
    return Reply(decision, status, location, etag(decision))


def index(asked: Asked) -> Data:
    """List every decision."""
    return page(decisions.list_all(asked.home), asked.query, key="id")


def as_table(asked: Asked) -> Response:
    """List every decision as CSV, with the head of the log."""
    head = integrity.head(asked.home)
    rows = [{**row, "audit_head": head} for row in decisions.list_all(asked.home)]
    return as_csv(rows, "decisions.csv")


def show(asked: Asked) -> Reply:
    """Show one decision."""
    return shown_as(decisions.show(asked.home, asked.path["id"]))


def report_html(asked: Asked) -> Response:
    """Return the report as one HTML file, under its own policy."""
    view = _reported(asked)
    return as_report(documents.decision_html(view, site().environment), view)


def report_markdown(asked: Asked) -> Response:
    """Return the decision in MADR form."""
    view = _reported(asked)
    text = documents.decision_markdown(view, site().environment)
    return Response(text, content_type=_MARKDOWN)


def report_json(asked: Asked) -> Data:
    """Return the record that a report holds."""
    return _reported(asked)


def _reported(asked: Asked) -> View:
    examples = asked.query.get("with_examples", False)
    return reports.decision_report(asked.home, asked.path["id"], with_examples=examples)


def portfolio(asked: Asked) -> Data:
    """Return the decisions in force."""
    return page(decisions.portfolio(asked.home), asked.query, key="id")


def due(asked: Asked) -> Data:
    """Say which accepted decisions must be looked at again."""
    return decisions.check(asked.home)


def rests_on(asked: Asked) -> Data:
    """Return what rests on a record."""
    return resting_on(asked.home, asked.query["kind"], asked.query["id"])


def replay(asked: Asked) -> Data:
    """Ask old decisions again; nothing is recorded."""
    ids = asked.body.get("ids", ())
    if asked.body.get("as_recorded"):
        return replaying.replay_as_recorded(asked.home, ids)
    return replaying.replay(asked.home, ids)


ROUTES = (
    Route(
        "GET",
        "/decisions",
        "listDecisions",
        "Every decision, oldest first.",
        index,
        "decision list",
        query=PAGING,
        returns=paged("id", "title", "status", "choice"),
    ),
    Route(
        "GET",
        "/decisions.csv",
        "tableOfDecisions",
        "Every decision as a table, with the head of the log.",
        as_table,
        "decision list --csv",
        media="text/csv",
    ),
    Route(
        "GET",
        "/decisions/{id}",
        "showDecision",
        "One decision: facts, verdict, choice, people.",
        show,
        "decision show",
        returns=DECISION,
        etagged=True,
    ),
    Route(
        "GET",
        "/decisions/{id}/report.html",
        "reportDecisionAsHtml",
        "The decision as one page that needs no network.",
        report_html,
        "decision report --format html",
        query=EXAMPLES,
        media="text/html",
    ),
    Route(
        "GET",
        "/decisions/{id}/report.md",
        "reportDecisionAsMarkdown",
        "The decision as text for a repository (MADR).",
        report_markdown,
        "decision report --format md",
        media="text/markdown",
    ),
    Route(
        "GET",
        "/decisions/{id}/report.json",
        "reportDecisionAsJson",
        "The record that the reports are made of.",
        report_json,
        "decision report --format json",
        query=EXAMPLES,
        returns=shown("id", "status", "title", "verdict", "audit_head"),
    ),
    Route(
        "GET",
        "/portfolio",
        "portfolio",
        "The decisions in force, for whoever answers for all of them.",
        portfolio,
        query=PAGING,
        returns=paged("id", "title"),
    ),
    Route(
        "GET",
        "/due",
        "checkDecisions",
        "Which accepted decisions must be looked at again: `ok`, and which.",
        due,
        "decision check",
        returns=shown("ok"),
    ),
    Route(
        "GET",
        "/rests-on",
        "restsOn",
        "Which decisions rest on a record, and which verdicts would alter without it.",
        rests_on,
        "decision rests-on",
        query={
            "kind": {"enum": [*RESTED_ON], "description": "What the record is."},
            "id": line("Its id, name or address.", longest=300),
        },
        needs_query=("kind", "id"),
        returns=shown("kind", "id", "total", "decisions"),
    ),
    Route(
        "POST",
        "/replay",
        "replayDecisions",
        "Ask decisions again: which would change, and because of what.",
        replay,
        "decision replay",
        description="Nothing is recorded. Without ids all are asked.",
        body={
            "ids": many(line("The id of a decision."), "Which; all if left out."),
            "as_recorded": flag(
                "Ask the rule set of each record, on its day: the verdict must be "
                "identical."
            ),
        },
        acts=False,
        returns=shown("rule_set", "decisions", "changed", "n"),
    ),
)

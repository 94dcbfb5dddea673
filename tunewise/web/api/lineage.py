"""Lineages: why a model exists, and whether it is what runs."""

from flask import Response

from tunewise.report import documents
from tunewise.web.api.route import Asked, Data, Route
from tunewise.web.api.shapes import EXAMPLES, day, line, shown
from tunewise.web.site import as_report, site
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.reports import files as reports
from tunewise.workflow.views import View

_OF = {
    "of": line("name@n, name@alias, or the outside name or product it runs as."),
    "at": day("What it stood for on a date."),
    "environment": line("Which, where versions differ."),
}
_WHY = ("at", "environment")


def why(asked: Asked) -> Data:
    """Say why a model exists, and whether it is what runs."""
    said = {key: asked.query[key] for key in _WHY if key in asked.query}
    return lineage.why(asked.home, asked.query["of"], **said)


def report_html(asked: Asked) -> Response:
    """Return the lineage as one HTML file, under its own policy."""
    view = report_json(asked)
    return as_report(documents.lineage_html(view, site().environment), view)


def report_json(asked: Asked) -> View:
    """Return the record that the report of a lineage holds."""
    said = {key: asked.query[key] for key in _WHY if key in asked.query}
    return reports.lineage_report(
        asked.home,
        asked.query["of"],
        with_examples=asked.query.get("with_examples", False),
        **said,
    )


ROUTES = (
    Route(
        "GET",
        "/lineage",
        "why",
        "Why a model exists, and whether it is what runs.",
        why,
        "why",
        query=_OF,
        needs_query=("of",),
        returns=shown("model", "decision", "run", "dataset", "completeness"),
    ),
    Route(
        "GET",
        "/lineage/report.html",
        "reportLineageAsHtml",
        "The lineage as one page that needs no network.",
        report_html,
        "why --format html",
        query={**_OF, **EXAMPLES},
        needs_query=("of",),
        media="text/html",
    ),
    Route(
        "GET",
        "/lineage/report.json",
        "reportLineageAsJson",
        "The record that the report is made of.",
        report_json,
        "why --format json",
        query={**_OF, **EXAMPLES},
        needs_query=("of",),
        returns=shown("model", "audit_head"),
    ),
)

"""Decisions: the list, one decision with its reports, the portfolio."""

from flask import Blueprint, Response

from tunewise.report import documents
from tunewise.web.paged import leaf_of, on_leaf
from tunewise.web.site import (
    answer,
    as_csv,
    as_json,
    as_report,
    home,
    site,
    twinned,
    wants_json,
)
from tunewise.workflow import decisions
from tunewise.workflow.decisions.similar import similar
from tunewise.workflow.reports import files as reports

blueprint = Blueprint("decisions", __name__)


@twinned(blueprint, "/decisions")
def index() -> Response:
    """List every decision."""
    rows = decisions.list_all(home())
    leaf = leaf_of(rows)
    return answer("decisions", on_leaf(rows, leaf), leaf=leaf)


@twinned(blueprint, "/decisions/<decision_id>")
def show(decision_id: str) -> Response:
    """Show one decision: the same body as its report."""
    if wants_json():
        return as_json(decisions.show(home(), decision_id))
    shown = decisions.full(home(), decision_id)
    return answer("decision", shown, similar=similar(home(), decision_id))


@blueprint.get("/decisions/<decision_id>/report.html")
def report_html(decision_id: str) -> Response:
    """Return the report as one HTML file, under its own policy."""
    view = reports.decision_report(home(), decision_id)
    return as_report(documents.decision_html(view, site().environment), view)


@blueprint.get("/decisions/<decision_id>/report.md")
def report_markdown(decision_id: str) -> Response:
    """Return the decision in MADR form."""
    text = documents.decision_markdown(
        reports.decision_report(home(), decision_id), site().environment
    )
    return Response(text, content_type="text/markdown; charset=utf-8")


@blueprint.get("/decisions/<decision_id>/similar.json")
def similar_json(decision_id: str) -> Response:
    """Return the decisions most like one."""
    return as_json(similar(home(), decision_id))


@twinned(blueprint, "/portfolio")
def portfolio() -> Response:
    """Show every task beside what was chosen for it."""
    rows = decisions.portfolio(home())
    leaf = leaf_of(rows)
    return answer("portfolio", on_leaf(rows, leaf), leaf=leaf)


@blueprint.get("/portfolio.csv")
def portfolio_csv() -> Response:
    """Return the portfolio as a table for spreadsheets."""
    return as_csv(decisions.portfolio(home()), "portfolio.csv")

"""Models: names, versions with their cards, and why each was made."""

from flask import Blueprint, Response

from tunewise.report import documents
from tunewise.web.paged import leaf_of, on_leaf
from tunewise.web.site import (
    answer,
    as_report,
    home,
    site,
    twinned,
    version_page,
)
from tunewise.workflow.drift import records as drift_records
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models import versions as models
from tunewise.workflow.reports import files as reports

blueprint = Blueprint("models", __name__)


@twinned(blueprint, "/models")
def index() -> Response:
    """List every model."""
    rows = models.references(home())
    leaf = leaf_of(rows)
    return answer("models", models.some(home(), on_leaf(rows, leaf)), leaf=leaf)


@twinned(blueprint, "/models/<name>")
def versions(name: str) -> Response:
    """List the versions of one model."""
    if place := version_page("models", name):
        return place
    return answer("model", models.versions(home(), name), name=name)


@twinned(blueprint, "/models/<name>/<int:number>")
def show(name: str, number: int) -> Response:
    """Show one model version."""
    ref = f"{name}@{number}"
    # texts of the data stand on the page only: its twin is a record that is verified
    texts = drift_records.texts_of(home(), ref)
    return answer("model_version", lineage.shown(home(), ref), drift_texts=texts)


@blueprint.get("/models/<name>/<int:number>/card.md")
def card(name: str, number: int) -> Response:
    """Return the model card."""
    ref = f"{name}@{number}"
    text = documents.model_card(
        models.show(home(), ref),
        lineage=lineage.why(home(), ref),
        environment=site().environment,
    )
    return Response(text, content_type="text/markdown; charset=utf-8")


@twinned(blueprint, "/lineage/<name>/<int:number>")
def why(name: str, number: int) -> Response:
    """Answer why a model version was made."""
    return answer("lineage", lineage.why(home(), f"{name}@{number}"))


@blueprint.get("/lineage/<name>/<int:number>/report.html")
def report_html(name: str, number: int) -> Response:
    """Return the lineage as one HTML file, under its own policy."""
    view = reports.lineage_report(home(), f"{name}@{number}")
    return as_report(documents.lineage_html(view, site().environment), view)

"""Experiments: the list, one with its arms, its answers, its runs."""

from dataclasses import asdict
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from tunewise.report import documents
from tunewise.web.paged import leaf_of, on_leaf, whole
from tunewise.web.site import (
    answer,
    as_json,
    as_report,
    home,
    site,
    twinned,
    wants_json,
)
from tunewise.workflow.experiments import matrix
from tunewise.workflow.experiments import predictions as foreseen
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.jobs import views as jobs
from tunewise.workflow.reports import files as reports

blueprint = Blueprint("experiments", __name__)

_PAGE, _MOST = 20, 200


@twinned(blueprint, "/experiments")
def index() -> Response:
    """List every experiment; the page also says how often the rules were right."""
    rows = experiments.list_all(home())
    leaf = leaf_of(rows)
    shown = on_leaf(rows, leaf)
    if wants_json():
        return as_json(shown)
    return answer(
        "experiments",
        shown,
        predictions=foreseen.of_home(home()),
        jobs=jobs.list_all(home(), open_only=True),
        leaf=leaf,
    )


@twinned(blueprint, "/experiments/predictions")
def predictions() -> Response:
    """Show how often the rules alone foresaw what was measured."""
    score = foreseen.of_home(home())
    leaf = leaf_of(score["experiments"])
    shown = {**score, "experiments": on_leaf(score["experiments"], leaf)}
    return answer("predictions", shown, leaf=leaf)


@twinned(blueprint, "/experiments/<experiment_id>")
def show(experiment_id: str) -> Response:
    """Show the arms of one experiment, compared."""
    view = experiments.show(home(), experiment_id)
    ended = view["status"] == "finished"
    job = None if ended else jobs.of_experiment(home(), experiment_id)
    return answer("experiment", view, job=job, by=home().actor.name)


@blueprint.get("/experiments/<experiment_id>/report.html")
def report_html(experiment_id: str) -> Response:
    """Return the report as one HTML file, under its own policy; no example is in it."""
    view = reports.experiment_report(home(), experiment_id)
    return as_report(documents.experiment_html(view, site().environment), view)


@twinned(blueprint, "/experiments/<experiment_id>/answers")
def answers(experiment_id: str) -> Response:
    """Show what every arm answered: a page of examples by arms, filtered."""
    sent = request.args
    asked = matrix.Asked(
        arms=tuple(sent.getlist("arm")),
        differ=sent.get("differ") == "1",
        failed=sent.get("failed") == "1",
        text=sent.get("q", "").strip(),
        at=sent.get("at", "").strip(),
        offset=whole("offset", 0),
        limit=min(max(whole("limit", _PAGE), 1), _MOST),
    )
    kept = [(k, v) for k, v in sent.items(multi=True) if k not in ("offset", "at")]
    return answer(
        "answers",
        matrix.page(home(), experiment_id, asked),
        asked=asdict(asked),
        kept=urlencode(kept),
    )


@twinned(blueprint, "/runs/<run_id>")
def run(run_id: str) -> Response:
    """Show one run, failed ones included."""
    return answer("run", experiments.show_run(home(), run_id))

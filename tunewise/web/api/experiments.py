"""Experiments and runs: looked at, and ended."""

from flask import Response

from tunewise.report import documents
from tunewise.web.api.paging import counted, offset, page
from tunewise.web.api.route import Asked, Data, Route
from tunewise.web.api.shapes import (
    EXAMPLES,
    PAGE,
    PAGING,
    line,
    many,
    paged,
    shown,
    text,
)
from tunewise.web.site import as_report, site
from tunewise.workflow.experiments import predictions, runs, stopping
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.reports import files as reports
from tunewise.workflow.views import View


def index(asked: Asked) -> Data:
    """List every experiment."""
    return page(experiments.list_all(asked.home), asked.query, key="experiment")


def show(asked: Asked) -> Data:
    """Show the arms of one experiment, compared."""
    return experiments.show(asked.home, asked.path["id"])


def answers(asked: Asked) -> Data:
    """Return held-out examples with the answer of every arm."""
    limit, start = asked.query.get("limit", PAGE), offset(asked.query)
    found = experiments.answers(
        asked.home, asked.path["id"], limit=limit + 1, offset=start
    )
    return counted(found[:limit], asked.query, more=len(found) > limit)


def report_html(asked: Asked) -> Response:
    """Return the report as one HTML file, under its own policy."""
    view = report_json(asked)
    return as_report(documents.experiment_html(view, site().environment), view)


def report_json(asked: Asked) -> View:
    """Return the record that the report holds."""
    examples = asked.query.get("with_examples", False)
    return reports.experiment_report(
        asked.home, asked.path["id"], with_examples=examples
    )


def foreseen(asked: Asked) -> Data:
    """Say how often the rules alone foresaw what was measured."""
    return predictions.of_home(asked.home)


def cancel(asked: Asked) -> Data:
    """End an experiment; it can be resumed."""
    because = asked.body.get("because", "no reason given")
    return stopping.cancel(asked.home, asked.path["id"], because=because)


def list_runs(asked: Asked) -> Data:
    """List runs, filtered and ordered."""
    found = runs.page(
        asked.home,
        where=asked.query.get("where", ()),
        sort=asked.query.get("sort", "-at"),
        limit=asked.query.get("limit", PAGE),
        offset=offset(asked.query),
    )
    return counted(found["runs"], asked.query, more=found["more"])


def show_run(asked: Asked) -> Data:
    """Show one run, failed or not."""
    return experiments.show_run(asked.home, asked.path["id"])


_EXPERIMENT = ("experiment", "title", "status", "dataset")
_RUN = ("run", "experiment", "arm", "seed", "status")
ROUTES = (
    Route(
        "GET",
        "/experiments",
        "listExperiments",
        "Every experiment, oldest first.",
        index,
        "experiment list",
        query=PAGING,
        returns=paged(*_EXPERIMENT),
    ),
    Route(
        "GET",
        "/experiments/{id}",
        "showExperiment",
        "One experiment: arms, scores with intervals, comparisons.",
        show,
        "experiment show",
        returns=shown(*_EXPERIMENT, "arms", "comparisons", "spec"),
    ),
    Route(
        "GET",
        "/experiments/{id}/answers",
        "listAnswers",
        "The held-out examples, each with the answer of every arm.",
        answers,
        query=PAGING,
        returns=paged("id", "question", "reference", "arms"),
    ),
    Route(
        "GET",
        "/experiments/{id}/report.html",
        "reportExperimentAsHtml",
        "The experiment as one page that needs no network.",
        report_html,
        "experiment report --format html",
        query=EXAMPLES,
        media="text/html",
    ),
    Route(
        "GET",
        "/experiments/{id}/report.json",
        "reportExperimentAsJson",
        "The record that the report is made of.",
        report_json,
        "experiment report --format json",
        query=EXAMPLES,
        returns=shown(*_EXPERIMENT, "arms", "audit_head"),
    ),
    Route(
        "POST",
        "/experiments/{id}/cancel",
        "cancelExperiment",
        "End an experiment, wherever it runs; it can be resumed.",
        cancel,
        "experiment cancel",
        body={"because": text("Why it shall end.")},
        returns=shown("experiment", "status", "because", "runs"),
    ),
    Route(
        "GET",
        "/predictions",
        "predictions",
        "How often the rules alone foresaw what was measured here.",
        foreseen,
        "experiment predictions",
    ),
    Route(
        "GET",
        "/runs",
        "listRuns",
        "Runs, filtered and ordered.",
        list_runs,
        "run list",
        query={
            **PAGING,
            "where": many(
                line("As in 'accuracy > 0.8' or 'heldout = desk@2'."),
                "Conditions that all hold.",
                most=20,
            ),
            "sort": line("at, or a metric; with a minus the highest first.")
            | {"default": "-at"},
        },
        returns=paged(*_RUN),
    ),
    Route(
        "GET",
        "/runs/{id}",
        "showRun",
        "One run: what was asked, its environment, what came out.",
        show_run,
        "run show",
        returns=shown(*_RUN, "config", "result"),
    ),
)

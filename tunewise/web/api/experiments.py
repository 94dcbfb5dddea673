"""Experiments and runs: looked at, and ended."""

from tunewise.web.api.paging import counted, offset, page
from tunewise.web.api.route import Asked, Data, Route
from tunewise.web.api.shapes import PAGE, PAGING, line, many, paged, shown, text
from tunewise.workflow.experiments import predictions, runs, stopping
from tunewise.workflow.experiments import records as experiments


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

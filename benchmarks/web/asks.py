"""What the readers of ``load`` open: every kind of page, with ids that are there."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random


@dataclass(frozen=True)
class Ask:
    """One request: what kind it is, and what is sent."""

    kind: str
    path: str
    body: str = ""  # POST as JSON where there is one


Asks = Callable[[Random], Iterator[Ask]]
AsksOf = Callable[[Path], Asks]

# kind of page: its address; a name in braces is drawn from what the home holds
PAGES = {
    "home": "/",
    "decisions": "/decisions?page={page}",
    "decisions, twin of all": "/decisions.json",
    "decision": "/decisions/{decision}",
    "decision, report": "/decisions/{decision}/report.html",
    "decision, form": "/decisions/{decision}/accept",
    "portfolio": "/portfolio?page={page}",
    "portfolio, CSV of all": "/portfolio.csv",
    "experiments": "/experiments?page={page}",
    "predictions": "/experiments/predictions?page={page}",
    "experiment": "/experiments/{experiment}",
    "experiment, 200 runs": "/experiments/e-benchmark-0000",
    "answers": "/experiments/{experiment}/answers?offset=40",
    "run": "/runs/{run}",
    "datasets": "/datasets",
    "dataset": "/datasets/{dataset}",
    "dataset version": "/datasets/{dataset}/{version}",
    "dataset, difference": "/datasets/{dataset}/1/diff/2",
    "models": "/models?page={page}",
    "model": "/models/{name}",
    "model version": "/models/{model}",
    "lineage": "/lineage/{model}",
    "rules": "/rules",
    "rule": "/rules/{criterion}",
    "history": "/history?offset={page}00",
    "history, on a date": "/history?at={date}",
    "search": "/search?q={word}",
    "search, one letter": "/search?q={letter}",
    "intake": "/decisions/new?task_type=classification",
}
_DRAWN = {
    "decision": "SELECT id FROM decisions",
    "experiment": "SELECT id FROM experiments",
    "run": "SELECT id FROM runs",
    "model": "SELECT name || '/' || number FROM model_versions",
    "name": "SELECT DISTINCT name FROM model_versions",
    "dataset": "SELECT DISTINCT name FROM dataset_versions",
    "date": 'SELECT DISTINCT substr("at", 1, 10) FROM audit',
}
_GIVEN = {
    "page": ["1", "2", "3", "4", "5"],
    "version": ["1", "2", "3"],
    "criterion": ["must-cite-sources", "narrow-task", "prompt-near-ceiling"],
    "word": ["bacedi", "feguka", "support"],
    "letter": ["b", "c", "d", "f"],
}


def tunewise_asks(home: Path) -> Asks:
    """Return the pages of a home."""
    with sqlite3.connect(f"file:{home}/tunewise.db?mode=ro", uri=True) as database:
        drawn = {
            name: [row[0] for row in database.execute(sql)]
            for name, sql in _DRAWN.items()
        }
    choices = {**_GIVEN, **drawn}

    def asks(random: Random) -> Iterator[Ask]:
        while True:
            for kind, path in PAGES.items():
                picked = {name: random.choice(of) for name, of in choices.items()}
                yield Ask(kind, path.format_map(picked))

    return asks


def mlflow_asks(folder: Path) -> Asks:
    """Return what MLflow's own pages ask its server for."""
    with sqlite3.connect(f"file:{folder}/mlflow.db?mode=ro", uri=True) as database:
        query = "SELECT run_uuid, CAST(experiment_id AS TEXT) FROM runs"
        runs = database.execute(f"{query} ORDER BY run_uuid").fetchall()
    api, largest = "/ajax-api/2.0/mlflow", runs[0][1]
    newest = json.dumps({"max_results": 50, "order_by": ["last_update_time DESC"]})

    def asks(random: Random) -> Iterator[Ask]:
        while True:
            run, experiment = random.choice(runs)
            history = f"{api}/metrics/get-history?run_id={run}&metric_key=loss"
            search = f"{api}/runs/search"
            yield Ask("page (empty, filled by script)", "/")
            yield Ask("experiments", f"{api}/experiments/search", newest)
            yield Ask("experiment", f"{api}/experiments/get?experiment_id={experiment}")
            yield Ask("runs of an experiment", search, _runs(experiment))
            yield Ask("experiment, 200 runs", search, _runs(largest, most=200))
            yield Ask("run", f"{api}/runs/get?run_id={run}")
            yield Ask("points of a metric", history)
            by_metric = _runs(experiment, order="metrics.f1 DESC")
            yield Ask("runs by a metric", search, by_metric)

    return asks


def _runs(
    experiment: str, *, most: int = 100, order: str = "attributes.start_time DESC"
) -> str:
    return json.dumps(
        {"experiment_ids": [experiment], "max_results": most, "order_by": [order]}
    )

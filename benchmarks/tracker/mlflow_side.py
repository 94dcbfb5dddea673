"""MLflow's half of ``beside_mlflow``; runs in an interpreter that has mlflow.

    python benchmarks/tracker/mlflow_side.py FOLDER RUNS REPEATS

The runs are put into MLflow's own tables with its own models, because its client takes
hours for a million points; the questions are asked with its client, in this process,
without a server between.
"""

import json
import sys
import time
from itertools import chain
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.store.tracking.dbmodels import models
from runs_data import made_runs
from sqlalchemy import create_engine, insert

BATCH = 500  # runs a transaction


def main(folder: Path, count: int, repeats: int) -> None:
    """Fill the store, ask, and print the answers and the seconds as JSON."""
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    client = MlflowClient(tracking_uri=uri)
    experiment = client.create_experiment("benchmark", artifact_location=str(folder))
    started = time.perf_counter()
    fill(uri, int(experiment), count)
    seconds = time.perf_counter() - started
    questions = {
        "best": {"order_by": ["metrics.f1 DESC"], "max_results": 1},
        "page": {
            "filter_string": "params.arm = 'rag' AND metrics.f1 > 0.7",
            "order_by": ["metrics.accuracy DESC"],
            "max_results": 100,
        },
        "search": {"filter_string": "tags.note LIKE '%bacedi%'", "max_results": 50},
    }
    print(
        json.dumps(
            {
                "filled_seconds": seconds,
                **{
                    name: _asked(client, experiment, asked, repeats)
                    for name, asked in questions.items()
                },
            }
        )
    )


def _asked(
    client: MlflowClient, experiment: str, asked: dict[str, Any], repeats: int
) -> dict[str, Any]:
    seconds, found = [], []
    for _ in range(repeats):
        started = time.perf_counter()
        found = client.search_runs([experiment], **asked)
        seconds.append(time.perf_counter() - started)
    return {"seconds": seconds, "found": [run.info.run_name for run in found]}


def fill(uri: str, experiment: int, count: int) -> None:
    """Write ``count`` runs with their points into an experiment of an MLflow store."""
    engine = create_engine(uri)
    every = list(made_runs(count))
    for first in range(0, count, BATCH):
        runs = every[first : first + BATCH]
        points = [
            {
                "run_uuid": run.id,
                "key": metric,
                "value": value,
                "timestamp": step,
                "step": step,
                "is_nan": False,
            }
            for run in runs
            for metric, step, value in run.points
        ]
        last = {(p["run_uuid"], p["key"]): p for p in points}
        with engine.begin() as connection:
            connection.execute(
                insert(models.SqlRun),
                [
                    {
                        "run_uuid": run.id,
                        "name": run.id,
                        "experiment_id": experiment,
                        "status": "FINISHED",
                        "lifecycle_stage": "active",
                        "start_time": number,
                        "source_type": "LOCAL",
                        "user_id": "benchmark",
                        "artifact_uri": "file:benchmark",
                    }
                    for number, run in enumerate(runs)
                ],
            )
            connection.execute(insert(models.SqlMetric), points)
            connection.execute(insert(models.SqlLatestMetric), list(last.values()))
            settings = ((("arm", run.arm), ("rank", str(run.rank))) for run in runs)
            connection.execute(
                insert(models.SqlParam),
                [
                    {"run_uuid": run.id, "key": key, "value": value}
                    for run, pairs in zip(runs, settings, strict=True)
                    for key, value in pairs
                ],
            )
            connection.execute(
                insert(models.SqlTag),
                list(
                    chain.from_iterable(
                        (
                            {"run_uuid": run.id, "key": "note", "value": run.note},
                            {
                                "run_uuid": run.id,
                                "key": "mlflow.runName",
                                "value": run.id,
                            },
                        )
                        for run in runs
                    )
                ),
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

"""Fill an MLflow store with as many runs and points, for ``mlflow server``.

    /tmp/peers/bin/python benchmarks/web/mlflow_fill.py FOLDER [RUNS]
    /tmp/peers/bin/mlflow server --backend-store-uri sqlite:///FOLDER/mlflow.db
        --port 5001

500 experiments with 10,000 runs of 100 metric points, as ``fill`` records them, by
MLflow's own models. ``load`` then asks what MLflow's own pages ask.
"""

import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tracker"))

from mlflow import MlflowClient  # noqa: E402
from mlflow_side import fill  # noqa: E402  (of benchmarks/tracker)

RUNS_EACH, LARGEST = 20, 200  # as in fill.py


def main(folder: Path, count: int = 10_000) -> None:
    """Fill the store, and say how long it took."""
    started = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    client = MlflowClient(tracking_uri=uri)
    experiments = [
        int(client.create_experiment(f"benchmark-{n:04}"))
        for n in range(1 + (count - LARGEST) // RUNS_EACH)
    ]
    fill(uri, experiments[0], count)
    _spread(folder / "mlflow.db", experiments)
    print(f"{count} runs, {time.perf_counter() - started:.0f} s")


def _spread(database: Path, experiments: list[int]) -> None:
    """Give the first experiment its 200 runs and every other one its 20."""
    import sqlite3

    with sqlite3.connect(database) as connection:
        runs = connection.execute("SELECT run_uuid FROM runs ORDER BY run_uuid")
        moved = [
            (experiments[1 + (number - LARGEST) // RUNS_EACH], run)
            for number, (run,) in enumerate(runs.fetchall())
            if number >= LARGEST
        ]
        connection.executemany(
            "UPDATE runs SET experiment_id = ? WHERE run_uuid = ?", moved
        )
        # so that SQLite chooses its indexes well
        connection.execute("ANALYZE")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(int(argument) for argument in sys.argv[2:]))

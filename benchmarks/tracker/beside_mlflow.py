"""How fast are the questions of an audit, beside MLflow with the same runs on SQLite?

    python -m venv /tmp/peers && /tmp/peers/bin/pip install mlflow==3.17.2
    python -m benchmarks.tracker.beside_mlflow /tmp/peers/bin/python [RUNS]

Both get the same runs of 100 metric points each, and are asked three questions: the
best run by a metric; a page of 100, filtered and ordered; the runs in whose words a
text occurs (MLflow has no full-text search: there it is LIKE over a tag). Both must
find the same runs. Ends with status 1 where a bar is not met.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.tracker.runs_data import Made, made_runs
from tracker import history, points, run_pages, runs
from tracker.points import Point
from tracker.run_pages import condition
from tracker.store import Store, open_store
from tunewise.domain.decision import Actor

AT = "2026-11-26T10:00:00Z"
WHO: dict[str, Any] = {"actor": Actor("benchmark"), "at": AT}
LEASE = "2026-11-26T22:00:00Z"
OURS, THEIRS = 50, 5  # times that each question is asked
MOST_MILLISECONDS = 50.0

QUESTIONS: dict[str, Callable[[Store], list[str]]] = {
    "best": lambda store: _ids(run_pages.page(store, sort="-f1", limit=1)),
    "page": lambda store: _ids(
        run_pages.page(
            store,
            where=[condition("arm = rag"), condition("f1 > 0.7")],
            sort="-accuracy",
            limit=100,
        )
    ),
    "search": lambda store: [h.record for h in history.search(store, "bacedi")],
}


def main(peer: str, count: int = 10_000) -> int:
    """Fill both, ask both, print, and return the exit status."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        with open_store(folder / "tunewise.db") as store:
            for made in made_runs(count):
                _record(store, made)
            filled = time.perf_counter() - started
            ours = {name: _asked(store, name) for name in QUESTIONS}
        side = Path(__file__).with_name("mlflow_side.py")
        command = [peer, str(side), name, str(count), str(THEIRS)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    theirs = json.loads(done.stdout.splitlines()[-1])
    print(f"{count:,} runs, {count * 100:,} points: filled in {filled:.0f} s")
    met = []
    for name, (seconds, found) in ours.items():
        other = theirs[name]
        if sorted(found) != sorted(other["found"]):
            sys.exit(
                f"{name}: they find {set(found) ^ set(other['found'])} differently"
            )
        mine, his = _milliseconds(seconds), _milliseconds(other["seconds"])
        print(
            f"{name:<6} {len(found):>3} runs: tunewise {_spread(mine)} ms, mlflow "
            f"{_spread(his)} ms; median ratio "
            f"{statistics.median(his) / statistics.median(mine):,.0f}"
        )
        met.append(statistics.median(mine) < MOST_MILLISECONDS)
    return int(not all(met))


def _record(store: Store, made: Made) -> None:
    runs.create(
        store,
        made.id,
        experiment="",
        arm=made.arm,
        seed=0,
        body={"rank": made.rank, "note": made.note},
        **WHO,
    )
    runs.claim(store, made.id, owner="benchmark", lease_until=LEASE, **WHO)
    measured = [Point(metric, step, value, AT) for metric, step, value in made.points]
    points.add(store, made.id, attempt=1, points=measured, **WHO)
    runs.finish(store, made.id, attempt=1, result={"metrics": made.final}, **WHO)


def _asked(store: Store, name: str) -> tuple[list[float], list[str]]:
    seconds, found = [], []
    for _ in range(OURS):
        started = time.perf_counter()
        found = QUESTIONS[name](store)
        seconds.append(time.perf_counter() - started)
    return seconds, found


def _ids(found: Sequence[runs.RunRow]) -> list[str]:
    return [row.id for row in found]


def _milliseconds(seconds: Sequence[float]) -> list[float]:
    return [s * 1000 for s in seconds]


def _spread(values: Sequence[float]) -> str:
    return f"{min(values):,.1f}, {statistics.median(values):,.1f}, {max(values):,.1f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *(int(argument) for argument in sys.argv[2:])))

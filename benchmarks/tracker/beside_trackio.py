"""How many metric points a second are on disk, beside Trackio on the same machine?

    python -m venv /tmp/peers && /tmp/peers/bin/pip install trackio==0.43.0
    python -m benchmarks.tracker.beside_trackio /tmp/peers/bin/python [POINTS]

Both write in this process into SQLite with WAL and synchronous=NORMAL. Trackio takes
one point a call and writes them in the background; Tunewise is given batches, as the
workflow gives them, and each call returns when its points are committed. Counted is
until every point can be read by another connection. Rounds of both take turns. Ends
with status 1 where Trackio is faster, or a point is missing.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tracker import points, runs
from tracker.points import Point
from tracker.store import open_store
from tunewise.domain.decision import Actor

AT = "2026-11-26T10:00:00Z"
WHO: dict[str, Any] = {"actor": Actor("benchmark"), "at": AT}
BATCHES = (100, 1000)  # points a call
ROUNDS = 5


def main(peer: str, count: int = 20_000) -> int:
    """Let both write in turns, print points a second, and return the exit status."""
    rates: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        rates.setdefault("trackio", []).append(_trackio(peer, count))
        for size in BATCHES:
            name = f"tunewise, {size} a call"
            rates.setdefault(name, []).append(_tunewise(count, size))
    theirs = statistics.median(rates["trackio"])
    for name, found in rates.items():
        middle = statistics.median(found)
        print(
            f"{name:<22} {min(found):>9,.0f}, {middle:>9,.0f}, {max(found):>9,.0f} "
            f"points a second; {middle / theirs:.1f} times trackio"
        )
    return int(min(statistics.median(found) for found in rates.values()) < theirs)


def _tunewise(count: int, size: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tunewise.db"
        with open_store(path) as store:
            runs.create(store, "r", experiment="", arm="a", seed=0, body={}, **WHO)
            until = "2026-11-26T22:00:00Z"
            runs.claim(store, "r", owner="benchmark", lease_until=until, **WHO)
            started = time.perf_counter()
            for first in range(0, count, size):
                steps = range(first, min(first + size, count))
                batch = [Point("loss", step, step * 0.5, AT) for step in steps]
                points.add(store, "r", attempt=1, points=batch, **WHO)
            seconds = time.perf_counter() - started
        with open_store(path) as reader:
            return _rate(count, len(points.read(reader, "r")), seconds)


def _trackio(peer: str, count: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        side = Path(__file__).with_name("trackio_side.py")
        done = subprocess.run(
            [peer, str(side), str(count)],
            check=True,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TRACKIO_DIR": folder},
        )
    said = json.loads(done.stdout.splitlines()[-1])
    return _rate(count, said["found"], said["seconds"])


def _rate(count: int, found: int, seconds: float) -> float:
    if found != count:
        sys.exit(f"{found} of {count} points can be read")
    return count / seconds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *(int(argument) for argument in sys.argv[2:])))

"""Trackio's half of ``beside_trackio``; runs in an interpreter that has trackio.

    TRACKIO_DIR=FOLDER python benchmarks/tracker/trackio_side.py POINTS

Logs points one by one, as its users do, and counts until ``finish()`` has returned:
before that they are in memory. Prints the seconds and how many a second reader finds.
"""

import json
import os
import sqlite3
import sys
import time
from contextlib import closing, redirect_stdout
from pathlib import Path

import trackio


def main(count: int) -> None:
    """Log, read back, and print JSON."""
    with redirect_stdout(sys.stderr):
        trackio.init(project="benchmark", name="run")
        started = time.perf_counter()
        for step in range(count):
            trackio.log({"loss": step * 0.5}, step=step)
        trackio.finish()
        seconds = time.perf_counter() - started
    found = 0
    for path in Path(os.environ["TRACKIO_DIR"]).glob("**/benchmark*.db"):
        with closing(sqlite3.connect(path)) as database:
            found += database.execute("SELECT count(*) FROM metrics").fetchone()[0]
    print(json.dumps({"seconds": seconds, "found": found}))


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""Does a kill, or eight writers at once, lose anything that was acknowledged?

    python -m benchmarks.tracker.durability [KILLS]

*Kills.* A writer records runs, their metric points, decisions and datasets, and says
each one only after the call has returned. It is killed with SIGKILL at a random
moment, again and again, twenty times on one database. After each kill ``verify`` finds
nothing, and all that was said is there, in full.

*Eight writers.* Eight processes write at once into one database, every one of them all
it has: none may see "database is locked", and nothing may be missing.

Ends with status 1 where something was lost.
"""

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tracker import audit, datasets, decisions, points, runs
from tracker.points import Point
from tracker.store import Store, open_store
from tunewise.domain.decision import Actor

AT = "2026-11-26T10:00:00Z"
WHO: dict[str, Any] = {"actor": Actor("benchmark"), "at": AT}
LEASE = "2026-11-26T22:00:00Z"
POINTS = 50  # points a call
WRITERS, EACH = 8, 40  # processes, and records of every kind that each writes
A_DATABASE = 20  # kills
LONGEST = 0.6  # seconds that a writer lives at most, after its first record


def main(kills: int = 200) -> int:
    """Kill, write at once, print, and return the exit status."""
    return int(not (_kills(kills) and _at_once()))


def write(path: Path, name: str, count: int) -> None:
    """Record until killed, or ``count`` of each kind, and say what is recorded."""
    with open_store(path, wait_seconds=60) as store:
        for number in range(count):
            for line in _record(store, f"{name}-{number}"):
                print(line, flush=True)


def _record(store: Store, id: str) -> Sequence[str]:
    decisions.propose(
        store, f"d-{id}", title="t", recommended="rag", body={"n": id}, **WHO
    )
    name = id.partition("-")[0]
    datasets.register(store, name, digest=f"sha256:{id}", body={"n": id}, **WHO)
    runs.create(store, f"r-{id}", experiment="", arm="a", seed=0, body={"n": id}, **WHO)
    runs.claim(store, f"r-{id}", owner="benchmark", lease_until=LEASE, **WHO)
    said = [f"decision d-{id}", f"dataset sha256:{id}", f"run r-{id} 0"]
    for line in said:
        print(line, flush=True)
    measured = [Point("loss", step, step * 0.5, AT) for step in range(POINTS)]
    points.add(store, f"r-{id}", attempt=1, points=measured, **WHO)
    return [f"run r-{id} {POINTS}"]


def _kills(kills: int) -> bool:
    chance = random.Random(20261126)
    acknowledged = 0
    started = time.perf_counter()
    for first in range(0, kills, A_DATABASE):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tunewise.db"
            said: list[str] = []
            for kill in range(first, min(first + A_DATABASE, kills)):
                said += _killed(path, f"k{kill}", chance.random() * LONGEST)
                if lost := _lost(path, said):
                    print(f"after kill {kill + 1}: {lost}")
                    return False
            acknowledged += len(said)
    print(
        f"{kills} kills, {acknowledged:,} acknowledged records and batches of points: "
        f"nothing lost, verify finds nothing ({time.perf_counter() - started:.0f} s)"
    )
    return True


def _killed(path: Path, name: str, seconds: float) -> list[str]:
    """Let a writer live this long after its first record; return all that it said."""
    with _start(path, name, 10**9) as child:
        assert child.stdout is not None
        said = [child.stdout.readline()]
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        said += child.stdout.readlines()
    return [line.strip() for line in said if line.endswith("\n")]


def _at_once() -> bool:
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tunewise.db"
        children = [_start(path, f"w{n}", EACH) for n in range(WRITERS)]
        outputs = [child.communicate()[0] for child in children]
        codes = [child.returncode for child in children]
        said = [line for output in outputs for line in output.splitlines()]
        lost = _lost(path, said)
    print(
        f"{WRITERS} processes, {len(said):,} acknowledged records and batches: exit "
        f"statuses {codes}, {lost or 'nothing lost'} "
        f"({time.perf_counter() - started:.0f} s)"
    )
    return not lost and codes == [0] * WRITERS and len(said) == WRITERS * EACH * 4


def _start(path: Path, name: str, count: int) -> "subprocess.Popen[str]":
    code = (
        "import sys; from pathlib import Path;"
        " from benchmarks.tracker.durability import write;"
        " write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path), name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )


def _lost(path: Path, said: Sequence[str]) -> str:
    """Return what is missing or does not verify, "" where all is there."""
    with open_store(path) as store:
        problems = audit.verify(store)
        there = {f"decision {d.id}" for d in decisions.list_all(store)}
        there |= {f"dataset {d.digest}" for d in datasets.list_all(store)}
        for row in runs.list_all(store):
            there.add(f"run {row.id} 0")
            there.add(f"run {row.id} {len(points.read(store, row.id))}")
    missing = [line for line in said if line not in there]
    if problems:
        return f"verify finds {problems[0].message} and {len(problems) - 1} more"
    return (
        f"{len(missing)} acknowledged are gone, such as {missing[0]}" if missing else ""
    )


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))

"""How fast does every kind of page answer while 16 readers open one a second each?

    python -m benchmarks.web.load HOME [--seconds 60] [--busy]
    python -m benchmarks.web.load --mlflow FOLDER --mlflow-python PYTHON [--seconds 60]

The server runs in a process of its own, and so do the readers, in another one. A
reader opens a page, reads all of it, and opens the next one a second after it opened
the last; kinds of pages come in turn, ids by chance. ``--busy`` keeps a niced process
(19) computing beside them. Of MLflow the calls are asked that its own pages make.
"""

import argparse
import gzip
import http.client
import multiprocessing
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from benchmarks.web.asks import Ask, Asks, AsksOf, mlflow_asks, tunewise_asks

READERS = 16
MEDIAN, P95 = 0.100, 0.250  # seconds; the bar of a page
MEMORY = 150e6  # bytes
READY = 2.0  # seconds


@dataclass(frozen=True)
class Answer:
    """What became of a request."""

    kind: str
    seconds: float
    sent: int  # bytes on the line
    status: int


def read(port: int, asks: Asks, seconds: float, seed: int) -> list[Answer]:
    """Let all readers read, and return what they saw."""
    found: list[Answer] = []
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(
            target=_reader, args=(port, asks(Random(seed + n)), until, n, found)
        )
        for n in range(READERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _reader(
    port: int, asks: Iterator[Ask], until: float, number: int, found: list[Answer]
) -> None:
    for _ in range(number * 2):  # each begins elsewhere
        next(asks)
    due = time.monotonic() + number / READERS
    while due < until:
        time.sleep(max(due - time.monotonic(), 0))
        found.append(_asked(port, next(asks)))
        due = max(due + 1, time.monotonic())


def _asked(port: int, ask: Ask) -> Answer:
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Accept-Encoding": "gzip", "Host": f"127.0.0.1:{port}"}
    if ask.body:
        headers["Content-Type"] = "application/json"
    connection.request(
        "POST" if ask.body else "GET", ask.path, ask.body or None, headers
    )
    response = connection.getresponse()
    body = response.read()
    seconds = time.perf_counter() - started
    if response.headers.get("Content-Encoding") == "gzip":
        gzip.decompress(body)  # it must be whole
    connection.close()
    return Answer(ask.kind, seconds, len(body), response.status)


def _readers(
    port: int,
    asks_of: AsksOf,
    folder: Path,
    seconds: float,
    seed: int,
    pipe: Connection,
) -> None:
    """Run the readers in a process of their own."""
    pipe.send(read(port, asks_of(folder), seconds, seed))


@contextmanager
def served(command: list[str], port: int) -> Iterator[tuple[int, float]]:
    """Start a server; yield its process and the seconds until it answered."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True
        )
        try:
            while True:
                if process.poll() is not None:
                    log.seek(0)
                    sys.exit(log.read().decode())
                try:
                    if _asked(port, Ask("", "/")).status == 200:
                        break
                except OSError:
                    time.sleep(0.02)
            yield process.pid, time.perf_counter() - started
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def memory(leader: int) -> dict[str, float]:
    """Return resident bytes of a process and those of its group, and their peak."""
    total = {"VmRSS": 0.0, "VmHWM": 0.0}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.getpgid(int(entry.name)) == leader:
                for line in (entry / "status").read_text().splitlines():
                    key, _, rest = line.partition(":")
                    if key in total:
                        total[key] += int(rest.split()[0]) * 1024
        except (OSError, ProcessLookupError):
            continue
    return total


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _compute() -> None:
    os.nice(19)
    value = 1
    while True:
        value = value * 48271 % 2147483647


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path, nargs="?")
    parser.add_argument("--mlflow", type=Path)
    parser.add_argument("--mlflow-python", default=sys.executable)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--warm", type=float, default=10)
    parser.add_argument("--busy", action="store_true")
    return parser


def main(arguments: list[str]) -> int:
    """Serve, warm up for ten seconds, measure, print; 1 where the bar is missed."""
    asked = _parser().parse_args(arguments)
    port, asks_of = _free_port(), mlflow_asks if asked.mlflow else tunewise_asks
    folder = asked.mlflow or asked.home
    if asked.mlflow:
        command = [asked.mlflow_python, "-m", "mlflow", "server"]
        command += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db"]
        command += ["--workers", "1", "--host", "127.0.0.1", "--port", str(port)]
    else:
        command = [sys.executable, "-m", "tunewise.web", str(folder), "127.0.0.1"]
        command += [str(port), "benchmark"]
    busy = multiprocessing.Process(target=_compute, daemon=True)
    if asked.busy:
        busy.start()
    with served(command, port) as (process, took):
        _measured(port, asks_of, folder, asked.warm, seed=1)
        found = _measured(port, asks_of, folder, asked.seconds, seed=2)
        used = memory(process)
    if asked.busy:
        busy.kill()
    print(f"ready after {took:.2f} s; {used['VmRSS'] / 1e6:.0f} MB resident", end="")
    print(f", at most {used['VmHWM'] / 1e6:.0f} MB", flush=True)
    met = _told(found)
    return int(not (asked.mlflow or (met and took < READY and used["VmRSS"] < MEMORY)))


def _measured(
    port: int, asks_of: AsksOf, folder: Path, seconds: float, *, seed: int
) -> list[Answer]:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    readers = multiprocessing.Process(
        target=_readers, args=(port, asks_of, folder, seconds, seed, theirs)
    )
    readers.start()
    found: list[Answer] = ours.recv()
    readers.join()
    return found


def _told(found: list[Answer]) -> bool:
    """Print a table; return whether every kind of page keeps to the bar."""
    kinds: Mapping[str, list[Answer]] = defaultdict(list)
    for answer in found:
        kinds[answer.kind].append(answer)
    print("\n| page | n | median ms | p95 ms | kB on the line |\n|---|---|---|---|---|")
    met = True
    for kind, answers in kinds.items():
        seconds = [a.seconds for a in answers]
        median, p95 = statistics.median(seconds), _p95(seconds)
        wrong = sorted({a.status for a in answers} - {200})
        met &= median < MEDIAN and p95 < P95 and not wrong
        mark = f" **{', '.join(map(str, wrong))}**" if wrong else ""
        size = statistics.median(a.sent for a in answers) / 1000
        print(
            f"| {kind}{mark} | {len(answers)} | {median * 1000:.0f} | {p95 * 1000:.0f}"
            f" | {size:.1f} |"
        )
    every = [a.seconds for a in found]
    print(
        f"| **all** | {len(every)} | {statistics.median(every) * 1000:.0f}"
        f" | {_p95(every) * 1000:.0f} | |"
    )
    return met


def _p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The queues: one heavy child at a time, whoever serves, and none that is forgotten.

    add -> wake: a thread waits for the lock, then works until nothing is queued
    the lock is free and a job says *running*: it was cut off, and is queued again

The lock is the operating system's, so two services over one home share one queue,
and it is given back however a service ends.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from tracker import experiments
from tunewise.domain.decision import Actor
from tunewise.domain.errors import NotRecorded, StatusError, TunewiseError
from tunewise.domain.experiment import RunStatus
from tunewise.workflow.experiments import stopping
from tunewise.workflow.experiments.holding import Wish, is_held
from tunewise.workflow.home import Home
from tunewise.workflow.jobs import records
from tunewise.workflow.jobs.records import Job, State
from tunewise.workflow.processes import Ended, call_until_we_end

MOST_ATTEMPTS = 3
MEND = 2  # exit status of a child: its message is for whoever asked
_LOG = logging.getLogger(__name__)


def wake(home: Home, lane: str) -> threading.Thread:
    """Have a queue worked on; return the thread that ends when it is empty."""
    thread = threading.Thread(target=_work, args=(home, lane), daemon=True)
    thread.start()
    return thread


def is_working(home: Home, lane: str) -> bool:
    """Tell whether some process works on a queue."""
    try:
        with _turn(home, lane, timeout=0):
            return False
    except Timeout:
        return True


def cancel(home: Home, id: str, *, because: str) -> None:
    """End a job: at once where it waits, else as soon as its child has seen it.

    Raises
    ------
    StatusError
        If it has ended already.
    """
    job, now = records.get(home, id), records.state(home, id)
    if now.status not in records.OPEN:
        raise StatusError(
            f"job {id} is {now.status}: there is nothing to cancel\n"
            "  Its page says how it ended."
        )
    wish = {"by": home.actor.name, "identity": home.actor.identity, "because": because}
    records.write(records.folder_of(home, id) / "wish.json", wish)
    if now.status is RunStatus.RUNNING and is_working(home, job.lane):
        if is_held(home.runs / job.experiment) and _is_running(home, job.experiment):
            stopping.cancel(home, job.experiment, because=because)
        return  # the queue sees the wish
    _end(home, id, RunStatus.CANCELLED, _cancelled(wish))
    _close_experiment(home, job, wish)


def _work(home: Home, lane: str) -> None:
    try:
        with _turn(home, lane):
            _requeue_cut_off(home, lane)
            while job := _next(home, lane):
                _do(home, job)
    except TunewiseError as error:  # the disk is full, records are damaged
        _LOG.warning("the queue stops: %s", error)


@contextmanager
def _turn(home: Home, lane: str, timeout: float = -1) -> Iterator[None]:
    folder = home.path / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f"{lane}.lock").acquire(timeout=timeout, poll_interval=0.1):
        yield


def _requeue_cut_off(home: Home, lane: str) -> None:
    """Queue again what says *running* though nobody runs it; not for ever."""
    for job in records.list_all(home):
        now = records.state(home, job.id)
        if job.lane != lane or now.status is not RunStatus.RUNNING:
            continue
        if wish := records.read(records.folder_of(home, job.id) / "wish.json"):
            _end(home, job.id, RunStatus.CANCELLED, _cancelled(wish))
            _close_experiment(home, job, wish)
        elif now.attempts >= MOST_ATTEMPTS:
            because = f"it was cut off {now.attempts} times, and is not begun again"
            _end(home, job.id, RunStatus.FAILED, because)
        else:
            records.set_state(home, job.id, replace(now, status=RunStatus.QUEUED))


def _next(home: Home, lane: str) -> Job | None:
    waiting = (
        job
        for job in records.list_all(home)
        if job.lane == lane and records.state(home, job.id).status is RunStatus.QUEUED
    )
    return next(waiting, None)


def _do(home: Home, job: Job) -> None:
    folder = records.folder_of(home, job.id)
    before = records.state(home, job.id)
    records.set_state(
        home,
        job.id,
        State(
            RunStatus.RUNNING,
            started_at=before.started_at or home.now(),
            attempts=before.attempts + 1,
        ),
    )
    _LOG.info("job %s begins", job.id)
    ended = call_until_we_end(
        ["tunewise.workflow.jobs.child", str(home.path), job.id],
        let_go=lambda: _is_to_end(home, job, folder),
    )
    wish = records.read(folder / "wish.json")
    if wish and ended.status:
        _close_experiment(home, job, wish)
        _end(home, job.id, RunStatus.CANCELLED, _cancelled(wish))
    elif ended.status:
        _end(home, job.id, RunStatus.FAILED, _why(ended))
    else:
        _end(home, job.id, RunStatus.FINISHED, "")
    for given in folder.glob("given-*"):  # it is recorded, or can be sent again
        given.unlink()


def _is_to_end(home: Home, job: Job, folder: Path) -> bool:
    """Tell whether the child shall be ended from outside.

    An experiment that runs sees to it itself, and says where it was.
    """
    if not (folder / "wish.json").exists():
        return False
    return not (job.experiment and is_held(home.runs / job.experiment))


def _why(ended: Ended) -> str:
    """Return what a user can mend whole, of a bug its last line."""
    return ended.errors if ended.status == MEND else ended.reason


def _end(home: Home, id: str, status: RunStatus, because: str) -> None:
    now = records.state(home, id)
    ended = replace(now, status=status, ended_at=home.now(), because=because)
    records.set_state(home, id, ended)


def _cancelled(wish: records.View) -> str:
    return f"cancelled by {wish['by']}: {wish['because']}"


def _close_experiment(home: Home, job: Job, wish: records.View) -> None:
    """Record that an experiment ended whose child could not do so itself."""
    if not (job.experiment and _is_running(home, job.experiment)):
        return
    meant = Wish(Actor(wish["by"], wish["identity"]), wish["because"])
    stopping.cancel(
        replace(home, actor=meant.actor), job.experiment, because=meant.because
    )


def _is_running(home: Home, experiment: str) -> bool:
    with home.store(create=True) as store:
        try:
            return experiments.get(store, experiment).status in records.OPEN
        except NotRecorded:
            return False

"""Jobs on disk: ``jobs/<id>/`` in the home, written by whoever knows it.

job.json       what was asked for, by whom, when      whoever asked, once
state.json     queued -> running -> ended             the queue
wish.json      that it shall end: who, and why        whoever wants it
log.jsonl      steps and results, one a line          the child
now.json       how far the present step is            the child
result.json    what came out                          the child
spec.toml …    what it reads                          whoever asked
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem, NotRecorded, StatusError
from tunewise.domain.experiment import RunStatus
from tunewise.workflow.home import Home, slug

View = dict[str, Any]

ESTIMATE, RUN, RESUME, DRIFT, IMPORT, REGISTER = (
    *("estimate", "run", "resume", "drift"),
    *("import", "register"),
)
# what takes seconds does not wait for what takes hours
LANES = {"heavy": (ESTIMATE, RUN, RESUME, DRIFT), "light": (IMPORT, REGISTER)}
OPEN = (RunStatus.QUEUED, RunStatus.RUNNING)
MOST_OPEN = 20  # a queue that nobody looks at shall not grow without end
SPEC = "spec.toml"
SCHEMA = "schema.json"  # of the answers, where they have one
_ID = re.compile(r"j-[a-z0-9-]{1,60}")


@dataclass(frozen=True, slots=True)
class Job:
    """What somebody asked for."""

    id: str
    kind: str  # one of those in LANES
    title: str
    experiment: str  # the one that it makes or goes on with, "" for an estimate
    by: str
    identity: str
    at: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lane(self) -> str:
        """Return the queue that it waits in."""
        return next(lane for lane, kinds in LANES.items() if self.kind in kinds)

    @property
    def actor(self) -> Actor:
        """Return who asked."""
        return Actor(self.by, self.identity)


@dataclass(frozen=True, slots=True)
class State:
    """How far a job is, as the queue last wrote it."""

    status: RunStatus = RunStatus.QUEUED
    started_at: str = ""
    ended_at: str = ""
    because: str = ""  # why it ended before its end
    attempts: int = 0


def folder_of(home: Home, id: str) -> Path:
    """Return the folder of a job; an id cannot lead anywhere else."""
    folder = home.path / "jobs" / id
    if not _ID.fullmatch(id) or not (folder / "job.json").is_file():
        raise NotRecorded(
            f"there is no job '{id[:80]}'\n  /jobs lists every one that is kept."
        )
    return folder


def add(
    home: Home,
    kind: str,
    title: str,
    *,
    experiment: str = "",
    arguments: Mapping[str, Any] | None = None,
    files: Mapping[str, bytes] | None = None,
) -> Job:
    """Put a job into the queue, with the files that it reads.

    An experiment that it makes gets its id here, so that its page can be named
    before it is planned.

    Raises
    ------
    StatusError
        If too many are waiting already.
    EnvironmentProblem
        If the home cannot be written to.
    """
    waiting = [job.id for job in list_all(home) if state(home, job.id).status in OPEN]
    if len(waiting) >= MOST_OPEN:
        raise StatusError(
            f"{len(waiting)} jobs are waiting, and no more are taken\n"
            "  Let some end, or cancel some: /jobs lists them."
        )
    if kind == RUN:
        experiment = home.new_id("e", title)
    job = Job(
        id=f"j-{slug(title, longest=30)}-{home.short_id()}",
        kind=kind,
        title=title,
        experiment=experiment,
        by=home.actor.name,
        identity=home.actor.identity,
        at=home.now(),
        arguments=dict(arguments or {}),
    )
    folder = home.path / "jobs" / job.id
    try:
        folder.mkdir(parents=True)
        for name, content in (files or {}).items():
            (folder / name).write_bytes(content)
        write(folder / "state.json", asdict(State()))
        write(folder / "job.json", asdict(job))  # at last: now it is one
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise EnvironmentProblem(
            f"{folder}: cannot be written ({error.strerror})\n"
            "  Make room, or make the home writable."
        ) from None
    return job


def get(home: Home, id: str) -> Job:
    """Return a job by its id."""
    said = read(folder_of(home, id) / "job.json")
    return Job(**said)


def list_all(home: Home) -> list[Job]:
    """Return every job, oldest first."""
    found = (home.path / "jobs").glob("j-*/job.json")
    jobs = [Job(**read(path)) for path in found]
    return sorted(jobs, key=lambda job: (job.at, job.id))


def state(home: Home, id: str) -> State:
    """Return how far a job is."""
    said = read(folder_of(home, id) / "state.json")
    return State(**{**said, "status": RunStatus(said["status"])})


def set_state(home: Home, id: str, new: State) -> None:
    """Write how far a job is."""
    write(folder_of(home, id) / "state.json", asdict(new))


def remove(home: Home, id: str) -> None:
    """Forget a job that has ended; what it recorded stays."""
    if state(home, id).status in OPEN:
        raise StatusError(f"job {id} has not ended\n  Cancel it first.")
    shutil.rmtree(folder_of(home, id))


def read(path: Path) -> View:
    """Return what stands in a file, {} where there is none yet."""
    try:
        said: View = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return said


def write(path: Path, value: Mapping[str, Any]) -> None:
    """Write a file, whole at every moment."""
    written = path.with_name(f"{path.name}.{os.getpid()}.partial")
    written.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    os.replace(written, path)

"""A job as pages and their twins show it."""

import json
from pathlib import Path
from typing import Any

from tracker import experiments, runs
from tunewise.domain.errors import NotRecorded
from tunewise.domain.experiment import RunStatus
from tunewise.workflow.home import Home
from tunewise.workflow.jobs import queue, records
from tunewise.workflow.jobs.records import Job

View = dict[str, Any]

INTERRUPTED = "interrupted"
_LINES = 200  # of the log, newest last
_BYTES = 64_000  # of the log that are read


def list_all(home: Home, *, open_only: bool = False) -> list[View]:
    """Return every job, newest first."""
    rows = [_row(home, job) for job in records.list_all(home)[::-1]]
    alive = (*records.OPEN, INTERRUPTED)
    return [row for row in rows if row["status"] in alive or not open_only]


def show(home: Home, id: str) -> View:
    """Return one job: how far it is, what it told, what came out."""
    job, folder = records.get(home, id), records.folder_of(home, id)
    row = _row(home, job)
    waiting = [
        other.id
        for other in records.list_all(home)
        if other.lane == job.lane
        and records.state(home, other.id).status is RunStatus.QUEUED
    ]
    spec = folder / records.SPEC
    result = records.read(folder / "result.json")
    made = job.experiment or str(result.get("experiment", ""))
    return {
        **row,
        "before": waiting.index(id) if id in waiting else 0,
        "log": _log(folder / "log.jsonl"),
        "now": records.read(folder / "now.json") if row["open"] else {},
        "wish": records.read(folder / "wish.json"),
        "result": result,
        "spec": spec.read_text(encoding="utf-8") if spec.exists() else "",
        "schema": (folder / "schema.json").exists(),
        "experiment": made,
        **_recorded(home, made),
    }


def of_experiment(home: Home, experiment: str) -> View | None:
    """Return the open job that works on an experiment, None where none does."""
    rows = list_all(home, open_only=True)
    return next((row for row in rows if row["experiment"] == experiment), None)


def _row(home: Home, job: Job) -> View:
    now = records.state(home, job.id)
    status: str = now.status.value
    if now.status is RunStatus.RUNNING and not queue.is_working(home, job.lane):
        status = INTERRUPTED
    return {
        "job": job.id,
        "kind": job.kind,
        "title": job.title,
        "status": status,
        "open": status in (*records.OPEN, INTERRUPTED),
        "experiment": job.experiment,
        "by": job.by,
        "at": job.at,
        "started_at": now.started_at,
        "ended_at": now.ended_at,
        "because": now.because,
    }


def _recorded(home: Home, experiment: str) -> View:
    """Return the runs of the experiment, once it is on record."""
    if not experiment:
        return {"recorded": False, "runs": []}
    with home.store(create=True) as store:
        try:
            row = experiments.get(store, experiment)
        except NotRecorded:
            return {"recorded": False, "runs": []}
        found = runs.list_all(store, experiment=experiment)
    return {
        "recorded": True,
        "experiment_status": row.status.value,
        "runs": [
            {
                "run": run.id,
                "arm": run.arm,
                "seed": run.seed,
                "status": run.status.value,
                "error": run.error,
            }
            for run in found
        ],
    }


def _log(path: Path) -> list[View]:
    """Return the last lines that the child told."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _BYTES))
        lines = file.read().decode("utf-8", "replace").split("\n")
    whole = [line for line in lines if line.startswith("{") and line.endswith("}")]
    return [json.loads(line) for line in whole[-_LINES:]]

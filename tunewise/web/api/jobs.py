"""Heavy work over HTTP: asked for here, done by the queue in processes of its own.

Whoever asks gets 202 and the address of the job, and looks at it until it has ended.
"""

import json
from typing import Any

from tunewise.domain.errors import SpecError, StatusError
from tunewise.web.api.paging import page
from tunewise.web.api.route import Asked, Data, Reply, Route, Schema
from tunewise.web.api.shapes import (
    PAGING,
    line,
    paged,
    shown,
    text,
)
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments import stopping
from tunewise.workflow.jobs import asked as specs
from tunewise.workflow.jobs import queue, records, views

JOB = ("job", "kind", "title", "status", "open", "experiment", "by", "at")
_SPEC: Schema = {
    "type": ["object", "string"],
    "maxLength": 200_000,
    "properties": {
        "title": line("What is measured."),
        "dataset": line("A dataset version, name@n."),
        "task": {"type": "object"},
    },
    "required": ["title", "dataset", "task"],
    "description": "A specification, as GET /schemas/experiment has it, or the content "
    "of its file (TOML). It names a dataset version and models that are known here: "
    "no path in it is followed.",
}
ASKED = {
    "spec": _SPEC,
    "schema": {"type": "object", "description": "JSON Schema of the answers."},
}


def estimate(asked: Asked) -> Reply:
    """Ask what an experiment would train on, and take."""
    return _of_spec(asked, records.ESTIMATE)


def run(asked: Asked) -> Reply:
    """Ask for an experiment."""
    return _of_spec(asked, records.RUN)


def resume(asked: Asked) -> Reply:
    """Ask to go on with an experiment that did not come to its end."""
    id = asked.path["id"]
    view = experiments.show(asked.home, id)
    if view["status"] == "finished":
        raise StatusError(
            f"experiment {id} is finished: there is nothing to go on with\n"
            "  Ask for another one with its specification."
        )
    if job := views.of_experiment(asked.home, id):
        return _accepted(asked, job["job"])
    made = records.add(asked.home, records.RESUME, view["title"], experiment=id)
    return queued(asked, made)


def cancel_experiment(asked: Asked) -> Data:
    """End an experiment, whether the queue or a command line runs it."""
    id, because = asked.path["id"], asked.body.get("because", "no reason given")
    if job := views.of_experiment(asked.home, id):
        queue.cancel(asked.home, job["job"], because=because)
        return views.show(asked.home, job["job"])
    return stopping.cancel(asked.home, id, because=because)


def index(asked: Asked) -> Data:
    """List every job, newest first."""
    return page(views.list_all(asked.home), asked.query, key="job")


def show(asked: Asked) -> Data:
    """Show one job: how far it is, what it told, what came out."""
    return views.show(asked.home, asked.path["id"])


def cancel(asked: Asked) -> Data:
    """End a job."""
    because = asked.body.get("because", "no reason given")
    queue.cancel(asked.home, asked.path["id"], because=because)
    return views.show(asked.home, asked.path["id"])


def spec_of(asked: Asked) -> specs.Asked:
    """Return the specification that a body holds; it follows no path."""
    given: dict[str, Any] | str = asked.body["spec"]
    schema = asked.body.get("schema")
    written = json.dumps(schema) if schema else ""
    if isinstance(given, str):
        found = specs.from_text(asked.home, given, schema=written)
    else:
        found = specs.from_tables(asked.home, given, schema=written)
    if not found.title:
        raise SpecError(
            "The specification: title: nothing is said\n"
            "  Say in a line what is measured."
        )
    return found


def queued(asked: Asked, job: records.Job) -> Reply:
    """Have a job worked on, and say where it can be watched."""
    queue.wake(asked.home, job.lane)
    return _accepted(asked, job.id)


def _of_spec(asked: Asked, kind: str) -> Reply:
    found = spec_of(asked)
    made = records.add(asked.home, kind, found.title, files=found.files)
    return queued(asked, made)


def _accepted(asked: Asked, id: str) -> Reply:
    return Reply(views.show(asked.home, id), 202, f"/jobs/{id}")


ROUTES = (
    Route(
        "POST",
        "/estimates",
        "estimateExperiment",
        "Ask what an experiment would train on, and take: time, memory, money.",
        estimate,
        "experiment estimate",
        body=ASKED,
        needs=("spec",),
        returns=shown(*JOB),
        status=202,
    ),
    Route(
        "POST",
        "/experiments",
        "runExperiment",
        "Ask for an experiment: every arm of a specification, compared.",
        run,
        "experiment run",
        body=ASKED,
        needs=("spec",),
        returns=shown(*JOB),
        status=202,
    ),
    Route(
        "POST",
        "/experiments/{id}/resume",
        "resumeExperiment",
        "Ask to go on where an experiment was interrupted, cancelled or failed.",
        resume,
        "experiment resume",
        body={},
        returns=shown(*JOB),
        status=202,
    ),
    Route(
        "POST",
        "/experiments/{id}/cancel",
        "cancelExperiment",
        "End an experiment, wherever it runs; it can be resumed.",
        cancel_experiment,
        "experiment cancel",
        body={"because": text("Why it shall end.")},
        returns=shown("experiment", "status", "because", "runs"),
    ),
    Route(
        "GET",
        "/jobs",
        "listJobs",
        "What was asked for: waiting, running and ended, newest first.",
        index,
        query=PAGING,
        returns=paged(*JOB),
    ),
    Route(
        "GET",
        "/jobs/{id}",
        "showJob",
        "One job: how far it is, what it told, what came out.",
        show,
        returns=shown(*JOB, "log", "now", "result"),
    ),
    Route(
        "POST",
        "/jobs/{id}/cancel",
        "cancelJob",
        "End a job: at once where it waits, else as soon as it has seen it.",
        cancel,
        body={"because": text("Why it shall end.")},
        returns=shown(*JOB),
    ),
)

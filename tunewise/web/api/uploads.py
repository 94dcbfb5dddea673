"""Contents that become a dataset version: checked, registered at once or by a job.

What is small is read while the request waits; what is large would hold up everybody
else, and is taken by a job.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tracker.refs import check_name
from tunewise.datasets.fields import validator_of
from tunewise.domain.errors import DatasetError
from tunewise.web.api.contents import as_files
from tunewise.web.api.datasets import PROVENANCE, VERSION, provenance_of
from tunewise.web.api.jobs import JOB, queued
from tunewise.web.api.route import Asked, Data, Reply, Route, Schema
from tunewise.web.api.shapes import PARAMETERS, UPLOAD, closed, content, shown, text
from tunewise.workflow.datasets import checks
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.jobs import records

AT_ONCE = 8 << 20  # bytes of a body that is read while its request waits
_ROLES: tuple[str, ...] = tuple(PARAMETERS["role"]["enum"])
_FILES = closed({role: content("JSON Lines.") for role in _ROLES}) | {
    "minProperties": 1,
    "description": "Content by role: chat JSON Lines, and documents with id, title "
    "and text.",
}
_JUDGED: Mapping[str, Schema] = {
    "files": _FILES,
    "schema": {"type": "object", "description": "JSON Schema of the references."},
}
_REGISTERED: Mapping[str, Schema] = {
    **_JUDGED,
    **PROVENANCE,
    "accept_because": text("Register despite what blocks, and say why."),
}


def _schema(asked: Asked) -> dict[str, Any] | None:
    schema = asked.body.get("schema")
    if schema is not None:
        validator_of(schema, where="schema")
    return schema


def check(asked: Asked) -> Data:
    """Check contents; nothing is recorded."""
    with _given(asked) as (paths, called):
        return checks.check(asked.home, paths, schema=_schema(asked), called=called)


def register(asked: Asked) -> Reply:
    """Record contents as the next version of a name."""
    with _given(asked) as (paths, called):
        made = datasets.register(
            asked.home,
            asked.path["name"],
            paths,
            schema=_schema(asked),
            accept_because=asked.body.get("accept_because"),
            provenance=provenance_of(asked),
            called=called,
        )
    name, _, number = made["dataset"].partition("@")
    return Reply(made, 201, f"/datasets/{name}/{number}")


def ask(asked: Asked) -> Reply:
    """Ask for contents to be registered by a job."""
    name, schema = asked.path["name"], _schema(asked)
    check_name(name, what="name of a dataset", error=DatasetError)
    called = {role: f"given-{role}.jsonl" for role in asked.body["files"]}
    files = {called[role]: held.encode() for role, held in asked.body["files"].items()}
    if schema is not None:
        files[records.SCHEMA] = json.dumps(schema).encode()
    made = records.add(
        asked.home,
        records.REGISTER,
        name,
        arguments={
            "name": name,
            "files": called,
            "accept_because": asked.body.get("accept_because", ""),
            "provenance": asdict(provenance_of(asked)),
        },
        files=files,
    )
    return queued(asked, made)


@contextmanager
def _given(asked: Asked) -> Iterator[tuple[dict[str, Path], dict[str, str]]]:
    """Give the files by role, and what findings call them: no folder of ours."""
    called = {role: f"{role}.jsonl" for role in asked.body["files"]}
    contents = {called[role]: held for role, held in asked.body["files"].items()}
    with as_files(contents) as paths:
        yield {role: paths[name] for role, name in called.items()}, called


ROUTES = (
    Route(
        "POST",
        "/dataset-check",
        "checkDataset",
        "Check the contents of files; nothing is recorded.",
        check,
        "dataset check",
        body=_JUDGED,
        needs=("files",),
        acts=False,
        largest=AT_ONCE,
        returns=shown("examples", "findings", "statistics"),
    ),
    Route(
        "POST",
        "/datasets/{name}",
        "registerDataset",
        "Record contents as the next version; unchanged content is not new.",
        register,
        "dataset register",
        body=_REGISTERED,
        needs=("files",),
        largest=AT_ONCE,
        returns=shown(*VERSION),
        status=201,
    ),
    Route(
        "POST",
        "/datasets/{name}/upload",
        "uploadDataset",
        "Ask for contents to be recorded as the next version, where they are large.",
        ask,
        "dataset register",
        body=_REGISTERED,
        needs=("files",),
        largest=UPLOAD,
        returns=shown(*JOB),
        status=202,
    ),
)

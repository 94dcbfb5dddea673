"""Dataset versions: checked, registered, described, compared, deleted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from flask import Response

from tunewise.datasets.fields import validator_of
from tunewise.domain.dataset import Classification, Provenance
from tunewise.web.api.contents import as_files
from tunewise.web.api.paging import page
from tunewise.web.api.route import Asked, Data, Reply, Route, Schema
from tunewise.web.api.shapes import (
    BECAUSE,
    PAGING,
    PARAMETERS,
    UPLOAD,
    closed,
    content,
    line,
    paged,
    shown,
    text,
)
from tunewise.workflow.datasets import checks
from tunewise.workflow.datasets import records as datasets

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
_SAID = tuple(field.name for field in fields(Provenance))
_PROVENANCE: Mapping[str, Schema] = {
    "owner": line("Who answers for the examples."),
    "origin": line("Where they come from."),
    "licence": line("Under which licence."),
    "classification": {"enum": [circle.value for circle in Classification]},
    "basis": line("On what they may be used: consent, contract, law."),
}
_VERSION = ("dataset", "digest", "splits", "findings")


def _ref(asked: Asked) -> str:
    return f"{asked.path['name']}@{asked.path['n']}"


def _schema(asked: Asked) -> dict[str, Any] | None:
    schema = asked.body.get("schema")
    if schema is not None:
        validator_of(schema, where="schema")
    return schema


def _provenance(asked: Asked) -> Provenance:
    return Provenance(**{k: asked.body[k] for k in _SAID if k in asked.body})


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
            provenance=_provenance(asked),
            called=called,
        )
    name, _, number = made["dataset"].partition("@")
    return Reply(made, 201, f"/datasets/{name}/{number}")


@contextmanager
def _given(asked: Asked) -> Iterator[tuple[dict[str, Path], dict[str, str]]]:
    """Give the files by role, and what findings call them: no folder of ours."""
    called = {role: f"{role}.jsonl" for role in asked.body["files"]}
    contents = {called[role]: held for role, held in asked.body["files"].items()}
    with as_files(contents) as paths:
        yield {role: paths[name] for role, name in called.items()}, called


def index(asked: Asked) -> Data:
    """List every dataset."""
    return page(datasets.list_all(asked.home), asked.query, key="name")


def versions(asked: Asked) -> Data:
    """List the versions of one dataset."""
    found = datasets.versions(asked.home, asked.path["name"])
    return page(found, asked.query, key="dataset")


def show(asked: Asked) -> Data:
    """Show one version."""
    return datasets.show(asked.home, _ref(asked))


def diff(asked: Asked) -> Data:
    """Compare a version with another one."""
    return datasets.diff_versions(asked.home, _ref(asked), asked.query["to"])


def file(asked: Asked) -> Response:
    """Return one of a version's files."""
    held = datasets.content(asked.home, _ref(asked), asked.path["role"])
    name = f"{asked.path['role']}.jsonl"
    response = Response(held, mimetype="application/jsonl")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def describe(asked: Asked) -> Data:
    """Correct what is said of a version."""
    said = _provenance(asked)
    because = asked.body["because"]
    return datasets.describe(asked.home, _ref(asked), said, because=because)


def delete(asked: Asked) -> Data:
    """Delete a version's content; a tombstone stays."""
    return datasets.delete(asked.home, _ref(asked), because=asked.body["because"])


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
        largest=UPLOAD,
        returns=shown("examples", "findings", "statistics"),
    ),
    Route(
        "GET",
        "/datasets",
        "listDatasets",
        "Every dataset, by name.",
        index,
        "dataset list",
        query=PAGING,
        returns=paged("name", "versions"),
    ),
    Route(
        "GET",
        "/datasets/{name}",
        "listDatasetVersions",
        "The versions of one dataset, oldest first, tombstones included.",
        versions,
        query=PAGING,
        returns=paged(*_VERSION),
    ),
    Route(
        "POST",
        "/datasets/{name}",
        "registerDataset",
        "Record contents as the next version; unchanged content is not new.",
        register,
        "dataset register",
        body={
            **_JUDGED,
            **_PROVENANCE,
            "accept_because": text("Register despite what blocks, and say why."),
        },
        needs=("files",),
        largest=UPLOAD,
        returns=shown(*_VERSION),
        status=201,
    ),
    Route(
        "GET",
        "/datasets/{name}/{n}",
        "showDataset",
        "One version: splits, digests, findings, runs.",
        show,
        "dataset show",
        returns=shown(*_VERSION),
    ),
    Route(
        "GET",
        "/datasets/{name}/{n}/diff",
        "diffDatasets",
        "What changed from this version to another.",
        diff,
        "dataset diff",
        query={
            "to": {
                "type": "string",
                "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}@[1-9][0-9]{0,8}$",
                "description": "The other version, name@n.",
            }
        },
        needs_query=("to",),
        returns=shown("added", "removed", "changed", "moved", "unchanged"),
    ),
    Route(
        "GET",
        "/datasets/{name}/{n}/files/{role}",
        "exportDataset",
        "One of the files of a version, as JSON Lines.",
        file,
        "dataset export",
        media="application/jsonl",
    ),
    Route(
        "POST",
        "/datasets/{name}/{n}/describe",
        "describeDataset",
        "Say whose a version is, or correct it; what was said stays on record.",
        describe,
        "dataset describe",
        body={**_PROVENANCE, "because": BECAUSE},
        needs=("because",),
        returns=shown(*_VERSION),
    ),
    Route(
        "POST",
        "/datasets/{name}/{n}/delete",
        "deleteDataset",
        "Delete a version's content; a tombstone with the reason stays.",
        delete,
        "dataset delete",
        body={"because": BECAUSE},
        needs=("because",),
        returns=shown(*_VERSION),
    ),
)

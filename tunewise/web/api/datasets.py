"""Dataset versions: shown, described, compared, deleted."""

from collections.abc import Mapping
from dataclasses import fields

from flask import Response

from tunewise.domain.dataset import Classification, Provenance
from tunewise.web.api.paging import page
from tunewise.web.api.route import Asked, Data, Route, Schema
from tunewise.web.api.shapes import (
    BECAUSE,
    PAGING,
    line,
    paged,
    shown,
)
from tunewise.workflow.datasets import records as datasets

_SAID = tuple(field.name for field in fields(Provenance))
PROVENANCE: Mapping[str, Schema] = {
    "owner": line("Who answers for the examples."),
    "origin": line("Where they come from."),
    "licence": line("Under which licence."),
    "classification": {"enum": [circle.value for circle in Classification]},
    "basis": line("On what they may be used: consent, contract, law."),
}
VERSION = ("dataset", "digest", "splits", "findings")


def _ref(asked: Asked) -> str:
    return f"{asked.path['name']}@{asked.path['n']}"


def provenance_of(asked: Asked) -> Provenance:
    """Return what a body says of whose examples these are."""
    return Provenance(**{k: asked.body[k] for k in _SAID if k in asked.body})


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
    said = provenance_of(asked)
    because = asked.body["because"]
    return datasets.describe(asked.home, _ref(asked), said, because=because)


def delete(asked: Asked) -> Data:
    """Delete a version's content; a tombstone stays."""
    return datasets.delete(asked.home, _ref(asked), because=asked.body["because"])


ROUTES = (
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
        returns=paged(*VERSION),
    ),
    Route(
        "GET",
        "/datasets/{name}/{n}",
        "showDataset",
        "One version: splits, digests, findings, runs.",
        show,
        "dataset show",
        returns=shown(*VERSION),
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
        body={**PROVENANCE, "because": BECAUSE},
        needs=("because",),
        returns=shown(*VERSION),
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
        returns=shown(*VERSION),
    ),
)

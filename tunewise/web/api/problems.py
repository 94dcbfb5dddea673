"""Errors as ``application/problem+json`` (RFC 9457).

type      urn:tunewise:problem:KIND, for programs
title     the kind in words
status    as in the status line
detail    what is wrong, with the value
hint      what to do about it
errors    each part of a request that is not as described: where, and what
instance  the address that was asked
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, request

from tunewise.domain.errors import (
    EnvironmentProblem,
    NotRecorded,
    Stale,
    StatusError,
    TunewiseError,
)

MEDIA = "application/problem+json"
ROOT = "/api/"

KINDS = {
    400: "not-as-described",
    403: "another-site",
    404: "not-recorded",
    405: "wrong-method",
    409: "not-now",
    412: "stale",
    413: "too-large",
    415: "not-json",
    422: "cannot-be-taken",
    500: "bug",
    503: "environment",
}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"enum": [f"urn:tunewise:problem:{kind}" for kind in KINDS.values()]},
        "title": {"type": "string"},
        "status": {"enum": list(KINDS)},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "where": {"type": "string"},
                    "message": {"type": "string"},
                },
                "required": ["where", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance"],
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A part of a request that is not as its route describes it."""

    where: str
    message: str


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a problem."""
    return _SCHEMA


def is_api() -> bool:
    """Return whether the request at hand is one to the API."""
    return request.path.startswith(ROOT)


def problem(
    status: int, detail: str, *, hint: str = "", errors: Sequence[Wrong] = ()
) -> Response:
    """Return a problem as a response."""
    said: dict[str, Any] = {
        "type": f"urn:tunewise:problem:{KINDS[status]}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.path,
    }
    if hint:
        said["hint"] = hint
    if errors:
        said["errors"] = [{"where": e.where, "message": e.message} for e in errors]
    written = json.dumps(said, ensure_ascii=False, indent=2)
    return Response(f"{written}\n", status=status, content_type=MEDIA)


def of_error(error: TunewiseError) -> Response:
    """Return what a user can mend as a problem, in the product's own words."""
    first, _, rest = str(error).partition("\n")
    hint = " ".join(line.strip() for line in rest.splitlines())
    return problem(status_of(error), first, hint=hint)


def status_of(error: TunewiseError) -> int:
    """Return the status of an error; what a body names and is missing is its fault."""
    if isinstance(error, Stale):
        return 412
    if isinstance(error, NotRecorded):
        about_the_address = request.method != "POST" or request.view_args
        return 404 if about_the_address else 422
    if isinstance(error, StatusError):
        return 409 if request.method == "POST" else 422
    if isinstance(error, EnvironmentProblem):
        return 503
    return 422

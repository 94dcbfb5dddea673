"""The OpenAPI 3.1 document, made from the table of routes."""

import json
from collections.abc import Sequence
from typing import Any

from tunewise import __version__
from tunewise.web.api import problems
from tunewise.web.api.etags import IF_MATCH
from tunewise.web.api.examples import BODIES
from tunewise.web.api.route import JSON, Route, Schema
from tunewise.web.api.shapes import PARAMETERS
from tunewise.workflow.schemas import decision_schema

_ABOUT = """What the command line of Tunewise does, for programs.

There are no accounts: whoever acts says who they are (`by`), and the name goes on
record as *stated*. The service therefore answers on the loopback only, and refuses a
write that a page of another site asked a browser for (403).

400: the request is not as described here. 422: it is, and cannot be taken (the detail
says why). 409: the status of a record does not allow it. 412: a decision has changed
since the ETag in `If-Match` was read. Errors are `application/problem+json`."""
_WORDS = {
    400: "The request is not as described here.",
    403: "A page of another site asked for it, or it is not JSON.",
    404: "Nothing of this name is recorded.",
    409: "The status of a record does not allow it.",
    412: "The decision has changed since it was read.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "It is as described, and cannot be taken: the detail says why.",
    503: "Disk space, a lock or a damaged file stands in the way.",
}
_DEFS = "#/$defs/"
_COMPONENTS = "#/components/schemas/"
_ETAG = {
    "description": "Which state of the decision this is; `If-Match` takes it.",
    "schema": {"type": "string"},
}


def document(routes: Sequence[Route], *, prefix: str) -> dict[str, Any]:
    """Return the whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tunewise",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": prefix}],
        "tags": [{"name": tag} for tag in dict.fromkeys(r.tag for r in routes)],
        "paths": paths,
        "components": {
            "schemas": _components(),
            "responses": {problems.KINDS[s]: _problem(s) for s in _WORDS},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    told = f"`tunewise {route.command}`" if route.command else ""
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary,
        "description": "\n\n".join(part for part in (route.description, told) if part),
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.body_schema is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {
                JSON: {"schema": route.body_schema, "example": BODIES[route.name]}
            },
        }
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": PARAMETERS[name]}
        for name in route.parameters
    ]
    for name, schema in route.query.items():
        found.append(
            {
                "name": name,
                "in": "query",
                "required": name in route.needs_query,
                "schema": schema,
            }
        )
    if route.conditional:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": False,
                "description": "The ETag of the decision as it was read: refused "
                "with 412 where the log has a newer entry about it.",
                "schema": {
                    "type": "string",
                    "pattern": rf"^(\*|{IF_MATCH.pattern})$".replace("(?:", "("),
                },
            }
        )
    return found


def _responses(route: Route) -> dict[str, Any]:
    schema: Schema = route.returns if route.media == JSON else {"type": "string"}
    done: dict[str, Any] = {
        "description": route.summary,
        "content": {route.media: {"schema": schema}},
    }
    headers: dict[str, Any] = {}
    if route.etagged:
        headers["ETag"] = _ETAG
    if route.status in (201, 202):
        headers["Location"] = {
            "description": "The address of what was made.",
            "schema": {"type": "string"},
        }
    if headers:
        done["headers"] = headers
    return {str(route.status): done} | {
        str(status): {"$ref": f"#/components/responses/{problems.KINDS[status]}"}
        for status in _refusals(route)
    }


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": f"{_COMPONENTS}Problem"}
    return {
        "description": _WORDS[status],
        "content": {problems.MEDIA: {"schema": schema}},
    }


def _refusals(route: Route) -> list[int]:
    """Return the statuses with which a route may refuse."""
    found = {400, 422, 503}
    if route.parameters or route.method == "GET":
        found.add(404)
    if route.method == "POST":
        found |= {403, 409, 413, 415}
    if route.conditional:
        found.add(412)
    return sorted(found)


def _components() -> dict[str, Schema]:
    decision = decision_schema()
    named = {
        "Problem": problems.schema(),
        "Decision": {
            k: v for k, v in decision.items() if k not in ("$schema", "$defs")
        },
        **decision.get("$defs", {}),
    }
    text = json.dumps(named).replace(_DEFS, _COMPONENTS)
    components: dict[str, Schema] = json.loads(text)
    return components

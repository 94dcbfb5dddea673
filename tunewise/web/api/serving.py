"""The blueprint: every route of the table, and the document that describes them."""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response

from tunewise.web.api import openapi
from tunewise.web.api.asking import asked
from tunewise.web.api.route import Reply, Route
from tunewise.web.api.table import ROUTES

PREFIX = "/api/v1"

blueprint = Blueprint("api", __name__)


def _view(route: Route) -> Callable[..., Response]:
    def serve(**path: str) -> Response:
        found = asked(route, path)
        if isinstance(found, Response):
            return found
        done = route.handler(found)
        if isinstance(done, Response):
            return done
        return _response(done if isinstance(done, Reply) else Reply(done), route)

    return serve


def _response(reply: Reply, route: Route) -> Response:
    status = reply.status if reply.status != 200 else route.status
    written = json.dumps(reply.data, ensure_ascii=False, indent=2)
    response = Response(f"{written}\n", status=status, mimetype="application/json")
    if reply.etag:
        response.set_etag(reply.etag)
    if reply.location:
        response.headers["Location"] = f"{PREFIX}{reply.location}"
    return response


@blueprint.get("/openapi.json")
@blueprint.get(f"{PREFIX}/openapi.json")
def document() -> Response:
    """Describe the API (OpenAPI 3.1)."""
    written = json.dumps(_described(), ensure_ascii=False, indent=1)
    return Response(f"{written}\n", mimetype="application/json")


def _described() -> dict[str, Any]:
    return openapi.document(ROUTES, prefix=PREFIX)


for _route in ROUTES:
    blueprint.add_url_rule(
        PREFIX + _route.path.replace("{", "<").replace("}", ">"),
        _route.name,
        _view(_route),
        methods=[_route.method],
    )

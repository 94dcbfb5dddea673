"""The first page, and whether the service is alive and ready."""

import json

from flask import Blueprint, Response

from tunewise import resources
from tunewise.domain.errors import TunewiseError
from tunewise.report import documents
from tunewise.web.site import (
    answer,
    as_json,
    as_report,
    home,
    rules_error,
    site,
    twinned,
)
from tunewise.workflow import overview

blueprint = Blueprint("front", __name__)


@twinned(blueprint, "/")
def index() -> Response:
    """Show what wants attention, or the three doors of an empty home."""
    return answer("home", overview.attention(home()))


@blueprint.get("/sample")
def sample() -> Response:
    """Show a finished report, made of a record that is shipped."""
    file = resources.templates_dir() / "sample" / "decision.json"
    view = json.loads(file.read_text(encoding="utf-8"))
    return as_report(documents.decision_html(view, site().environment), view)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return as_json({"ok": True})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say whether the records can be read, and whether the newest rules count."""
    try:
        overview.attention(home())
    except TunewiseError as error:
        return as_json({"ok": False, "message": str(error)}, status=503)
    return as_json({"ok": True, "rules_error": rules_error()})

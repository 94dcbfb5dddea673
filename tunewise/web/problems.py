"""What a reader sees when something is wrong: a page, or JSON at a twin's address."""

from collections.abc import Callable, Sequence

from flask import Flask, Response, request
from werkzeug.exceptions import SecurityError

from tunewise.domain.errors import (
    EnvironmentProblem,
    NotRecorded,
    StatusError,
    TunewiseError,
)
from tunewise.web import ways
from tunewise.web.api.problems import is_api, of_error, problem
from tunewise.web.site import as_json, as_page, wants_json

_HEADINGS = {
    400: "This request cannot be answered",
    403: "This did not come from a page of this service",
    404: "Not here",
    405: "This address does not do that",
    409: "The record does not allow this now",
    413: "This is too much at once",
    415: "This kind of content is not read here",
    422: "This cannot be taken as it stands",
    500: "A bug in tunewise",
    503: "Not now",
}
_MESSAGES = {
    400: "What was sent breaks off, or cannot be read as the form it says it is. "
    "Nothing was changed: open the page again and send its form.",
    403: "Another site's page asked for a change. Nothing was changed.",
    404: "No page has this address. The menu above leads to everything recorded.",
    405: "Open it as a page, or send the form that the page shows.",
    409: "Somebody was there before. Open the page again to see what holds now.",
    413: "A request may be 1 MB, a file that is uploaded 64 MB.",
    415: "A page takes its own form. A program sends JSON to /api/v1 instead; "
    "/api/v1/openapi.json describes it. Nothing was changed.",
    422: "Open the form again and mend what it says.",
    500: "The log of the service holds the details. Nothing was changed.",
    503: "Disk space, a lock or a damaged file stands in the way. Try again later.",
}
_STRANGE_HOST = (
    "This service answers on http://localhost and http://127.0.0.1 alone, because it "
    "has no accounts yet.\n  Another name is refused: a page elsewhere could reach the "
    "records through it."
)
_OF_API = {
    403: "A program sends Content-Type: application/json; a page of another site may "
    "not write. Nothing was changed.",
    404: "/api/v1/openapi.json describes every address.",
    413: "A body may have 1 MB, with contents of files 8 MB; what a job takes, such as "
    "POST /datasets/{name}/upload, 64 MB.",
    405: "/api/v1/openapi.json says which methods an address takes.",
}


def explain_problems(app: Flask) -> None:
    """Answer every error with a page of its own."""
    app.register_error_handler(TunewiseError, _mendable)
    for code in _HEADINGS:
        app.register_error_handler(code, _handler(code))


def _mendable(error: TunewiseError) -> Response:
    if is_api():
        return of_error(error)
    near = ways.to_near(error)
    return _problem(_status(error), str(error), near, ways.to_lists())


def _status(error: TunewiseError) -> int:
    if isinstance(error, NotRecorded):
        return 404
    if isinstance(error, StatusError):
        return 400 if _reading() else 409
    if isinstance(error, EnvironmentProblem):
        return 503
    return 400 if _reading() else 422


def _reading() -> bool:
    return request.method in ("GET", "HEAD")


def _handler(code: int) -> Callable[[Exception], Response]:
    def handle(error: Exception) -> Response:
        allowed = sorted(getattr(error, "valid_methods", None) or ())  # wrong method
        response = _answer(code, error, allowed)
        if allowed:
            response.headers["Allow"] = ", ".join(allowed)
        return response

    return handle


def _answer(code: int, error: Exception, allowed: Sequence[str]) -> Response:
    strange_host = isinstance(error, SecurityError)
    if is_api():
        hint = _OF_API.get(code, _MESSAGES[code])
        hint = " ".join(_STRANGE_HOST.split()) if strange_host else hint
        return problem(code, _HEADINGS[code], hint=hint)
    if strange_host:
        return _problem(400, _STRANGE_HOST)
    if code == 404:
        return _problem(code, _MESSAGES[code], ways.to_like_addresses())
    if code == 405:
        message = f"It takes {' or '.join(allowed)}, not {request.method[:20]}."
        return _problem(code, f"{message}\n  {_MESSAGES[405]}", ways.to_this_page())
    return _problem(code, _MESSAGES[code])


def _problem(
    code: int,
    message: str,
    near: Sequence[ways.Way] = (),
    further: Sequence[ways.Way] = (),
) -> Response:
    problem = {"code": code, "heading": _HEADINGS[code], "message": message}
    if wants_json():
        return as_json({"error": problem}, status=code)
    response = as_page("error", problem, near=near, further=further)
    response.status_code = code
    return response

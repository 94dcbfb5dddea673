"""What a reader sees when something is wrong: a page, or JSON at a twin's address."""

from collections.abc import Callable

from flask import Flask, Response, request

from tunewise.domain.errors import (
    EnvironmentProblem,
    NotRecorded,
    StatusError,
    TunewiseError,
)
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
    400: "The address or the host of the request is not one that is served here.",
    403: "Another site's page asked for a change. Nothing was changed.",
    404: "No page has this address. The menu above leads to everything recorded.",
    405: "Open it as a page, or send the form that the page shows.",
    409: "Somebody was there before. Open the page again to see what holds now.",
    413: "A request may be 1 MB, a file that is uploaded 64 MB.",
    415: "Send JSON, or the form as the page shows it.",
    422: "Open the form again and mend what it says.",
    500: "The log of the service holds the details. Nothing was changed.",
    503: "Disk space, a lock or a damaged file stands in the way. Try again later.",
}
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
    return _problem(_status(error), str(error))


def _status(error: TunewiseError) -> int:
    if isinstance(error, NotRecorded):
        return 404
    if isinstance(error, StatusError):
        return 409
    if isinstance(error, EnvironmentProblem):
        return 503
    return 400 if request.method in ("GET", "HEAD") else 422


def _handler(code: int) -> Callable[[Exception], Response]:
    def handle(error: Exception) -> Response:
        response = _answer(code)
        allowed = getattr(error, "valid_methods", None)  # of a wrong method
        if allowed:
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    return handle


def _answer(code: int) -> Response:
    if is_api():
        return problem(code, _HEADINGS[code], hint=_OF_API.get(code, _MESSAGES[code]))
    return _problem(code, _MESSAGES[code])


def _problem(code: int, message: str) -> Response:
    problem = {"code": code, "heading": _HEADINGS[code], "message": message}
    if wants_json():
        return as_json({"error": problem}, status=code)
    response = as_page("error", problem)
    response.status_code = code
    return response

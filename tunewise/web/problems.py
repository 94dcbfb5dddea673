"""What a reader sees when something is wrong: a page, or JSON at a twin's address."""

from collections.abc import Callable

from flask import Flask, Response

from tunewise.domain.errors import NotRecorded, TunewiseError
from tunewise.web.site import as_json, as_page, wants_json

_HEADINGS = {
    400: "This request cannot be answered",
    404: "Not here",
    405: "This page can only be read",
    500: "A bug in tunewise",
}
_MESSAGES = {
    400: "The address or the host of the request is not one that is served here.",
    404: "No page has this address. The menu above leads to everything recorded.",
    405: "Changes are made on the command line: tunewise --help",
    500: "The log of the service holds the details. Nothing was changed.",
}


def explain_problems(app: Flask) -> None:
    """Answer every error with a page of its own."""
    app.register_error_handler(TunewiseError, _mendable)
    for code in _HEADINGS:
        app.register_error_handler(code, _handler(code))


def _mendable(error: TunewiseError) -> Response:
    return _problem(404 if isinstance(error, NotRecorded) else 400, str(error))


def _handler(code: int) -> Callable[[Exception], Response]:
    def handle(_error: Exception) -> Response:
        return _problem(code, _MESSAGES[code])

    return handle


def _problem(code: int, message: str) -> Response:
    problem = {"code": code, "heading": _HEADINGS[code], "message": message}
    if wants_json():
        return as_json({"error": problem}, status=code)
    response = as_page("error", problem)
    response.status_code = code
    return response

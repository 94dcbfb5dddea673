"""Which requests are answered, and what every response carries.

The service is for one machine: a request whose Host is not a loopback name gets
400, so that a page elsewhere cannot reach it through a name of its own (DNS
rebinding). A write comes from a page of this service, or from a program: a browser
says where a form was, and another site's is refused. Pages may load style sheets,
scripts and images from here and nothing else.
"""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, request
from werkzeug.exceptions import BadRequest
from werkzeug.formparser import FormDataParser

from tunewise.web.api.problems import ROOT

# Not [::1]: Werkzeug 3.1 cuts a trusted host at its first colon.
LOOPBACK = ("localhost", "127.0.0.1")
LARGEST = 1 << 20  # bytes of a request's body; uploads raise it for themselves

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_READING = ("GET", "HEAD", "OPTIONS")
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache, private",
}


def protect(app: Flask, trusted_hosts: tuple[str, ...]) -> None:
    """Check the host and the origin of every request; set every response's headers."""
    app.config["TRUSTED_HOSTS"] = [*LOOPBACK, *trusted_hosts]
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.request_class = _WholeForms
    app.before_request(_refuse_other_origins)
    app.before_request(_refuse_what_is_no_form)
    app.after_request(_with_headers)


def _refuse_other_origins() -> None:
    """Refuse a write that a page of another site asked a browser for.

    Browsers say ``Sec-Fetch-Site``, older ones ``Origin``. A request with neither
    comes from a program; it says JSON, which a browser cannot send across origins
    without asking first.
    """
    if request.method in _READING or request.routing_exception:
        return  # where nothing is served, nothing is done: that is what is answered
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        allowed = site in ("same-origin", "none")
    elif origin is not None:
        allowed = urlsplit(origin).netloc == request.host
    else:
        allowed = request.is_json
    if not allowed:
        abort(403)


def _refuse_what_is_no_form() -> None:
    """Refuse a body that a page's form did not make: nothing in it would be read."""
    if request.method in _READING or request.routing_exception:
        return
    if request.path.startswith(ROOT) or request.mimetype in _FORMS:
        return  # the API reads its bodies itself
    if request.content_length:
        abort(415)


class _Whole(FormDataParser):
    """Refuses a form that breaks off: half of it would pass for all of it."""

    def parse(self, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        opened, make = [], self.stream_factory

        def made(*of: Any, **which: Any) -> Any:  # noqa: ANN401
            opened.append(make(*of, **which))
            return opened[-1]

        self.stream_factory = made
        try:
            return super().parse(*args, **more)
        except ValueError as error:
            for file in opened:
                file.close()
            raise BadRequest(str(error)) from None


class _WholeForms(Request):
    form_data_parser_class = _Whole

    def make_form_data_parser(self) -> FormDataParser:
        parser = super().make_form_data_parser()
        parser.silent = False
        return parser


def _with_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response

"""Which hosts are answered, and what every response carries.

The service is for one machine: a request whose Host is not a loopback name gets
400, so that a page elsewhere cannot reach it through a name of its own (DNS
rebinding). Pages may load the style sheet and images from here and nothing else.
"""

from flask import Flask, Response

# Not [::1]: Werkzeug 3.1 cuts a trusted host at its first colon.
LOOPBACK = ("localhost", "127.0.0.1")

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
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
    """Check the host of every request and set the headers of every response."""
    app.config["TRUSTED_HOSTS"] = [*LOOPBACK, *trusted_hosts]
    app.after_request(_with_headers)


def _with_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response

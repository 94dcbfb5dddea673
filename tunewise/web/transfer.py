"""What goes over the line: compressed where asked for, not at all where known.

A page that the reader has already is answered with 304 and no body.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_LEAST = 1024  # bytes; below, the headers weigh more than what is saved
_LEVEL = 6
_TEXTS = ("text/", "application/json", "image/svg+xml")
_YEAR = 31_536_000  # seconds


def compress(app: Flask) -> None:
    """Give every answer its ETag, and compress texts for those who can read it."""
    app.after_request(_transferred)


def _transferred(response: Response) -> Response:
    if request.method not in ("GET", "HEAD") or response.status_code != 200:
        return response
    if request.path.startswith("/static/vendor/"):  # its version is in its name
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    if not (response.mimetype or "").startswith(_TEXTS):
        return response
    response.direct_passthrough = False
    body = response.get_data()
    response.vary.add("Accept-Encoding")
    own = "" if _is_static() else response.get_etag()[0]  # which state it shows
    if not own:  # weak: the same page, compressed and not, differs byte by byte
        response.add_etag(overwrite=True, weak=True)
    if len(body) >= _LEAST and request.accept_encodings.quality("gzip") > 0:
        response.set_data(_kept(body) if _is_static() else gzip.compress(body, _LEVEL))
        response.content_encoding = "gzip"
        if own:
            response.set_etag(f"{own}-gzip")
    response.make_conditional(request)
    return response


def _is_static() -> bool:
    return request.path.startswith("/static/")


@lru_cache(maxsize=16)  # as many as there are static files
def _kept(body: bytes) -> bytes:
    return gzip.compress(body, 9)

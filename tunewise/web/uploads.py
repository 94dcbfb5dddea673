"""Files that a form brings: bounded, decoded, never trusted for their names.

sent.files: read whole, at most LARGEST bytes together; more is 413
"""

import re

from flask import request

LARGEST = 64 << 20  # bytes of a request that brings files


def accept_files() -> None:
    """Let the request at hand be as large as an upload may be; call it first."""
    request.max_content_length = LARGEST
    request.max_form_memory_size = LARGEST  # what is pasted counts as well


def content_of(name: str) -> bytes:
    """Return the bytes of an uploaded file, b"" where none was chosen."""
    sent = request.files.get(name)
    return sent.read() if sent is not None and sent.filename else b""


def name_of(name: str, default: str) -> str:
    """Return the name that a file had, without anything that could lead elsewhere."""
    sent = request.files.get(name)
    given = (sent.filename or "") if sent is not None else ""
    last = re.split(r"[/\\]", given)[-1]
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip("-.")
    return plain[-80:] or default

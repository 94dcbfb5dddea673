"""The one form in which values are hashed and stored: canonical JSON.

Keys sorted, no spaces, UTF-8 as it is, no NaN. The audit chain, the content digests
of the records and the stored bodies all use it; a change here breaks every chain
ever written.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tunewise.domain.errors import TunewiseError


def to_text(value: object) -> str:
    """Return the canonical JSON of a value made of dicts, lists, text and numbers.

    >>> to_text({"b": 1, "a": ["é", None]})
    '{"a":["é",null],"b":1}'
    """
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def from_text(text: str) -> dict[str, Any]:
    """Return the JSON object that a stored text holds."""
    value: dict[str, Any] = json.loads(text)
    return value


def digest(value: object) -> str:
    """Return ``sha256:…`` over the canonical JSON of a value.

    >>> digest({})
    'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'
    """
    text = to_text(value)
    try:
        return digest_bytes(text.encode())
    except UnicodeEncodeError as error:
        start = max(0, error.start - 20)
        near = text[start : error.end].encode("ascii", "backslashreplace").decode()
        raise TunewiseError(
            f"A text to record is not valid Unicode, near {near!r}\n"
            "  Save the file (or set the terminal) as UTF-8 and try again."
        ) from error


def digest_bytes(data: bytes) -> str:
    """Return ``sha256:…`` over bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def row_digest(row: Mapping[str, object]) -> str:
    """Return the content digest of a table row.

    Empty (NULL) columns do not count: a column that a later migration adds leaves
    the digests of the older rows as they are, yet filling it in is found.
    """
    return digest({k: v for k, v in row.items() if v is not None})

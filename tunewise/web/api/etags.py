"""Whether a decision is still what somebody has before them who acts on it.

The ETag of a decision begins with the number of the log's newest entry about it: what
the forms of the pages carry as ``seen``. ``If-Match`` holds an act to that number; the
rest of the tag is of the bytes, so that a cache never takes one reply for another.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

IF_MATCH = re.compile(r'"([0-9]{1,18})(?:\.[0-9a-f]{16})?(?:-gzip)?"')


def etag(decision: Mapping[str, Any]) -> str:
    """Return the tag of a decision as it is shown, without its quotes."""
    written = json.dumps(decision, ensure_ascii=False).encode()
    return f"{decision['audit'][-1]['seq']}.{hashlib.sha256(written).hexdigest()[:16]}"


def seen_in(header: str | None) -> str | None:
    """Return the entry that ``If-Match`` names, "" for any, None where it names none.

    Without the header any will do.

    >>> seen_in('"217.0123456789abcdef-gzip"'), seen_in("*"), seen_in('W/"x"')
    ('217', '', None)
    """
    if header is None or header.strip() == "*":
        return ""
    found = IF_MATCH.fullmatch(header.strip())
    return found[1] if found else None

"""Answers of arms as cells show them."""

import json


def spaced(text: str) -> str:
    """Return JSON with a space after each comma and colon, so that a cell can wrap it.

    >>> spaced('{"product":"doorbell","tags":[1,2]}')
    '{"product": "doorbell", "tags": [1, 2]}'
    >>> spaced("a,b"), spaced("12")
    ('a,b', '12')
    """
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except (ValueError, RecursionError):  # an answer may be anything
        return text

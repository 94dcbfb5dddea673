"""Lists by pages: so many entries, and where to go on.

``next`` of a page is what ``after`` takes for the one that follows. A list of records
goes on after a record, so that what is recorded meanwhile moves nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tunewise.domain.errors import NotRecorded
from tunewise.web.api.shapes import PAGE

View = dict[str, Any]


def page(
    rows: Sequence[Mapping[str, Any]], query: Mapping[str, Any], *, key: str
) -> View:
    """Return the rows that come after the one that ``key`` names, as many as asked.

    >>> rows = [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    >>> page(rows, {"limit": 1, "after": "a"}, key="id")
    {'items': [{'id': 'b'}], 'next': 'b'}
    >>> page(rows, {"after": "b"}, key="id")
    {'items': [{'id': 'c'}], 'next': None}
    """
    limit, after = query.get("limit", PAGE), query.get("after", "")
    start = 0
    if after:
        places = (n for n, row in enumerate(rows, start=1) if str(row[key]) == after)
        found = next(places, None)
        if found is None:
            raise NotRecorded(
                f"after: this list has no entry {after!r}\n"
                "  Give what `next` said on the page before, or leave it out."
            )
        start = found
    items = list(rows[start : start + limit])
    more = start + limit < len(rows)
    return {"items": items, "next": str(items[-1][key]) if more else None}


def offset(query: Mapping[str, Any]) -> int:
    """Return how many entries ``after`` passes over, of a list that is counted.

    >>> offset({"after": "200"}), offset({})
    (200, 0)
    """
    after = query.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 10):
        raise NotRecorded(
            f"after: {after!r} is no place in this list\n"
            "  Give what `next` said on the page before, or leave it out."
        )
    return int(after)


def counted(items: Sequence[Any], query: Mapping[str, Any], *, more: bool) -> View:
    """Return a page of a list that is counted: newest first, by number."""
    end = offset(query) + len(items)
    return {"items": list(items), "next": str(end) if more else None}

"""Long lists, a page at a time: the newest first, ``?page=2`` the ones before.

A twin without ``page`` in its address has all rows, with it those of that page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import request

from tunewise.web.site import wants_json

MOST = 50  # rows of a page: some 60 kB of text, 6 kB on the line
_FARTHEST = 1_000_000_000  # rows that anybody passes over; SQLite counts to 2^63
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Leaf:
    """Which page of how many."""

    number: int  # from 1, which has the newest
    last: int
    total: int  # rows on all of them


def leaf_of(rows: Sequence[object]) -> Leaf:
    """Return the page that was asked for; one that is not there is the nearest."""
    last = max(-(-len(rows) // MOST), 1)
    asked = whole("page", 1)
    return Leaf(min(max(asked, 1), last), last, len(rows))


def on_leaf(rows: Sequence[T], leaf: Leaf) -> Sequence[T]:
    """Return the rows of a page in the order of the list, which is oldest first."""
    if wants_json() and "page" not in request.args:
        return rows
    end = len(rows) - (leaf.number - 1) * MOST
    return rows[max(end - MOST, 0) : end]


def whole(name: str, default: int) -> int:
    """Return a number from 0 that the address names; what is none is the default."""
    asked = request.args.get(name, default, type=int)
    return min(max(asked, 0), _FARTHEST)

"""The keys that templates may rely on, and their empty values.

The shapes are those of DESIGN section 5. A key that a view lacks, or that is null,
gets its empty value here, so the templates can be strict about undefined names.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

View = Mapping[str, Any]
Shape = Mapping[str, Callable[[], Any]]


def shape(
    *, text: str = "", lists: str = "", tables: str = "", none: str = ""
) -> Shape:
    """Return a shape from the names of its keys, by kind, separated by spaces."""
    return {
        **dict.fromkeys(text.split(), str),
        **dict.fromkeys(lists.split(), list),
        **dict.fromkeys(tables.split(), dict),
        **dict.fromkeys(none.split(), lambda: None),
    }


def fill(view: View, keys: Shape) -> dict[str, Any]:
    """Return the view with every key of ``keys``; null counts as missing."""
    filled = {key: empty() for key, empty in keys.items()}
    return {**filled, **{k: v for k, v in view.items() if v is not None}}


def rows(views: Iterable[View], keys: Shape) -> list[dict[str, Any]]:
    """Return every view of a list with every key of ``keys``."""
    return [fill(view, keys) for view in views]

"""A lineage as a drawing: where each box stands, and which lines join them.

dataset version --> run --> model version
base model -------/    \\-> decision ----/

A box shows as much of an id as it holds; all of it stands in the chain beneath.
"""

from collections.abc import Iterable
from typing import Any

from tunewise.report.shapes import View

WIDTH, HEIGHT = 760, 190  # of the drawing, in its own units
_BOX, _TALL = 220, 64
_FITS = 23  # characters in a box
_PLACES = {
    "dataset": (0, 8),
    "base_model": (0, 116),
    "run": (270, 62),
    "model": (540, 8),
    "decision": (540, 116),
}
_LINES = (
    ("dataset", "run", "trained and measured on"),
    ("base_model", "run", "begins with"),
    ("run", "model", "made"),
    ("run", "decision", "is evidence of"),
)


def drawn(steps: Iterable[View]) -> dict[str, Any] | None:
    """Return the boxes and lines of a chain; None where less than two are known."""
    known = {step["kind"]: step for step in steps if step["id"]}
    boxes = [
        {
            "x": x,
            "y": y,
            "heading": known[kind]["heading"] if kind in known else "not recorded",
            "name": _short(known[kind]["id"]) if kind in known else "",
            "whole": known[kind]["id"] if kind in known else "",
            "known": kind in known,
        }
        for kind, (x, y) in _PLACES.items()
    ]
    if len(known.keys() & _PLACES.keys()) < 2:
        return None
    lines = [
        {**_line(a, b), "text": text}
        for a, b, text in _LINES
        if a in known and b in known
    ]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "box": _BOX,
        "tall": _TALL,
        "boxes": boxes,
        "lines": lines,
    }


def _line(a: str, b: str) -> dict[str, int]:
    (ax, ay), (bx, by) = _PLACES[a], _PLACES[b]
    half = _TALL // 2
    return {"x1": ax + _BOX, "y1": ay + half, "x2": bx, "y2": by + half}


def _short(id: str) -> str:
    """Return an id as far as a box holds it.

    >>> _short("desk@1"), _short("r-" + "x" * 40)
    ('desk@1', 'r-xxxxxxxxx…xxxxxxxxxxx')
    """
    if len(id) <= _FITS:
        return id
    half = (_FITS - 1) // 2
    return f"{id[:half]}…{id[-half:]}"

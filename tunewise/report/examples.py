"""The held-out examples that a report shows, where somebody asked for their texts."""

from typing import Any

from tunewise.report.shapes import View, fill, rows, shape

_PART = shape(text="experiment", lists="rows", none="total")
_ROW = shape(text="id question reference metric", tables="arms")
_GIVEN = shape(text="answer", none="score correct")


def complete_examples(view: View) -> list[dict[str, Any]]:
    """Return the examples of each experiment; none, where the report keeps no text."""
    found = rows(view.get("examples") or [], _PART)
    for part in found:
        part["rows"] = rows(part["rows"], _ROW)
        part["total"] = part["total"] or len(part["rows"])
        for row in part["rows"]:
            row["arms"] = {arm: fill(g, _GIVEN) for arm, g in row["arms"].items()}
    return found

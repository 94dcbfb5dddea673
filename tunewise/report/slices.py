"""The context of slices: a table for each kind of slice, a column for each arm."""

from collections.abc import Mapping, Sequence
from typing import Any

_TITLES = {
    "label": "by label",
    "group": "by group",
    "length": "by length of the prompt",
}
_MANY = {"label": "labels", "group": "groups", "length": "lengths"}


def complete_slices(
    arms: Sequence[Mapping[str, Any]], about: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return every slice with its score of each arm, None where there are none.

    Parameters
    ----------
    arms : each with ``name`` and ``slices``
    about : mapping
        ``least``, the examples that a slice must have, and ``left_out``, by kind how
        many slices have fewer; in a report ``not_told``, how many more there are.
    """
    measured = [arm for arm in arms if arm["slices"]]
    if not measured:
        return None
    every = measured[0]["slices"]  # all arms answered the same examples
    left_out = about.get("left_out", {})
    return {
        "metric": every[0]["metric"],
        "arms": [arm["name"] for arm in measured],
        "tables": [
            {
                **_table(kind, measured, left_out.get(kind, 0), about.get("least")),
                "not_told": (about.get("not_told") or {}).get(kind, 0),
            }
            for kind in dict.fromkeys(each["kind"] for each in every)
        ],
    }


def _table(
    kind: str, arms: Sequence[Mapping[str, Any]], left_out: int, least: object
) -> dict[str, Any]:
    rows: dict[str, dict[str, Any]] = {}
    for arm in arms:
        for each in arm["slices"]:
            if each["kind"] == kind:
                row = rows.setdefault(
                    each["name"], {"name": each["name"], "scores": {}}
                )
                row["scores"][arm["name"]] = each
    return {
        "title": _TITLES.get(kind, f"by {kind}"),
        "rows": list(rows.values()),
        "left_out": _left_out(kind, left_out, least),
    }


def _left_out(kind: str, number: int, least: object) -> str:
    """Return how many slices are too small to be shown, "" where none is.

    >>> _left_out("label", 3, 20)
    '3 labels have fewer than 20 examples and are not shown'
    >>> _left_out("group", 1, 20)
    '1 group has fewer than 20 examples and is not shown'
    """
    if not number:
        return ""
    if number == 1:
        return f"1 {kind} has fewer than {least} examples and is not shown"
    many = _MANY.get(kind, f"{kind}s")
    return f"{number} {many} have fewer than {least} examples and are not shown"

"""Where the marks of a chart stand, in percent of the width and in pixels of height.

The SVG macros print these positions: with percentages a chart follows the width of
its column while its text keeps its size, on paper and at 320 px alike, without a
script and without a style attribute.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any

_LEFT, _WIDTH = 2.0, 96.0  # percent; room for a mark at either end
_ROW_PX = 46
_AXIS_PX = 26
_LABEL_CHARS = 22  # more would meet the figures at 320 px; the table has it whole
_TOLD = 40  # points of a curve that its table lists, evenly spread


def interval_chart(
    rows: Sequence[Mapping[str, Any]],
    *,
    target: float | None = None,
    zero: bool = False,
) -> dict[str, Any] | None:
    """Place values with their intervals, one row each, on a common axis.

    Parameters
    ----------
    rows : sequence of mappings
        ``label``, ``text``, ``value``, ``low``, ``high`` and ``strong`` (bool).
    target : float, optional
        A value to meet, drawn as a vertical line.
    zero : bool
        Draw the line of no difference and keep it on the axis.

    Returns
    -------
    dict or None
        ``height``, ``rows``, ``ticks``, ``target``, ``zero``; None without rows.
    """
    shown = [row for row in rows if row.get("value") is not None]
    if not shown:
        return None
    values = [float(v) for row in shown for v in _ends(row)]
    values += [] if target is None else [float(target)]
    axis = _axis([*values, 0.0] if zero else values)
    return {
        "height": _ROW_PX * len(shown) + _AXIS_PX,
        "bottom": _ROW_PX * len(shown),
        "rows": [_interval_row(row, i, axis) for i, row in enumerate(shown)],
        "ticks": [{"x": _x(t, axis), "label": _tick(t)} for t in _ticks(axis)],
        "target": None if target is None else _x(float(target), axis),
        "zero": _x(0.0, axis) if zero else None,
    }


def bar_chart(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Place bars that grow from zero to either side.

    ``rows`` have ``label``, ``text``, ``value``, ``strong`` and ``struck``.
    """
    if not rows:
        return None
    values = [float(row["value"]) for row in rows]
    axis = (min(0.0, *values), max(0.0, *values))
    if axis[0] == axis[1]:
        axis = (0.0, 1.0)
    zero = _x(0.0, axis)
    placed = []
    for i, (row, value) in enumerate(zip(rows, values, strict=True)):
        end = _x(value, axis)
        placed.append(
            {
                "label": _clip(str(row["label"])),
                "name": str(row["label"]),
                "value": value,
                "text": row["text"],
                "title": f"{row['label']}: {row['text']}",
                "strong": bool(row.get("strong")),
                "struck": bool(row.get("struck")),
                "x": min(zero, end),
                "width": round(abs(end - zero), 3),
                "y": i * _ROW_PX,
            }
        )
    return {"height": _ROW_PX * len(rows) + 4, "rows": placed, "zero": zero}


def line_chart(
    points: Sequence[tuple[float, float]], *, label: str
) -> dict[str, Any] | None:
    """Place a curve in a box of 100 by 100, y growing upwards; None below 2 points."""
    if len(points) < 2:
        return None
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    left, right = min(xs), max(xs)
    low, high = min(ys), max(ys)
    across, up = (right - left) or 1.0, (high - low) or 1.0
    path = " ".join(
        f"{100 * (x - left) / across:.2f},{95 - 90 * (y - low) / up:.2f}"
        for x, y in points
    )
    return {
        "points": path,
        "told": _spread(points),
        "total": len(points),
        "label": label,
        "low": low,
        "high": high,
        "first": left,
        "last": right,
        "end": ys[-1],
    }


def _spread(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return at most ``_TOLD`` of the points, the first and the last among them.

    >>> _spread([(0, 1.0), (1, 0.5)])
    [(0, 1.0), (1, 0.5)]
    >>> len(_spread([(n, 0.0) for n in range(1000)]))
    40
    """
    if len(points) <= _TOLD:
        return list(points)
    last = len(points) - 1
    return [points[round(n * last / (_TOLD - 1))] for n in range(_TOLD)]


def _interval_row(
    row: Mapping[str, Any], index: int, axis: tuple[float, float]
) -> dict[str, Any]:
    low, _, high = _ends(row)
    return {
        "label": _clip(str(row["label"])),
        "name": str(row["label"]),
        "value": float(row["value"]),
        "interval": None if row.get("low") is None else (float(low), float(high)),
        "text": row["text"],
        "title": f"{row['label']}: {row['text']}",
        "strong": bool(row.get("strong")),
        "low": _x(float(low), axis),
        "x": _x(float(row["value"]), axis),
        "high": _x(float(high), axis),
        "y": index * _ROW_PX,
    }


def _ends(row: Mapping[str, Any]) -> tuple[float, float, float]:
    value = row["value"]
    low = value if row.get("low") is None else row["low"]
    high = value if row.get("high") is None else row["high"]
    return low, value, high


def _axis(values: Sequence[float]) -> tuple[float, float]:
    """Return the tenths that enclose all values, at least 0.2 apart."""
    low = floor(round(min(values) * 10, 6)) / 10
    high = ceil(round(max(values) * 10, 6)) / 10
    while high - low < 0.199:
        low, high = max(low - 0.1, -1.0), min(high + 0.1, 1.0)
        if (low, high) == (-1.0, 1.0):
            break
    return low, high


def _ticks(axis: tuple[float, float]) -> list[float]:
    low, high = axis
    step = next(s for s in (0.1, 0.2, 0.5, 1e9) if (high - low) / s <= 5.01)
    first = ceil(round(low / step, 6))
    last = floor(round(high / step, 6))
    return [round(step * i, 6) for i in range(first, last + 1)]


def _tick(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")


def _x(value: float, axis: tuple[float, float]) -> float:
    low, high = axis
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return round(_LEFT + _WIDTH * share, 3)


def _clip(text: str) -> str:
    return text if len(text) <= _LABEL_CHARS else f"{text[: _LABEL_CHARS - 1]}…"

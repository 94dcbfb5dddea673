"""Runs as text: a page of them, and one of them."""

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tunewise.cli.text.parts import View, cell, plain, section

_METRICS_SHOWN = 3


def runs(console: Console, view: View, *, sort: str) -> None:
    """Print a page of runs; the metric that orders them stands first."""
    rows = view["runs"]
    if not rows:
        console.print("No run is recorded that meets this.")
        return
    metrics = _columns(rows, sort.removeprefix("-"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("run", "arm", "seed", "status", *metrics, "by", "at"):
        table.add_column(name, no_wrap=name in ("run", *metrics))
    for row in rows:
        scores = [_number(row["metrics"].get(metric)) for metric in metrics]
        table.add_row(
            escape(row["run"]),
            cell(row["arm"]),
            str(row["seed"]),
            row["status"],
            *scores,
            cell(row["by"]),
            row["at"],
        )
    console.print(table)
    if view["more"]:
        console.print("There are more: see --limit and --offset.")


def run(console: Console, view: View) -> None:
    """Print one run: what was asked for, where it ran, what came out."""
    console.print(f"[bold]{escape(view['run'])}[/]  ({view['status']})")
    console.print(
        f"  {view['arm']}, seed {view['seed']}, of experiment {view['experiment']}; "
        f"by {escape(view['by'])}, {view['started_at'] or view['at']} to "
        f"{view['ended_at'] or 'now'}"
    )
    if view["error"]:
        console.print(f"  {escape(view['error'])}")
    result = view["result"] or {}
    if result:
        _pairs(console, "Scores", result.get("metrics", {}))
        _pairs(console, "Training", result.get("train") or {})
        _pairs(console, "Checks", result.get("checks", {}))
        _pairs(console, "Environment", result.get("environment", {}))
    asked = {k: v for k, v in view["config"].items() if not isinstance(v, Mapping)}
    nested = {
        f"{group}.{key}": value
        for group, given in view["config"].items()
        if isinstance(given, Mapping)
        for key, value in given.items()
    }
    _pairs(console, "Asked for", {**asked, **nested})


def _pairs(console: Console, title: str, values: Mapping[str, object]) -> None:
    told = {k: v for k, v in values.items() if v not in (None, "", [], {})}
    if not told:
        return
    section(console, title)
    width = max(map(len, told))
    for key, value in told.items():
        words = _number(value) if isinstance(value, float) else plain(value)
        console.print(f"  {key:<{width}}  {words}", markup=False)


def _columns(rows: list[View], first: str) -> list[str]:
    """Return the metrics to show: the one sorted by, then the most frequent ones."""
    counts: dict[str, int] = {}
    for row in rows:
        for metric in row["metrics"]:
            counts[metric] = counts.get(metric, 0) + 1
    frequent = sorted(counts, key=lambda metric: (-counts[metric], metric))
    ordered = dict.fromkeys([*([first] if first in counts else []), *frequent])
    return list(ordered)[:_METRICS_SHOWN]


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else cell(value)

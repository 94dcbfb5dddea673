"""Experiments as text: arms with intervals, comparisons, verdict."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tunewise.cli.text import endpoints, metrics
from tunewise.cli.text.costs import costs as costs_of
from tunewise.cli.text.estimate import compared
from tunewise.cli.text.parts import View, bullets, money, score, table
from tunewise.cli.text.predictions import prediction
from tunewise.cli.text.slices import slices
from tunewise.cli.text.trainings import trainings
from tunewise.report.experiment import margin_of
from tunewise.report.reading import complete_reading
from tunewise.report.words import from_the_winner, models_too


def experiment(console: Console, view: View) -> None:
    """Print the arms with intervals, the comparisons and the verdict."""
    metric = view["primary_metric"]
    console.print(
        f"[bold]{escape(view['title'])}[/]  {view['experiment']}  ({view['status']})"
    )
    console.print(
        f"  {view['dataset']}, held-out {view['heldout_digest'][:19]}…, "
        f"primary metric {metric}{_fixed_before(view)}"
    )
    if view.get("error"):
        console.print(f"  {escape(view['error'])}")
    bullets(console, "Take care", view.get("warnings", ()))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("arm", "set-up", metric, "other scores"):
        table.add_column(name, no_wrap=name in ("arm", metric))
    for name, arm in {**view["arms"], **view["diagnostics"]}.items():
        style = "dim" if name in view["diagnostics"] else ""
        table.add_row(*_arm_cells(name, arm, metric), style=style)
    console.print(table)
    metrics.speed(console, view["arms"])
    metrics.answering(console, {**view["arms"], **view["diagnostics"]})
    _told(console, view)
    trainings(console, view)
    slices(console, view)
    endpoints.judge(console, view)
    endpoints.sent(console, view)
    if costs := view.get("tuning_costs"):
        once, yearly = costs["once"], costs["per_year"]
        console.print(
            f"  Tuning costs {money(once)} once and {money(yearly)} a year"
            + (f" (assumed: {'; '.join(costs['assumed'])})" if costs["assumed"] else "")
        )
    if found := view.get("costs"):
        costs_of(console, found)
    if forecasts := view.get("forecasts"):
        console.print("\nPredicted before it started, and actual:")
        compared(console, forecasts)
    if "verdict" in view:
        console.print()
        prediction(console, view)
        console.print(
            f"Before: {view['verdict_before']['recommended']}. "
            f"[bold]Now: {view['verdict']['recommended']}[/] "
            f"(lead {view['verdict']['lead']})."
        )
        console.print(f"  {escape(view['verdict']['because'])}")
        bullets(console, "Take care", view["verdict"]["warnings"])


def _told(console: Console, view: View) -> None:
    """Print what the scores show in words: seeds, comparisons, the gold passage."""
    for name, arm in view["arms"].items():
        if found := arm.get("by_seed"):
            console.print(f"  {name} by seed: {_by_seed(found)}")
    for c in view["comparisons"]:
        console.print(f"  {_compared(c)}")
    for c in view.get("beside_lookups", ()):
        console.print(f"  beside a lookup: {_compared(c)}")
    if reading := complete_reading(view.get("reading")):
        bullets(console, reading["title"], reading["sentences"])


def experiments(console: Console, rows: Sequence[View]) -> None:
    """Print experiments as a table."""
    columns = ("experiment", "title", "status", "dataset", "by", "at")
    table(console, columns, rows, empty="No experiment is recorded here.")


def _fixed_before(view: View) -> str:
    """Return the target and the margin that stood before the first run."""
    target = view.get("target_score")
    said = "" if target is None else f", target {target:g}"
    if margin := margin_of(view):
        default = "" if margin["stated"] else " (default)"
        said += f", equivalence margin {margin['value']:g}{default}"
    return said


def _arm_cells(name: str, arm: View, metric: str) -> list[str]:
    label = name.replace("_", " ") + (" (imported)" if arm.get("imported") else "")
    if "metrics" not in arm:  # failed, or its experiment is not finished
        error = arm.get("error", "").partition("\n")[0]
        return [label, arm["status"], "", escape(error)]
    others = ", ".join(
        f"{m} {v['value']:.2f}" for m, v in arm["metrics"].items() if m != metric
    )
    return [
        label,
        escape(arm["setup"]),
        score(arm["metrics"][metric]),
        others,
    ]


def _by_seed(found: View) -> str:
    scores = ", ".join(f"{s['value']:.3f} ({s['seed']})" for s in found["scores"])
    return f"{scores}; standard deviation {found['standard_deviation']:.3f}"


def _compared(c: View) -> str:
    difference, low, high = c["difference"], c["low"], c["high"]
    winner, other = c["a"], c["b"]
    if c["conclusion"] == "lose":  # said from the winner's side
        winner, other = other, winner
        difference, low, high = -difference, -high, -low
    words = f"{winner} and {other}: {c['conclusion']}, difference"
    if c["conclusion"] in ("win", "lose"):
        words = f"{winner} beats {other} by"
    p = "p < 0.001" if c["p_value"] < 0.001 else f"p = {c['p_value']:.3f}"
    needs = f"; about {c['needs_n']} examples would settle it" if c["needs_n"] else ""
    figures = f"{difference:+z.2f} ({low:+z.2f} to {high:+z.2f}, {p})"
    return f"{words} {figures}{needs}{models_too(from_the_winner(c))}"

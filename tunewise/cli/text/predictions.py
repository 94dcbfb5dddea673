"""Blind verdicts beside what was measured, as text."""

from rich.console import Console

from tunewise.cli.text.parts import View, say, table
from tunewise.report import predictions as words


def prediction(console: Console, view: View) -> None:
    """Print what the rules alone said of one experiment, where that is on record."""
    if found := view.get("prediction"):
        say(console, f"{words.prediction(found)}.")


def predictions(console: Console, view: View) -> None:
    """Print how often the rules alone were right, and the experiments one by one."""
    say(console, words.predictions(view), indent=0)
    rows = [
        {
            **row,
            "rules alone": row["recommended"],
            "measured best": ", ".join(row["best"]) or "nothing",
            "outcome": words.outcome(row),
            "regret": words.regret(row),
        }
        for row in view["experiments"]
    ]
    if rows:
        columns = ("experiment", "metric", "rules alone", "measured best")
        table(console, (*columns, "outcome", "regret"), rows, empty="")

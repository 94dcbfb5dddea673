"""The finetune arm on fewer training examples as text: a table and a sentence each."""

from rich.console import Console
from rich.table import Table

from tunewise.cli.text.parts import View, say, score, section
from tunewise.report.numbers import count
from tunewise.report.trainings import complete_trainings
from tunewise.report.words import sentence


def trainings(console: Console, view: View) -> None:
    """Print what more examples, or better ones, would do; nothing if not measured."""
    for found in complete_trainings(view):
        section(console, found["title"])
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("trained on", "examples", found["metric"]):
            table.add_column(name, justify="right" if name == "examples" else "left")
        for point in found["points"]:
            table.add_row(point["label"], count(point["examples"]), score(point))
        console.print(table)
        say(console, f"{sentence(found['sentence'])}.")
        if found["because"]:
            say(console, f"{sentence(found['because'])}.", style="dim")

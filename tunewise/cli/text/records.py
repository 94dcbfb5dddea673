"""History, search and the installation as text."""

import csv as csv_module
import io
from collections.abc import Sequence

import click
from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import View, table


def history(console: Console, view: View) -> None:
    """Print events, and what held on a date."""
    if not view["events"]:
        console.print("Nothing was recorded by then.")
    for event in view["events"]:
        console.print(
            f"{event['seq']:>5}  {event['at']}  {escape(event['actor']):<12} "
            f"{event['action']:<24} {escape(event['subject'])}"
        )
    for kind, rows in view.get("state", {}).items():
        if isinstance(rows, list) and rows:
            console.print(f"\n[bold]{kind} on that date[/]")
            for row in rows:
                words = "  ".join(str(v) for v in row.values() if v)
                console.print(f"  {words}", markup=False)


def hits(console: Console, rows: Sequence[View]) -> None:
    """Print search hits."""
    table(console, ("kind", "id", "snippet"), rows, empty="Nothing found.")


def doctor(console: Console, view: View) -> None:
    """Print the installation."""
    for key, value in view.items():
        if isinstance(value, dict):
            console.print(f"{key}:")
            for name, version in value.items():
                console.print(f"  {name:<16} {version or 'not installed'}")
        else:
            console.print(f"{key}: {value}", markup=False)


def csv(rows: Sequence[View]) -> None:
    """Print rows as CSV on standard output."""
    if not rows:
        return
    text = io.StringIO()
    writer = csv_module.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    click.echo(text.getvalue(), nl=False)

"""History, search and the installation as text."""

import csv as csv_module
import io
from collections.abc import Sequence

import click
from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import View, bullets, identity, say, section, table
from tunewise.report.words import recorded_later


def history(console: Console, view: View) -> None:
    """Print events, and what held on a date."""
    if not view["total"]:
        console.print("Nothing was recorded by then.")
    elif not view["events"]:
        console.print(f"Only {view['total']} events are recorded: a lower --offset.")
    if view["more"]:
        older = view["total"] - view["offset"] - len(view["events"])
        passed = view["offset"] + len(view["events"])
        console.print(
            f"[dim]{older:,} older events come before these: --offset {passed}, "
            "or a higher --limit.[/]"
        )
    for event in view["events"]:
        later = ""
        if event["decided_at"]:
            later = f"  (recorded later: decided {event['decided_at']})"
        who = f"{event['actor']} ({identity(event['identity'])})"
        console.print(
            f"{event['seq']:>5}  {event['at']}  {escape(who):<26} "
            f"{event['action']:<27} {escape(event['subject'])}{later}"
        )
        if event["because"]:
            because = " ".join(event["because"].split())
            console.print(f"{'':>7}because {escape(because)}")
        if event["note"]:
            console.print(f"{'':>7}{event['note']}", markup=False)
    if "state" in view:
        _on_a_date(console, view["state"], view["on_record"])


def _on_a_date(console: Console, held: View, on_record: View) -> None:
    """Print what held on a date, and what was on record then."""
    at = held["at"]
    _decisions(console, f"What held on {at}, by when it was decided", held["decisions"])
    _decisions(console, f"What was on record on {at}", on_record["decisions"])
    running = [
        f"{d['as']} in {d['environment']} ({d['product']}): {d['model']}"
        for d in held["deployments"]
    ]
    bullets(console, f"What ran on {at}", running)
    for kind in ("models", "datasets"):
        if on_record[kind]:
            section(console, f"{kind.capitalize()} on record on {at}")
            for row in on_record[kind]:
                words = "  ".join(_word(value) for value in row.values() if value)
                console.print(f"  {words}", markup=False)


def _decisions(console: Console, title: str, rows: Sequence[View]) -> None:
    section(console, title)
    if not rows:
        console.print("  none")
    for row in rows:
        choice = f", {row['choice']}" if row["choice"] else ""
        later = ""
        if row["decided_at"]:
            later = (
                f"  (recorded {row['recorded_at'][:10]}, decided {row['decided_at']}, "
                f"source {row['source']})"
            )
        line = f"  {row['id']}  {row['status']}{choice}  {row['title']}{later}"
        console.print(line, markup=False)


def _word(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def hits(console: Console, rows: Sequence[View]) -> None:
    """Print search hits."""
    table(console, ("kind", "id", "snippet"), rows, empty="Nothing found.")
    for row in rows:
        if row["retrospective"]:
            say(console, f"{row['id']} was {recorded_later(row['retrospective'])}")


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

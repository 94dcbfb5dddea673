"""What rests on a record, as text."""

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import View


def resting(console: Console, view: View) -> None:
    """Print the decisions that rest on a record, and what they would be without it."""
    for row in view["decisions"]:
        console.print(
            f"[bold]{escape(row['title'])}[/]  {row['id']}  ({row['status']})"
        )
        console.print(f"  {escape('; '.join(row['how']))}", highlight=False)
        if said := _without(row):
            console.print(f"  Without it: {escape(said)}", highlight=False)
        console.print()
    console.print(_summary(view), markup=False)


def _without(row: View) -> str:
    if row["alters"]:
        said = f"{row['today']} → {row['without']}"
    elif row["without"]:
        said = f"stays {row['without']}"
    else:
        return str(row["note"])
    return f"{said} ({row['note']})" if row["note"] else said


def _summary(view: View) -> str:
    record, total = f"{view['kind']} {view['id']}", view["total"]
    if not total:
        return f"No decision that is proposed or in force rests on {record}."
    rests = "decision rests" if total == 1 else "decisions rest"
    said = f"{total:,} {rests} on {record}"
    if total > len(view["decisions"]):
        said += f", of which the newest {len(view['decisions'])} were asked"
    altered = sum(bool(row["alters"]) for row in view["decisions"])
    return f"{said}; by the rules of today {altered} would alter without it."

"""What options cost, as text: once, a month, over three years, and when it pays."""

from rich.console import Console
from rich.table import Table

from tunewise.cli.text.parts import View, bullets, say
from tunewise.report.numbers import amount, amounts, count
from tunewise.report.words import sentence


def costs(console: Console, view: View) -> None:
    """Print the costs of an experiment's options; what they rest on is counted.

    Every figure's origin stands on the page, in reports and in ``--json``.
    """
    requests = view["requests_a_month"]
    about = [] if requests["stated"] else ["assumed"]
    if requests["low"] < requests["high"]:
        about.insert(0, f"{count(requests['low'])} to {count(requests['high'])}")
    console.print(
        f"\n[bold]Costs[/] in {view['currency']}, at {count(requests['value'])} "
        f"requests a month" + (f" ({', '.join(about)})" if about else "")
    )
    rows = [*view["options"], *([view["today"]] if view["today"] else [])]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("option", "once", "a month", "three years"):
        table.add_column(name, no_wrap=name == "option")
    for row in rows:
        cells = (amounts(row[key]) for key in ("once", "monthly", "three_years"))
        table.add_row(row["option"], *cells)
    console.print(table)
    for row in rows:
        kinds = ", ".join(
            f"{k['kind']} {_when(k)}" for k in row["kinds"] if k["kind"] != "whole"
        )
        if kinds:
            say(console, f"{row['option']}: {kinds}", hang=2)
    for pair in view["break_even"]:
        say(console, f"{sentence(pair['because'])}.", hang=2)
    for row in rows:
        for matters in row["prices_that_matter"]:
            say(
                console,
                f"{row['option']}: {matters['price']} at {amount(matters['from'])} to "
                f"{amount(matters['to'])} per {matters['per']} moves three years from "
                f"{amount(matters['low'])} to {amount(matters['high'])}",
                hang=2,
            )
    figures = sum(len(row["rests_on"]) for row in rows)
    assumed = len({line for row in rows for line in row["assumed"]})
    say(
        console,
        f"They rest on {figures} priced figures and {assumed} assumptions: the page, "
        "a report and --json name each.",
        hang=2,
    )
    bullets(
        console,
        "Not counted",
        [f"{row['option']}: {line}" for row in rows for line in row["missing"]],
    )
    hint = [view["today_unknown"]] if view["today_unknown"] else []
    bullets(console, "Costs: take care", [*view["warnings"], *hint])


def _when(kind: View) -> str:
    parts = []
    if kind["once"]["high"]:
        parts.append(f"{amount(kind['once']['value'])} once")
    if kind["month"]["high"]:
        parts.append(f"{amount(kind['month']['value'])} a month")
    return " and ".join(parts) or "0"

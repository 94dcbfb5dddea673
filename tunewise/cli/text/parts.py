"""What the other modules print with: scores, money, tables, lists."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

View = Mapping[str, Any]

_WIDEST = 100  # characters of a line that is read, not scanned
_FIELD = 16  # characters of a name in front of what it stands for

# What is copied into the next command: a table wraps other columns first.
_WHOLE = ("id", "experiment", "model", "latest", "kind")


def score(value: View | None) -> str:
    """Return a score as people should read it.

    >>> score({"value": 0.83, "low": 0.76, "high": 0.88, "n": 100})
    '0.83 (0.76–0.88, n = 100)'
    >>> score({"value": 0.83})
    '0.83'
    """
    if value is None:
        return "–"
    bounds = [value.get(end) for end in ("low", "high")]
    about = [] if None in bounds else ["–".join(f"{end:.2f}" for end in bounds)]
    about += [f"n = {value['n']}"] if value.get("n") is not None else []
    return f"{value['value']:.2f}" + (f" ({', '.join(about)})" if about else "")


def money(cost: View) -> str:
    """Return an amount with its bounds.

    >>> money({"value": 640, "low": 133.3, "high": 1920, "currency": "EUR"})
    '640 EUR (133 to 1,920)'
    """
    return (
        f"{cost['value']:,.0f} {cost['currency']} "
        f"({cost['low']:,.0f} to {cost['high']:,.0f})"
    )


def changes(change: View) -> str:
    """Return a change of facts in words.

    >>> changes({"prompt_tried": True, "prompt_score": 0.7})
    'prompt_tried = true and prompt_score = 0.7'
    """
    return " and ".join(f"{fact} = {plain(value)}" for fact, value in change.items())


def plain(answer: object) -> str:
    """Return an answer as a fact file writes it, texts without their quotes."""
    return str(answer).lower() if isinstance(answer, bool) else str(answer)


def value(fact: View) -> str:
    """Return a fact's value, or its range.

    >>> value({"value": None, "low": 0.2, "high": 0.4})
    '0.2 to 0.4'
    """
    if fact["value"] is not None:
        return plain(fact["value"])
    ends = [fact.get(end) for end in ("low", "high")]
    return " to ".join("?" if end is None else plain(end) for end in ends)


def mark(finding: View) -> str:
    """Return how much a finding says: a veto, a weight, or only a variant's name."""
    if finding["veto"]:
        return "veto"
    return f"{finding['weight']:+d}" if finding["weight"] else "form"


def identity(kind: str | None) -> str:
    """Return how an actor's identity was established, in words."""
    return "not verified" if kind in (None, "stated") else str(kind)


def labels(console: Console, view: View) -> None:
    """Print a record's labels, such as DEMO, where it has any."""
    if view.get("labels"):
        console.print(f"[bold reverse] {' '.join(view['labels'])} [/]")


def section(console: Console, title: str) -> None:
    """Print a heading."""
    console.print(f"\n[bold]{title}[/]")


def say(
    console: Console, text: str, *, indent: int = 2, hang: int = 0, style: str = ""
) -> None:
    """Print a text as it is, wrapped at the words where a terminal would break it.

    Its later lines stand ``hang`` columns further in.
    """
    space = " " * indent
    if console.is_terminal:
        text = textwrap.fill(
            text,
            width=min(console.width, _WIDEST),
            initial_indent=space,
            subsequent_indent=space + " " * hang,
            break_long_words=False,
            break_on_hyphens=False,
        )
    else:
        text = space + text
    console.print(text, style=style, markup=False)


def field(console: Console, name: str, text: str) -> None:
    """Print a name and what it stands for, in two columns; nothing where empty."""
    if not text:
        return
    space = " " * (_FIELD + 2)
    if console.is_terminal:
        text = textwrap.fill(
            text,
            width=min(console.width, _WIDEST) - len(space),
            break_long_words=False,
            break_on_hyphens=False,
        ).replace("\n", f"\n{space}")
    console.print(f"  {name:<{_FIELD}}{text}", markup=False)


def bullets(console: Console, title: str, lines: Sequence[str]) -> None:
    """Print a heading and a list, nothing where the list is empty."""
    if lines:
        section(console, title)
        for line in lines:
            console.print(f"  - {escape(line)}")


def table(
    console: Console, columns: Sequence[str], rows: Sequence[View], *, empty: str
) -> None:
    """Print rows as a table, or what to say where there are none."""
    if not rows:
        console.print(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "), no_wrap=column in _WHOLE)
    for row in rows:
        table.add_row(*(cell(row.get(c)) for c in columns))
    console.print(table)


def cell(value: object) -> str:
    """Return a value as a cell of a table shows it."""
    return "–" if value in (None, "") else escape(str(value))

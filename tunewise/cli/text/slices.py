"""Scores by slice as text: the largest slices of each kind, an arm a column."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tunewise.cli.text.parts import View, score, section

_MOST = 5  # slices of a kind; the others are in --json and on the page


def slices(console: Console, view: View) -> None:
    """Print every arm's score on the largest slices; nothing where there are none."""
    arms = {name: arm["slices"] for name, arm in view["arms"].items() if _any(arm)}
    if not arms:
        return
    first = next(iter(arms.values()))
    about = view.get("slices", {})
    section(
        console, f"{first[0]['metric']} by slice; no conclusion is drawn from these"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("slice", *arms):
        table.add_column(name, no_wrap=name != "slice")
    for kind in dict.fromkeys(each["kind"] for each in first):
        names = [each["name"] for each in first if each["kind"] == kind]
        for name in names[:_MOST]:
            cells = (_of(each, kind, name) for each in arms.values())
            table.add_row(f"{kind}: {escape(name)}", *cells)
        if note := _not_shown(kind, len(names) - _MOST, about):
            table.add_row(note, style="dim")
    console.print(table)


def _any(arm: View) -> bool:
    return bool(arm.get("slices"))


def _of(found: Sequence[View], kind: str, name: str) -> str:
    same = (s for s in found if (s["kind"], s["name"]) == (kind, name))
    return score(next(same, None))


def _not_shown(kind: str, more: int, about: View) -> str:
    """Return how many slices of a kind are not printed, and why."""
    said = [f"{more} more in --json"] if more > 0 else []
    if small := about.get("left_out", {}).get(kind):
        said.append(f"{small} below {about['least']} examples")
    return f"{kind}: {', '.join(said)}" if said else ""

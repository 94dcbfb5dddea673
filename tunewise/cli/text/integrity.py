"""What verification and anchors say as text."""

from collections.abc import Sequence

from rich.console import Console

from tunewise.cli.text.parts import View

_STATES = {
    "holds": "holds",
    "broken": "broken",
    "unreached": "out of reach",
    "unsigned": "not proven",
    "unproven": "not proven",
}


def verified(console: Console, view: View) -> None:
    """Print whether the chain holds, and exactly what does not."""
    console.print("[bold]ok[/]" if view["ok"] else "[bold red]not ok[/]")
    entries = "1 entry" if view["entries"] == 1 else f"{view['entries']} entries"
    console.print(f"  head {view['head'] or 'none: nothing is recorded'}  ({entries})")
    if rebuilt := view.get("rebuilt"):
        _rebuilt(console, rebuilt)
    for problem in view["problems"]:
        _line(console, f"{problem['kind']} {problem['record']}", problem["message"])
    for anchor in view["anchors"]:
        if anchor["state"] != "broken":  # a broken one is among the problems
            said = f": {anchor['message']}" if anchor["message"] else ""
            _line(console, f"anchor {_of(anchor)}", f"{_STATES[anchor['state']]}{said}")
    for note in view["notes"]:
        _line(console, "note", note)


def _rebuilt(console: Console, rebuilt: View) -> None:
    if lacking := rebuilt["lacking"]:
        gone = f"these tables of records are gone: {', '.join(lacking)}"
        _line(console, "nothing was rebuilt", f"{gone}; restore a backup first")
        return
    told = f"{rebuilt['search']} texts and {rebuilt['latest']} metrics"
    was = f"{rebuilt['differed']} differed before"
    _line(console, "rebuilt", f"the indexes hold {told}; {was}")


def anchors(console: Console, rows: Sequence[View]) -> None:
    """Print anchors: when, where, and what was put there."""
    if not rows:
        console.print("No anchor was made yet: tunewise anchor --git DIR, --file FILE.")
    for row in rows:
        console.print(f"{row['at']}  {row['place']:<4} {_of(row)}", markup=False)
        console.print(f"  entry {row['seq']}  {row['head']}", markup=False)
        if row.get("stamped_at"):
            by = "verified" if row["verified"] else "not verified: no --ca was given"
            console.print(f"  stamped at {row['stamped_at']}, {by}", markup=False)


def _of(anchor: View) -> str:
    name = f"{anchor['name']} in " if anchor["name"] else ""
    return f"{name}{anchor['where']}"


def _line(console: Console, what: str, message: str) -> None:
    console.print(f"  {what}: {message}", markup=False)

"""Old decisions that were asked again, as text."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import View


def replay(console: Console, view: View) -> None:
    """Print what each decision would be now, and the count of those that change."""
    for entry in view["decisions"]:
        console.print(
            f"[bold]{escape(entry['title'])}[/]  {entry['decision']}  "
            f"({entry['status']})"
        )
        if entry["error"]:
            console.print(f"  Cannot be asked again: {escape(entry['error'])}\n")
            continue
        console.print(f"  {_verdict(entry, as_recorded=view['as_recorded'])}")
        because = entry["because"]
        changed_criteria(console, "Because", because)
        rest = [c for c in entry["criteria"] if c not in because]
        changed_criteria(console, "Also" if because else "Criteria", rest)
        if entry["changed"] and not because:
            fields = ", ".join(entry["differences"])
            console.print(f"  No criterion explains it; what differs: {fields}")
        for warning in entry["warnings"]:
            console.print(f"  Take care: {escape(warning)}")
        console.print()
    console.print(_summary(view))


def _verdict(entry: View, *, as_recorded: bool) -> str:
    said = (
        f"Verdict {_moved(entry, 'recommended')}, lead {_moved(entry, 'lead')}, "
        f"runner-up {_moved(entry, 'runner_up')}"
    )
    if not as_recorded:
        return said
    if not entry["identical"]:
        return f"{said}; not identical: {', '.join(entry['differences'])}"
    newer = ", by other software" if entry["differences"] else ""
    return f"{said}; identical to the record{newer}"


def _moved(entry: View, key: str) -> str:
    old, new = (entry[side][key] or "none" for side in ("before", "after"))
    return str(old) if old == new else f"{old} → {new}"


def changed_criteria(console: Console, title: str, entries: Sequence[View]) -> None:
    """Print what each criterion says otherwise, under a title; nothing for none."""
    if entries:
        console.print(f"  {title}:")
    for c in entries:
        says = f"{_says(c['before'])} → {_says(c['after'])}"
        console.print(
            f"    {c['option']:<9} {says:<11} {escape(c['title'])} "
            f"[dim]({c['criterion']}, {c['change']})[/]"
        )


def _says(said: int | str | None) -> str:
    if said is None:
        return "–"
    return f"{said:+d}" if isinstance(said, int) else said


def _summary(view: View) -> str:
    if not view["n"]:
        return "No decision is recorded here."
    asked = [e for e in view["decisions"] if not e["error"]]
    failed = [e["decision"] for e in view["decisions"] if e["error"]]
    if view["as_recorded"]:
        named = [e["decision"] for e in asked if not e["identical"]]
        same = len(asked) - len(named)
        said = f"{same} of {view['n']} verdicts are identical to the record"
        said += "; not identical: " if named else ""
    else:
        named = [
            f"{e['decision']} ({_moved(e, 'recommended')})"
            for e in asked
            if e["changed"]
        ]
        said = f"{view['changed']} of {view['n']} decisions would change"
        said += ": " if named else ""
    said += ", ".join(named)
    return f"{said}; cannot be asked again: {', '.join(failed)}" if failed else said

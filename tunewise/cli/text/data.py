"""Datasets and drift as text."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import View, labels, table


def dataset_check(console: Console, view: View) -> None:
    """Print what a check found."""
    console.print(f"{view['examples']} examples")
    _findings(console, view["findings"])


def dataset_version(console: Console, view: View) -> None:
    """Print one dataset version."""
    labels(console, view)
    state = " (new)" if view["new"] else ""
    console.print(f"[bold]{view['dataset']}[/]{state}  {view['digest']}")
    if view["deleted"]:
        console.print(f"  Deleted: {escape(view['deleted'])}")
    for name, split in view["splits"].items():
        console.print(f"  {name:<11} {split['examples']:>6}  {split['digest'][:19]}…")
    if view["documents"]:
        console.print(
            f"  {'documents':<11} {view['documents']['examples']:>6}  "
            f"{view['documents']['digest'][:19]}…"
        )
    quality = view["quality"]
    console.print(f"  Quality {quality['grade']}: {escape(quality['because'])}")
    _findings(console, view["findings"])


def datasets(console: Console, rows: Sequence[View]) -> None:
    """Print datasets as a table."""
    columns = ("name", "versions", "latest", "examples", "at")
    table(console, columns, rows, empty="No dataset is registered here.")


def dataset_diff(console: Console, view: View) -> None:
    """Print a difference, the first ten of each kind."""
    for kind in ("added", "removed", "changed", "moved"):
        entries = view[kind]
        console.print(f"[bold]{len(entries)} {kind}[/]")
        for entry in entries[:10]:
            fields = f" ({', '.join(entry['fields'])})" if entry.get("fields") else ""
            console.print(f"  {escape(str(entry['key']))}{fields}")
        if len(entries) > 10:
            console.print(f"  … and {len(entries) - 10} more (--json lists all)")
    console.print(f"{view['unchanged']} unchanged")


def drift(console: Console, view: View) -> None:
    """Print what was looked at, what drifted first."""
    console.print("[bold]drifted[/]" if view["drifted"] else "[bold]no drift shown[/]")
    for f in view["findings"]:
        mark = "drifted" if f["drifted"] else "ok"
        console.print(
            f"  {mark:<8} {f['code']:<16} {f['value']:.3f} "
            f"({f['low']:.3f}–{f['high']:.3f}, acts at {f['threshold']:.3f})"
        )
        console.print(f"           {escape(f['message'])}")
    if view["drifted"]:
        facts = sorted({f["fact"] for f in view["findings"] if f["drifted"]})
        console.print(f"  Ask again: {', '.join(facts)}")


def _findings(console: Console, findings: Sequence[View]) -> None:
    for finding in findings:
        lines = finding["lines"]
        at = f":{lines[0]}" if lines else ""
        more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
        console.print(
            f"  {finding['severity']:<5} {finding['code']}  "
            f"{escape(finding['file'])}{at}{more}"
        )
        console.print(f"        {escape(finding['message'])}")

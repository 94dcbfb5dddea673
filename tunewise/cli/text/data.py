"""Datasets as text."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import View, labels, table

_SPLITS = ("train", "validation", "heldout")


def dataset_check(console: Console, view: View) -> None:
    """Print what a check found."""
    console.print(f"{view['examples']} examples")
    _quality(console, view)
    _findings(console, view["findings"])


def dataset_version(console: Console, view: View) -> None:
    """Print one dataset version."""
    labels(console, view)
    state = " (new)" if view["new"] else ""
    console.print(f"[bold]{view['dataset']}[/]{state}  {view['digest']}")
    if view["reordered"]:
        console.print(
            f"  The same examples as {view['dataset']}, in another order: "
            "no new version."
        )
    if view["restored"]:
        number = len(view["restored"])
        console.print(
            f"  {number} file{'s' if number > 1 else ''} that the home had lost "
            f"{'were' if number > 1 else 'was'} put back: same digest, same bytes."
        )
    if view["same_content"]:
        console.print(f"  Same content: {', '.join(view['same_content'])}")
    if view["deleted"]:
        console.print(
            f"  Deleted: {escape(view['deleted'])} ({view['deleted_at'][:10]})"
        )
    for name, split in view["splits"].items():
        console.print(f"  {name:<11} {split['examples']:>6}  {split['digest'][:19]}…")
    if view["documents"]:
        console.print(
            f"  {'documents':<11} {view['documents']['examples']:>6}  "
            f"{view['documents']['digest'][:19]}…"
        )
    _provenance(console, view)
    _quality(console, view)
    if view["accepted_because"]:
        by = view["accepted"]["by"] if view["accepted"] else view["by"]
        console.print(
            f"  Accepted by {escape(by)} despite what blocks: "
            f"{escape(view['accepted_because'])}"
        )
    _findings(console, view["findings"])


def _provenance(console: Console, view: View) -> None:
    for key, said in view["provenance"].items():
        console.print(f"  {key:<14} {escape(said) if said else '[dim]missing[/]'}")
    for change in view["provenance_changes"]:
        console.print(
            f"  {'':<14} corrected by {escape(change['by'])}, {change['at'][:10]}: "
            f"{escape(change['because'])}"
        )


def _quality(console: Console, view: View) -> None:
    quality = view["quality"]
    console.print(f"  Quality {quality['grade']}: {escape(quality['because'])}")
    splits = view["statistics"].get("splits", {})
    for name in sorted(splits, key=_SPLITS.index):
        if "tokens" in (split := splits[name]):
            console.print(f"  {name:<11} {_tokens(split)}")
    by = view["statistics"].get("tokens_counted_by")
    if by and splits:
        console.print(
            f"  (tokens {escape(by['how'])}; too long is above {by['max_length']:,})"
        )


def _tokens(split: View) -> str:
    tokens = split["tokens"]
    sampled = split["sampled"]
    said = (
        f"tokens p50 {tokens['p50']:,.0f}, p95 {tokens['p95']:,.0f}, "
        f"p99 {tokens['p99']:,.0f}; {100 * split['truncated_share']:.1f} % too long; "
        f"{100 * split['trained_token_share']:.0f} % trained on"
    )
    if sampled:
        said += (
            f" (sampled: {sampled['n']:,} of {sampled['of']:,}, seed {sampled['seed']})"
        )
    return said


def datasets(console: Console, rows: Sequence[View]) -> None:
    """Print datasets as a table."""
    deleted = ("deleted",) if any(row.get("deleted") for row in rows) else ()
    columns = ("name", "versions", *deleted, "latest", "examples", "at")
    table(console, columns, rows, empty="No dataset is registered here.")


def dataset_diff(console: Console, view: View) -> None:
    """Print a difference, the first ten of each kind."""
    for kind in ("added", "removed", "changed", "moved"):
        entries = view[kind]
        console.print(f"[bold]{len(entries)} {kind}[/]")
        for entry in entries[:10]:
            console.print(f"  {escape(str(entry['key']))}{_changed(entry)}")
        if len(entries) > 10:
            console.print(f"  … and {len(entries) - 10} more (--json lists all)")
    console.print(f"{view['unchanged']} unchanged")
    if view["reordered"]:
        console.print("The same records, in another order.")


def _changed(entry: View) -> str:
    """Return what changed and from what, in one line."""
    fields = entry.get("fields", ())
    if not fields:
        return ""
    if fields == ["split"]:
        return f" ({entry['before']['split']} → {entry['after']['split']})"
    near = entry.get("similarity")
    found = f"; the nearest before, {100 * near:.0f} % alike" if near else ""
    return f" ({escape(', '.join(fields))}{found})"


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

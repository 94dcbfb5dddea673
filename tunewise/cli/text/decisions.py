"""Verdicts and decisions as text."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import (
    View,
    bullets,
    changes,
    mark,
    section,
    table,
    value,
)

_MANY = 8  # names that a line of text still shows


def verdict(console: Console, view: View, *, full: bool = False) -> None:
    """Print a verdict with its reasons, what is open, and what would change it.

    ``full`` adds every criterion that did not match, and why.
    """
    _headline(console, view)
    section(console, "Why, heaviest first")
    for finding in view["findings"]:
        facts = ", ".join(f"{n} = {value(v)}" for n, v in finding["facts"].items())
        origin = "" if finding["origin"] == "shipped" else f", {finding['origin']}"
        console.print(
            f"  {mark(finding):>4}  {finding['option']:<9} {escape(finding['because'])}"
        )
        because_of = f": {facts}" if facts else ""
        console.print(
            f"        [dim]{finding['criterion']}{origin}{escape(because_of)}[/]"
        )
    bullets(
        console,
        "Next",
        [f"{s['action']}  ({s['who']}): {s['why']}" for s in view["next_steps"]],
    )
    bullets(console, "Take care", view["warnings"])
    _open_facts(console, view)
    _changes(console, view)
    fitting = [m["id"] for m in view["base_models"] if not m["ruled_out_by"]]
    if fitting:
        console.print(f"\nBase models that fit: {', '.join(fitting[:6])}")
    if view["training"]:
        settings = ", ".join(f"{k} {v['value']}" for k, v in view["training"].items())
        console.print(f"Training configuration: {settings}")
    if full:
        section(console, "Did not match")
        for other in view["not_matched"]:
            console.print(f"  {other['criterion']}: [dim]{escape(_why_not(other))}[/]")
    hint = "" if full else " (--full says why)"
    console.print(
        f"\n[dim]{len(view['not_matched'])} criteria did not match{hint}. "
        f"Rule set {view['rule_set'][:19]}…, engine {view['engine']}[/]"
    )


def _headline(console: Console, view: View) -> None:
    variant = f", as {view['variant']}" if view["variant"] else ""
    between = ""
    if view["lead"] == "open":
        others = [view["runner_up"], *(f["recommended"] for f in view["flips"])]
        rival = next((o for o in others if o), None)
        between = f" between {view['recommended']} and {rival}" if rival else ""
    console.print(
        f"[bold]Verdict: {view['recommended']}[/]{variant}  "
        f"(lead {view['lead']}{between})"
    )
    console.print(f"  {escape(view['because'])}")
    totals = ", ".join(f"{o} {t:+d}" for o, t in view["totals"].items())
    runner_up = f"Runner-up: {view['runner_up']}. " if view["runner_up"] else ""
    console.print(f"  {runner_up}Totals: {totals}")
    for option, criteria in view["ruled_out"].items():
        console.print(f"  Ruled out: {option}, by {', '.join(criteria)}")


def _open_facts(console: Console, view: View) -> None:
    if view["unknown"]:
        console.print(f"\nUnknown and relevant: {_first(view['unknown'])}")
    if view["assumed"]:
        console.print(f"Only assumed: {_first(view['assumed'])}")
    question = view["next_question"]
    if question:
        console.print(f"Best next question: {escape(question['question'])}")
        console.print(f"  [dim]{question['fact']}: {escape(question['why'])}[/]")


def _changes(console: Console, view: View) -> None:
    flips = [
        f"{changes(f['change'])} would make it {f['recommended']}"
        for f in view["flips"]
    ]
    bullets(console, "What would change it, smallest change first", flips)
    searched = view["searched"]
    text = f"Every single change of one fact was tried ({searched['single']})"
    if searched["pairs"]:
        text += (
            f"; none flips it, so were the {searched['pairs']} most promising of "
            f"{searched['of_pairs']} pairs"
        )
    console.print(
        f"  [dim]{text}.[/]" if flips else f"\n[dim]{text}; none flips it.[/]"
    )


def _first(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MANY])
    more = len(names) - _MANY
    return f"{shown} and {more} more" if more > 0 else shown


def _why_not(other: View) -> str:
    if other["failed"]:
        return str(other["failed"][0])
    return f"waits for {', '.join(other['waiting_for'])}"


def decisions(console: Console, rows: Sequence[View]) -> None:
    """Print decisions as a table, and what the table has no room for."""
    table(
        console,
        ("id", "status", "title", "recommended", "choice", "by", "at"),
        rows,
        empty="No decision is recorded here.",
    )
    for row in rows:
        if row["to_be_superseded_by"]:
            console.print(
                f"{row['id']} is to be superseded by {row['to_be_superseded_by']}, "
                "which is proposed"
            )
        if row["decided_at"]:
            console.print(
                f"{row['id']} was recorded {row['at'][:10]}, decided "
                f"{row['decided_at']}, source {escape(row['source'])}"
            )


def problems(console: Console, view: View) -> None:
    """Print decisions to look at."""
    count = view["decisions"]
    console.print(f"{count} accepted decision{'' if count == 1 else 's'}")
    for problem in view["problems"]:
        console.print(f"  {problem['decision']}: {escape(problem['message'])}")

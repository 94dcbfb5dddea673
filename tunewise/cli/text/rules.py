"""Criteria, rule-set checks and open questions as text."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import View, table


def criteria(console: Console, rows: Sequence[View]) -> None:
    """Print the criteria as a table."""
    shown = [
        {**r, "says": ", ".join(_says(c) for c in r["consequences"])} for r in rows
    ]
    table(console, ("id", "says", "title", "origin"), shown, empty="No criteria.")


def criterion(console: Console, view: View) -> None:
    """Print one criterion."""
    console.print(f"[bold]{view['id']}[/]: {escape(view['title'])} ({view['origin']})")
    console.print(f"  When {escape(view['when'])}")
    for c in view["consequences"]:
        console.print(f"  {_says(c)}: {escape(c['because'])}")
    console.print(f"  Source: {escape(view['source'])} (since {view['since']})")
    if view["note"]:
        console.print(f"  Note: {escape(view['note'])}")
    for key in ("supported_by", "contradicted_by", "cases"):
        if view[key]:
            label = key.replace("_", " ").capitalize()
            console.print(f"  {label}: {', '.join(view[key])}")


def rules_check(console: Console, view: View) -> None:
    """Print what is wrong with a rule set."""
    console.print(
        f"{view['criteria']} criteria, {view['facts']} facts, {view['cases']} worked "
        f"cases; {view['rule_set']}"
    )
    for problem in view["problems"]:
        console.print(
            f"  {problem['severity']:<5} {problem['where']}: "
            f"{escape(problem['message'])}"
        )
    console.print("the rule set holds" if view["ok"] else "the rule set has problems")


def rules_score(console: Console, view: View) -> None:
    """Print how often the verdict is acceptable."""
    console.print(
        f"{view['correct']} of {view['n']} right: {view['accuracy']:.3f} "
        f"({view['low']:.3f}–{view['high']:.3f})"
    )
    for option, counts in view["by_option"].items():
        console.print(f"  {option:<9} {counts['correct']}/{counts['n']}")
    for miss in view["misses"]:
        right = ", ".join(miss["acceptable"])
        console.print(f"  {miss['id']}: got {miss['got']}, right is {right}")


def questions(console: Console, rows: Sequence[View]) -> None:
    """Print open questions by who knows."""
    who = None
    for row in rows:
        if row["who"] != who:
            who = row["who"]
            console.print(f"\n[bold]{escape(who)}[/]")
        console.print(f"  {row['fact']}: {escape(row['question'])}")


def _says(consequence: View) -> str:
    mark = "veto" if consequence["veto"] else f"{consequence['weight']:+d}"
    return f"{consequence['option']} {mark}"

"""Criteria, rule-set checks and open questions as text."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import View, mark, table


def criteria(console: Console, rows: Sequence[View]) -> None:
    """Print the criteria as a table."""
    shown = [
        {
            **r,
            "says": ", ".join(_says(c) for c in r["consequences"]),
            "origin": "switched off" if r["switched_off"] else r["origin"],
        }
        for r in rows
    ]
    table(console, ("id", "says", "title", "origin"), shown, empty="No criteria.")


def criterion(console: Console, view: View) -> None:
    """Print one criterion."""
    console.print(f"[bold]{view['id']}[/]: {escape(view['title'])} ({view['origin']})")
    off = view["switched_off"]
    if off:
        console.print(
            f"  [bold]Switched off[/] by {escape(off['by'])}: {escape(off['because'])}"
        )
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
    _covered(console, view["covered"])
    console.print("the rule set holds" if view["ok"] else "the rule set has problems")


def rules_coverage(console: Console, view: View) -> None:
    """Print how far the worked cases exercise each criterion, and what is missing."""
    missing: dict[str, list[str]] = {}
    for m in view["missing"]:
        line = f"line {m['line']} never {m['missing']}: {m['test']}"
        missing.setdefault(m["criterion"], []).append(line)
    rows = [
        {
            "criterion": row["criterion"],
            "cases": len(row["cases"]),
            "tests": row["tests"],
            "held": row["tests_held"],
            "failed": row["tests_failed"],
            "missing": "\n".join(missing.get(row["criterion"], ())),
        }
        for row in view["by_criterion"]
    ]
    columns = ("criterion", "cases", "tests", "held", "failed", "missing")
    table(console, columns, rows, empty="No criteria.")
    console.print(
        f"{view['criteria_matched']} of {view['criteria']} criteria matched by "
        f"{view['cases']} worked cases; of {view['tests']} tests {view['tests_held']} "
        f"held and {view['tests_failed']} failed in some case; "
        f"{view['facts_used']} of {view['facts']} facts used"
    )


def rules_score(console: Console, view: View) -> None:
    """Print how often the verdict is acceptable."""
    console.print(
        f"{view['correct']} of {view['n']} right: {view['accuracy']:.3f} "
        f"({view['low']:.3f}–{view['high']:.3f})"
    )
    console.print(
        f"balanced by option {view['balanced']:.3f}; without any rules: "
        + ", ".join(f"always {o} {share:.2f}" for o, share in view["always"].items())
    )
    for option, counts in view["by_option"].items():
        share = counts["correct"] / counts["n"]
        console.print(
            f"  {option:<9} {counts['correct']:>3} of {counts['n']:<3} {share:.2f} "
            f"({counts['low']:.2f}–{counts['high']:.2f})"
        )
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


def _covered(console: Console, covered: View) -> None:
    two, full = covered["sheets_of_two"], covered["full_sheets"]
    console.print(
        f"covered: {covered['criteria']} criteria, {covered['tests']} tests, "
        f"{two['sheets']:,} sheets of two facts, {full['sheets']:,} full sheets "
        "(every answer equally often: no forecast of real tasks)"
    )
    for name, outcomes in (("two facts", two), ("full", full)):
        if outcomes["sheets"]:
            console.print(f"  {name}: {_outcomes(outcomes)}")
    for a, b in covered["undecided"]:
        console.print(f"  {a} and {b}: too many combinations of answers to compare")


def _outcomes(outcomes: View) -> str:
    """Return counts and shares: who wins, where nothing speaks, where two lead."""

    def share(number: int) -> str:
        return f"{100 * number / outcomes['sheets']:.3g} %"

    wins = ", ".join(f"{o} {share(n)}" for o, n in outcomes["wins"].items())
    return (
        f"options that win: {wins}; nothing speaks for any option on "
        f"{outcomes['nothing']:,} ({share(outcomes['nothing'])}), a tie on "
        f"{outcomes['ties']:,} ({share(outcomes['ties'])})"
    )


def _says(consequence: View) -> str:
    return f"{consequence['option']} {mark(consequence)}"

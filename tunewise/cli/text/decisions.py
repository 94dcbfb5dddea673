"""Verdicts, decisions and lineage as text."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import (
    View,
    bullets,
    changes,
    identity,
    labels,
    score,
    section,
    table,
)


def verdict(console: Console, view: View) -> None:
    """Print a verdict with its reasons, what is open, and what would change it."""
    console.print(f"[bold]Verdict: {view['recommended']}[/]  (lead {view['lead']})")
    console.print(f"  {escape(view['because'])}")
    if view["runner_up"]:
        totals = ", ".join(f"{o} {t:+d}" for o, t in view["totals"].items())
        console.print(f"  Runner-up: {view['runner_up']}. Totals: {totals}")
    for option, criteria in view["ruled_out"].items():
        console.print(f"  Ruled out: {option}, by {', '.join(criteria)}")
    section(console, "Why")
    for finding in view["findings"]:
        mark = "veto" if finding["veto"] else f"{finding['weight']:+d}"
        console.print(
            f"  {mark:>4}  {finding['option']:<9} {escape(finding['because'])} "
            f"[dim]({finding['criterion']})[/]"
        )
    bullets(
        console, "Next", [f"{s['action']}  ({s['who']})" for s in view["next_steps"]]
    )
    bullets(console, "Take care", view["warnings"])
    if view["unknown"]:
        console.print(f"\nUnknown and relevant: {', '.join(view['unknown'])}")
    if view["assumed"]:
        console.print(f"Only assumed: {', '.join(view['assumed'])}")
    if view["next_question"]:
        console.print(
            f"Best next question: {escape(view['next_question']['question'])}"
        )
    flips = [
        f"{changes(f['change'])} would make it {f['recommended']}"
        for f in view["flips"]
    ]
    bullets(console, "What would change it", flips)
    fitting = [m["id"] for m in view["base_models"] if not m["ruled_out_by"]]
    if fitting:
        console.print(f"\nBase models that fit: {', '.join(fitting[:6])}")
    if view["training"]:
        settings = ", ".join(f"{k} {v['value']}" for k, v in view["training"].items())
        console.print(f"Training configuration: {settings}")
    console.print(
        f"\n[dim]{len(view['not_matched'])} criteria did not match (--json says why). "
        f"Rule set {view['rule_set'][:19]}…, engine {view['engine']}[/]"
    )


def decision(console: Console, view: View) -> None:
    """Print a decision record."""
    labels(console, view)
    console.print(f"[bold]{escape(view['title'])}[/]  {view['id']}  ({view['status']})")
    console.print(
        f"  Verdict: {view['verdict']['recommended']}. "
        f"{escape(view['verdict']['because'])}"
    )
    if view["choice"]:
        console.print(
            f"  Choice: {view['choice']}, by {escape(view['accepted_by'])} "
            f"({identity(view['accepted_identity'])}) at {view['accepted_at']}"
        )
    if view["justification"]:
        console.print(f"  Because: {escape(view['justification'])}")
    for condition in view["conditions"]:
        console.print(f"  Condition: {escape(condition)}")
    if view["closed_because"]:
        console.print(f"  Closed because: {escape(view['closed_because'])}")
    console.print(
        f"  Proposed by {escape(view['by'])} ({identity(view['identity'])}) "
        f"at {view['at']}"
    )
    for key in ("supersedes", "superseded_by", "review_on", "model"):
        if view[key]:
            console.print(f"  {key.replace('_', ' ').capitalize()}: {view[key]}")
    for signature in view["signatures"]:
        console.print(
            f"  Signed by {escape(signature['by'])} as {escape(signature['role'])}"
        )
    if view["experiments"]:
        console.print(f"  Experiments: {', '.join(view['experiments'])}")
    console.print(
        f"  [dim]Rule set {view['rule_set'][:19]}…, audit head "
        f"{view['audit_head'][:19]}…[/]"
    )


def decisions(console: Console, rows: Sequence[View]) -> None:
    """Print decisions as a table."""
    table(
        console,
        ("id", "status", "title", "recommended", "choice", "by", "at"),
        rows,
        empty="No decision is recorded here.",
    )


def lineage(console: Console, view: View) -> None:
    """Print why a model version exists."""
    model, found, run = view["model"], view["decision"], view["run"]
    labels(console, model)
    console.print(f"[bold]{model['model']}[/]  ({model['option']})")
    metric = model["primary_metric"]
    console.print(f"  {metric} {score(model['metrics'][metric])}")
    if found:
        console.print(
            f"\n[bold]Decision[/] {found['id']}: {escape(found['title'])} "
            f"({found['status']})"
        )
        console.print(
            f"  The rules said {found['recommended']}: {escape(found['because'])}"
        )
        console.print(
            f"  {escape(found['accepted_by'] or 'nobody')} "
            f"({identity(found['accepted_identity'])}) chose {found['choice']} "
            f"at {found['accepted_at']}"
        )
        if found["justification"]:
            console.print(f"  Because: {escape(found['justification'])}")
        for finding in found["findings"]:
            mark = "veto" if finding["veto"] else f"{finding['weight']:+d}"
            console.print(
                f"    {mark:>4} {finding['option']:<9} {escape(finding['because'])}"
            )
    if run:
        console.print(f"\n[bold]Run[/] {run['id']} ({run['status']}): {run['setup']}")
        if run["training"]:
            kept = {k: v for k, v in run["training"].items() if v not in ("", 0)}
            console.print("  " + ", ".join(f"{k} {v}" for k, v in kept.items()))
        console.print(
            f"  {run['started_at']} to {run['ended_at']}, seed {run['seed']}, "
            f"commit {run['git_commit'][:12] or 'unknown'}"
        )
    data = view["dataset"]
    if data:
        counts = ", ".join(f"{s['examples']} {n}" for n, s in data["splits"].items())
        console.print(f"\n[bold]Dataset[/] {data['version']}  {data['digest'][:19]}…")
        console.print(f"  {counts}; quality {data['quality']['grade']}")
    base = view["base_model"]
    console.print(
        f"\n[bold]Base model[/] {escape(base['id'])}  {base['digest'][:19]}…  "
        f"{base['licence'] or 'licence unknown'}"
    )
    console.print("\n[bold]Measured and not taken[/]")
    for other in view["alternatives"]:
        shown = score(other["score"]) if other["score"] else other["status"]
        console.print(f"  {other['arm']:<9} {shown}  {escape(other['setup'])}")
    console.print(
        f"\nCompleteness {view['completeness']:.0%}"
        + (f"; missing: {', '.join(view['missing'])}" if view["missing"] else "")
    )


def problems(console: Console, view: View) -> None:
    """Print decisions to look at."""
    console.print(f"{view['decisions']} accepted decisions")
    for problem in view["problems"]:
        console.print(f"  {problem['decision']}: {escape(problem['message'])}")

"""Records as text for a terminal; every number with its unit and its interval."""

import csv as csv_module
import io
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

View = Mapping[str, Any]

# What is copied into the next command: a table wraps other columns first.
_WHOLE = ("id", "experiment", "model", "latest", "kind")


def verdict(console: Console, view: View) -> None:
    """Print a verdict with its reasons, what is open, and what would change it."""
    console.print(f"[bold]Verdict: {view['recommended']}[/]  (lead {view['lead']})")
    console.print(f"  {escape(view['because'])}")
    if view["runner_up"]:
        totals = ", ".join(f"{o} {t:+d}" for o, t in view["totals"].items())
        console.print(f"  Runner-up: {view['runner_up']}. Totals: {totals}")
    for option, criteria in view["ruled_out"].items():
        console.print(f"  Ruled out: {option}, by {', '.join(criteria)}")
    _section(console, "Why")
    for finding in view["findings"]:
        mark = "veto" if finding["veto"] else f"{finding['weight']:+d}"
        console.print(
            f"  {mark:>4}  {finding['option']:<9} {escape(finding['because'])} "
            f"[dim]({finding['criterion']})[/]"
        )
    _list(console, "Next", [f"{s['action']}  ({s['who']})" for s in view["next_steps"]])
    _list(console, "Take care", view["warnings"])
    if view["unknown"]:
        console.print(f"\nUnknown and relevant: {', '.join(view['unknown'])}")
    if view["assumed"]:
        console.print(f"Only assumed: {', '.join(view['assumed'])}")
    if view["next_question"]:
        console.print(
            f"Best next question: {escape(view['next_question']['question'])}"
        )
    changes = [
        f"{_changes(f['change'])} would make it {f['recommended']}"
        for f in view["flips"]
    ]
    _list(console, "What would change it", changes)
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


def experiment(console: Console, view: View) -> None:
    """Print the arms with intervals, the comparisons and the verdict."""
    metric = view["primary_metric"]
    console.print(
        f"[bold]{escape(view['title'])}[/]  {view['experiment']}  ({view['status']})"
    )
    console.print(
        f"  {view['dataset']}, held-out {view['heldout_digest'][:19]}…, "
        f"primary metric {metric}"
    )
    if view.get("error"):
        console.print(f"  {escape(view['error'])}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in (
        "arm",
        "set-up",
        metric,
        "other scores",
        "p50 / p95 s",
        "prompt tokens",
    ):
        table.add_column(name, no_wrap=name in ("arm", metric))
    for name, arm in {**view["arms"], **view["diagnostics"]}.items():
        style = "dim" if name in view["diagnostics"] else ""
        table.add_row(*_arm_cells(name, arm, metric), style=style)
    console.print(table)
    for c in view["comparisons"]:
        console.print(f"  {_compared(c)}")
    if costs := view.get("tuning_costs"):
        once, yearly = costs["once"], costs["per_year"]
        console.print(
            f"  Tuning costs {money(once)} once and {money(yearly)} a year"
            + (f" (assumed: {'; '.join(costs['assumed'])})" if costs["assumed"] else "")
        )
    if "verdict" in view:
        console.print()
        console.print(
            f"Before: {view['verdict_before']['recommended']}. "
            f"[bold]Now: {view['verdict']['recommended']}[/] "
            f"(lead {view['verdict']['lead']})."
        )
        console.print(f"  {escape(view['verdict']['because'])}")
        _list(console, "Take care", view["verdict"]["warnings"])


def decision(console: Console, view: View) -> None:
    """Print a decision record."""
    _labels(console, view)
    console.print(f"[bold]{escape(view['title'])}[/]  {view['id']}  ({view['status']})")
    console.print(
        f"  Verdict: {view['verdict']['recommended']}. "
        f"{escape(view['verdict']['because'])}"
    )
    if view["choice"]:
        console.print(
            f"  Choice: {view['choice']}, by {escape(view['accepted_by'])} "
            f"({_identity(view['accepted_identity'])}) at {view['accepted_at']}"
        )
    if view["justification"]:
        console.print(f"  Because: {escape(view['justification'])}")
    for condition in view["conditions"]:
        console.print(f"  Condition: {escape(condition)}")
    if view["closed_because"]:
        console.print(f"  Closed because: {escape(view['closed_because'])}")
    console.print(
        f"  Proposed by {escape(view['by'])} ({_identity(view['identity'])}) "
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
    _table(
        console,
        ("id", "status", "title", "recommended", "choice", "by", "at"),
        rows,
        empty="No decision is recorded here.",
    )


def lineage(console: Console, view: View) -> None:
    """Print why a model version exists."""
    model, found, run = view["model"], view["decision"], view["run"]
    _labels(console, model)
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
            f"({_identity(found['accepted_identity'])}) chose {found['choice']} "
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


def dataset_check(console: Console, view: View) -> None:
    """Print what a check found."""
    console.print(f"{view['examples']} examples")
    _findings(console, view["findings"])


def dataset_version(console: Console, view: View) -> None:
    """Print one dataset version."""
    _labels(console, view)
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
    _table(console, columns, rows, empty="No dataset is registered here.")


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


def experiments(console: Console, rows: Sequence[View]) -> None:
    """Print experiments as a table."""
    columns = ("experiment", "title", "status", "dataset", "by", "at")
    _table(console, columns, rows, empty="No experiment is recorded here.")


def model_version(console: Console, view: View) -> None:
    """Print one model version."""
    _labels(console, view)
    aliases = f"  [{', '.join(view['aliases'])}]" if view["aliases"] else ""
    console.print(f"[bold]{view['model']}[/] ({view['option']}){escape(aliases)}")
    if view["retired"]:
        console.print(f"  Retired: {escape(view['retired'])}")
    for name, value in view["metrics"].items():
        console.print(f"  {name:<16} {score(value)}")
    for key in ("run", "experiment", "dataset", "decision"):
        console.print(f"  {key:<16} {view[key] or 'unknown'}")
    console.print(f"  {'base model':<16} {escape(view['base_model']['id'])}")


def models(console: Console, view: View) -> None:
    """Print base models and model versions."""
    base = [{**m, "digest": m["digest"][:19] + "…"} for m in view["base_models"]]
    _table(
        console,
        ("id", "source", "licence", "digest"),
        base,
        empty="No base model was fetched yet: tunewise model fetch ID.",
    )
    console.print()
    columns = ("model", "option", "dataset", "decision", "at")
    rows = view["model_versions"]
    _table(console, columns, rows, empty="No model version is recorded here.")


def criteria(console: Console, rows: Sequence[View]) -> None:
    """Print the criteria as a table."""
    shown = [
        {**r, "says": ", ".join(_says(c) for c in r["consequences"])} for r in rows
    ]
    _table(console, ("id", "says", "title", "origin"), shown, empty="No criteria.")


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


def history(console: Console, view: View) -> None:
    """Print events, and what held on a date."""
    for event in view["events"]:
        console.print(
            f"{event['seq']:>5}  {event['at']}  {escape(event['actor']):<12} "
            f"{event['action']:<24} {escape(event['subject'])}"
        )
    for kind, rows in view.get("state", {}).items():
        if isinstance(rows, list) and rows:
            console.print(f"\n[bold]{kind} on that date[/]")
            for row in rows:
                words = "  ".join(str(v) for v in row.values() if v)
                console.print(f"  {words}", markup=False)


def hits(console: Console, rows: Sequence[View]) -> None:
    """Print search hits."""
    _table(console, ("kind", "id", "snippet"), rows, empty="Nothing found.")


def verified(console: Console, view: View) -> None:
    """Print whether the chain holds."""
    console.print("[bold]ok[/]" if view["ok"] else "[bold red]not ok[/]")
    console.print(f"  head {view['head']}")
    for problem in view["problems"]:
        words = f"{problem['kind']} {problem['record']}: {problem['message']}"
        console.print(f"  {words}", markup=False)


def problems(console: Console, view: View) -> None:
    """Print decisions to look at."""
    console.print(f"{view['decisions']} accepted decisions")
    for problem in view["problems"]:
        console.print(f"  {problem['decision']}: {escape(problem['message'])}")


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


def doctor(console: Console, view: View) -> None:
    """Print the installation."""
    for key, value in view.items():
        if isinstance(value, dict):
            console.print(f"{key}:")
            for name, version in value.items():
                console.print(f"  {name:<16} {version or 'not installed'}")
        else:
            console.print(f"{key}: {value}", markup=False)


def csv(rows: Sequence[View]) -> None:
    """Print rows as CSV on standard output."""
    if not rows:
        return
    text = io.StringIO()
    writer = csv_module.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    click.echo(text.getvalue(), nl=False)


def score(value: View | None) -> str:
    """Return a score as people should read it.

    >>> score({"value": 0.83, "low": 0.76, "high": 0.88, "n": 100})
    '0.83 (0.76–0.88, n = 100)'
    """
    if value is None:
        return "–"
    return (
        f"{value['value']:.2f} ({value['low']:.2f}–{value['high']:.2f}, "
        f"n = {value['n']})"
    )


def money(cost: View) -> str:
    """Return an amount with its bounds.

    >>> money({"value": 640, "low": 133.3, "high": 1920, "currency": "EUR"})
    '640 EUR (133 to 1,920)'
    """
    return (
        f"{cost['value']:,.0f} {cost['currency']} "
        f"({cost['low']:,.0f} to {cost['high']:,.0f})"
    )


def _arm_cells(name: str, arm: View, metric: str) -> list[str]:
    label = name.replace("_", " ")
    if "metrics" not in arm:  # failed, or its experiment is not finished
        error = arm.get("error", "").partition("\n")[0]
        return [label, arm["status"], "", escape(error), "", ""]
    others = ", ".join(
        f"{m} {v['value']:.2f}" for m, v in arm["metrics"].items() if m != metric
    )
    latency = arm["latency_seconds"]
    return [
        label,
        escape(arm["setup"]),
        score(arm["metrics"][metric]),
        others,
        f"{latency['p50']:.2f} / {latency['p95']:.2f}" if latency else "–",
        f"{arm['prompt_tokens_mean']:.0f}" if arm["prompt_tokens_mean"] else "–",
    ]


def _compared(c: View) -> str:
    words = {
        "win": f"{c['a']} beats {c['b']}",
        "lose": f"{c['b']} beats {c['a']}",
        "equivalent": f"{c['a']} and {c['b']} are equivalent",
        "inconclusive": f"{c['a']} against {c['b']} is inconclusive",
    }[c["conclusion"]]
    needs = f"; about {c['needs_n']} examples would settle it" if c["needs_n"] else ""
    return (
        f"{words}: {c['difference']:+.2f} ({c['low']:+.2f} to {c['high']:+.2f}, "
        f"p = {c['p_value']:.3f}){needs}"
    )


def _changes(change: View) -> str:
    return " and ".join(f"{fact} = {value}" for fact, value in change.items())


def _says(consequence: View) -> str:
    mark = "veto" if consequence["veto"] else f"{consequence['weight']:+d}"
    return f"{consequence['option']} {mark}"


def _identity(kind: str | None) -> str:
    return "not verified" if kind in (None, "stated") else str(kind)


def _labels(console: Console, view: View) -> None:
    if view.get("labels"):
        console.print(f"[bold reverse] {' '.join(view['labels'])} [/]")


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


def _section(console: Console, title: str) -> None:
    console.print(f"\n[bold]{title}[/]")


def _list(console: Console, title: str, lines: Sequence[str]) -> None:
    if lines:
        _section(console, title)
        for line in lines:
            console.print(f"  - {escape(line)}")


def _table(
    console: Console, columns: Sequence[str], rows: Sequence[View], *, empty: str
) -> None:
    if not rows:
        console.print(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "), no_wrap=column in _WHOLE)
    for row in rows:
        table.add_row(*(_cell(row.get(c)) for c in columns))
    console.print(table)


def _cell(value: object) -> str:
    return "–" if value in (None, "") else escape(str(value))

"""Model versions and their deployments as text."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.drift import drift_checks
from tunewise.cli.text.parts import (
    View,
    field,
    identity,
    labels,
    say,
    score,
    section,
    table,
)
from tunewise.report.numbers import moment, short_digest
from tunewise.report.off_task import sentence as off_task
from tunewise.report.words import sentence


def model_version(console: Console, view: View) -> None:
    """Print one model version: what it consists of, its aliases, where it runs."""
    labels(console, view)
    aliases = f"  [{', '.join(view['aliases'])}]" if view["aliases"] else ""
    console.print(f"[bold]{view['model']}[/] ({view['option']}){escape(aliases)}")
    if view["retired"]:
        say(console, f"Retired: {view['retired']}")
    for name, value in view["metrics"].items():
        field(console, name, score(value))
    if found := view.get("off_task"):
        only = " Serve it for this task only." if found.get("worse") else ""
        say(console, f"{sentence(off_task(found))}.{only}")
    elsewhere = view.get("dataset_elsewhere") or {}
    stated = {
        "dataset": f"{elsewhere.get('name', 'without a name')} (kept elsewhere)",
        "decision": f"as its file says: {view.get('decision_text')}",
    }
    known = {"dataset": elsewhere, "decision": view.get("decision_text")}
    for key in ("run", "experiment", "dataset", "decision"):
        text = stated[key] if known.get(key) else "unknown"
        field(console, key, view[key] or text)
    contents(console, view)
    for key in ("purpose", "out_of_scope", "limits", "oversight"):
        field(console, key.replace("_", " "), view.get(key, ""))
    _aliases(console, view.get("alias_history", ()))
    if view.get("deployments"):
        section(console, "Deployments")
        for one in view["deployments"]:
            say(console, place(one))
            say(console, f"because {one['because']}", indent=4)
    if checks := view.get("drift_checks"):
        section(console, "Drift checks")
        drift_checks(console, checks)
    _missing(console, view)


def contents(console: Console, view: View) -> None:
    """Print what a version consists of: base, adapter, prompt, retrieval."""
    base = view["base_model"]
    facts = (
        f"revision {base['revision']}" if base.get("revision") else "",
        base.get("licence") or "licence unknown",
        base.get("source", ""),
        short_digest(base.get("digest")),
        f"{len(base['files'])} files by hash" if base.get("files") else "",
    )
    field(console, "base model", ", ".join((base["id"], *filter(None, facts))))
    files = view.get("files") or {}
    adapter = ", ".join(f"{n} {short_digest(d)}" for n, d in files.items())
    field(console, "adapter", adapter)
    field(console, "prompt", _prompt(view.get("prompt")))
    field(console, "retrieval", _retrieval(view.get("retrieval")))
    hosted = view.get("endpoint")
    if hosted:
        field(console, "endpoint", _endpoint(hosted))


def models(console: Console, view: View) -> None:
    """Print base models and model versions."""
    base = [{**m, "digest": m["digest"][:19] + "…"} for m in view["base_models"]]
    table(
        console,
        ("id", "source", "licence", "digest"),
        base,
        empty="No base model was fetched yet: tunewise model fetch ID.",
    )
    console.print()
    columns = ("model", "option", "aliases", "runs_as", "dataset", "decision", "at")
    rows = [
        {
            **m,
            "aliases": ", ".join(m["aliases"]),
            "runs_as": ", ".join(
                d["outside_name"] for d in m["deployments"] if d["runs"]
            ),
            "at": moment(m["at"]),
        }
        for m in view["model_versions"]
    ]
    table(console, columns, rows, empty="No model version is recorded here.")


def deployments(console: Console, rows: Sequence[View]) -> None:
    """Print deployments as a table."""
    shown = [
        {
            **row,
            "from": moment(row["from"]),
            "until": moment(row["until"]) or "no end known",
            "runs_now": "yes" if row["runs"] else "no",
        }
        for row in rows
    ]
    columns = (
        *("model", "outside_name", "environment", "product"),
        *("from", "until", "runs_now"),
    )
    table(console, columns, shown, empty="No deployment is recorded for this.")


def deployed(console: Console, view: View) -> None:
    """Print a deployment that was recorded, and those that it ended."""
    console.print(f"[bold]{view['model']}[/]", end="")
    console.print(f"  {place(view)}", markup=False)
    for one in view.get("ended", ()):
        say(console, f"Ended: {one['model']}, {place(one)}")


def place(one: View) -> str:
    """Return where a version runs, or ran, and from when until when."""
    where = f"{one['outside_name']} in {one['environment']} ({one['product']})"
    if not one["until"]:
        return f"{where}, from {moment(one['from'])} on"
    said = f"{where}, from {moment(one['from'])} until {moment(one['until'])}"
    if one["from"] == one["until"]:  # it ended before it began
        said = f"{where}, planned from {moment(one['from'])}, never ran"
    return f"{said}: {one['ended_because']}" if one["ended_because"] else said


def _endpoint(hosted: View) -> str:
    where = f" at {hosted['base_url']}" if hosted.get("base_url") else ""
    named = hosted.get("snapshot") or "no snapshot named"
    return f"{hosted.get('model') or 'no model named'}{where}, {named}"


def _prompt(prompt: View | None) -> str:
    if not prompt:
        return ""
    shots = f", {prompt['shots']} shots" if prompt.get("shots") else ""
    if prompt.get("system"):
        return f"“{_clipped(prompt['system'])}”{shots}"
    if prompt.get("systems"):
        digest = short_digest(prompt.get("digest"))
        return f"{prompt['systems']} system messages, {digest}{shots}"
    return f"no system message{shots}"


def _retrieval(retrieval: View | None) -> str:
    if not retrieval:
        return ""
    parts = [f"{retrieval['k']} {retrieval.get('of', 'passages')} a question"]
    parts = parts if retrieval.get("k") else []
    for name in ("documents", "examples"):
        held = retrieval.get(name)
        if isinstance(held, Mapping):
            digest = short_digest(held.get("digest"))
            parts.append(f"{held.get('examples', '?')} {name} {digest}")
    index = retrieval.get("index")
    if isinstance(index, Mapping):
        digest = short_digest(index.get("digest"))
        known = {k: v for k, v in index.items() if k not in ("digest", "method")}
        said = ", ".join(f"{k} {v}" for k, v in known.items())
        parts.append(f"index {index.get('method', '')} {digest} ({said})")
    elif retrieval.get("of") == "passages":
        parts.append("index unknown")
    return "; ".join(parts) or ", ".join(f"{k} {v}" for k, v in retrieval.items())


def _aliases(console: Console, moves: Sequence[View]) -> None:
    if moves:
        section(console, "Aliases, as they moved")
    for move in moves:
        ends = " → ".join(end or "none" for end in (move["before"], move["after"]))
        who = f"{move['by']} ({identity(move['identity'])})"
        say(console, f"{moment(move['at'])}  {move['alias']}: {ends}, by {who}")
        say(console, f"because {move['because']}", indent=4)


def _missing(console: Console, view: View) -> None:
    if "completeness" not in view:
        return
    section(console, f"Record {view['completeness']:.0%} complete; missing")
    missing(console, view["expected"])


def missing(console: Console, expected: Sequence[View]) -> None:
    """Print what is not known, group by group."""
    groups: dict[str, list[str]] = {}
    for one in expected:
        if not one["known"]:
            groups.setdefault(one["group"], []).append(one["name"])
    for group, names in groups.items():
        say(console, f"{group}: {', '.join(names)}")


def _clipped(text: str, longest: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest]}…"

"""Why a model version exists, as text: the answer first, then all it rests on."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.answer import decided, in_force, reason, runs
from tunewise.cli.text.models import contents, missing, place
from tunewise.cli.text.parts import (
    View,
    field,
    identity,
    labels,
    mark,
    say,
    score,
    section,
    value,
)
from tunewise.report.numbers import day, duration, moment, short_digest
from tunewise.report.quality import by_severity, severities
from tunewise.report.words import (
    claim,
    comparison,
    evidence,
    metric_title,
    recorded_later,
    sentence,
    split_title,
)

_TIES = ("decision.model-attached",)  # the other end of a tie told above
_UNSAID: tuple[object, ...] = (
    "",
    0,
    None,
    [],
)  # what a specification left to its defaults


def lineage(console: Console, view: View) -> None:
    """Print the lines that answer, then every part of the lineage."""
    labels(console, view["model"])
    say(console, reason(view), indent=0, style="bold")
    say(console, decided(view), indent=0)
    say(console, runs(view), indent=0)
    if today := in_force(view):
        say(console, today, indent=0)
    _asked(console, view)
    if view["decision"]:
        _decision(console, view["decision"])
    _successor(console, view["successor"])
    _measured(console, view)
    section(console, f"Model {view['model']['model']}")
    contents(console, view["model"])
    field(console, "aliases", ", ".join(view["model"]["aliases"]))
    _run(console, view)
    _data(console, view["dataset"])
    _people(console, view["people"])
    if view["deployments"]:
        section(console, "Deployments")
        for one in view["deployments"]:
            say(console, place(one), hang=4)
    _since(console, view)
    _completeness(console, view)


def _asked(console: Console, view: View) -> None:
    asked = view["asked"]
    if asked["kind"] != "version" or asked["at"]:
        when = f"stood on {asked['at']}" if asked["at"] else "stands now"
        text = f"Asked: {asked['reference']} ({asked['kind']}), which {when} for"
        say(console, f"{text} {asked['model']}.", indent=0, style="dim")


def _decision(console: Console, found: View) -> None:
    section(console, "Decision")
    say(console, f"{found['title']}  {found['id']}  ({found['status']})")
    field(console, "verdict", f"{found['recommended']}. {found['because']}")
    field(console, "choice", found["choice"] or "none yet")
    field(console, "because", found["justification"])
    if found["retrospective"]:
        later = recorded_later(found["retrospective"])
        field(console, "recorded later", later)
    for condition in found["conditions"] or ():
        field(console, "condition", _condition(condition))
    field(console, "review on", found["review_on"] or "")
    reasons = [f for f in found["findings"] if f["weight"] or f["veto"]]
    if reasons:
        say(console, "Criteria that matched:")
    for finding in reasons:
        facts = ", ".join(f"{n} = {value(v)}" for n, v in finding["facts"].items())
        because_of = f": {facts}" if facts else ""
        text = f"{mark(finding):<5} {finding['option']}: {finding['because']}"
        say(console, text, indent=4, hang=6)
        say(console, f"{finding['criterion']}{because_of}", indent=10, style="dim")
    if found["facts"]:
        say(console, "Facts:")
    for name, fact in found["facts"].items():
        rests_on = evidence(fact["evidence"], stated=fact.get("stated", False))
        say(console, f"{name} = {value(fact)}  ({rests_on})", indent=4, hang=6)
    for entry in found.get("claims") or ():
        if entry["standing"] == "contradicted":
            say(console, f"Contradicted: {claim(entry)}", hang=2)
    field(console, "kept because", found.get("accepted_because") or "")


def _successor(console: Console, after: View | None) -> None:
    if after:
        section(console, "Superseded by")
        say(console, f"{after['title']}  {after['id']}  ({after['status']})")
        field(console, "choice", after["choice"] or "none yet")
        field(console, "because", after["justification"])
        field(console, "model", after["model"] or "none")


def _measured(console: Console, view: View) -> None:
    model, metric = view["model"], view["model"]["primary_metric"]
    title = "Measured on held-out examples"
    section(console, f"{title}: {escape(metric_title(metric))}" if metric else title)
    say(
        console,
        f"{model['option']:<9} {score(model['primary_score'])}  chosen{_setup(model)}",
    )
    for other in view["alternatives"]:
        shown = score(other["score"]) if other["score"] else other["status"]
        setup = f"  {other['setup']}" if other["setup"] else ""
        say(console, f"{other['arm']:<9} {shown}  not taken{setup}")
        compared = other["comparison"]
        reason = other.get("because") or other["error"].split("\n")[0]
        if compared or reason:
            say(console, comparison(compared) if compared else reason, indent=12)
    if not view["alternatives"]:
        say(console, "No alternative was measured.")
    if model["heldout_digest"]:
        field(console, "held-out", short_digest(model["heldout_digest"]))


def _setup(model: View) -> str:
    name = model["setup"].get("name")
    return f"  {name}" if name else ""


def _run(console: Console, view: View) -> None:
    run, model = view["run"], view["model"]
    section(console, "Run")
    if run:
        say(console, f"{run['id']}  ({run['status']}): {run['setup']}")
    trained = (run or {}).get("training") or model["training"] or {}
    kept = {k: v for k, v in trained.items() if v not in _UNSAID}
    field(console, "training", ", ".join(f"{k} {v}" for k, v in kept.items()))
    took = (run or {}).get("train")
    if took:
        said = ", ".join(f"{took[k]:,} {k}" for k in _TOOK if took.get(k) is not None)
        field(console, "took", f"{said}, {duration(took.get('seconds'))}")
    seeds = [run["seed"]] if run else model["seeds"]
    field(console, "seed", ", ".join(str(s) for s in model["seeds"] or seeds))
    commit = run["git_commit"] if run else model["git_commit"]
    field(console, "commit", commit or "unknown")
    times = [run["started_at"], run["ended_at"]] if run else [model["trained_at"]]
    field(console, "when", " to ".join(moment(t) for t in times if t) or "unknown")
    field(console, "by", "" if run else model["trained_by"])
    field(console, "tool", model["tool"])
    machine = run["environment"] if run else model["environment"]
    field(console, "environment", _environment(machine) or "unknown")


_TOOK = ("examples", "steps", "tokens")


def _environment(environment: View) -> str:
    packages = environment.get("packages") or {}
    kept = {k: v for k, v in environment.items() if k not in ("packages", "git_commit")}
    named = [f"{k.replace('_', ' ')} {v}" for k, v in kept.items() if v]
    if isinstance(packages, Mapping):
        named += [f"{k} {v}" for k, v in packages.items() if v]
    return ", ".join(named)


def _data(console: Console, data: View | None) -> None:
    section(console, "Dataset")
    if not data:
        say(console, "unknown")
        return
    say(
        console,
        f"{data['version'] or 'without a name'}  {short_digest(data['digest'])}",
    )
    field(console, "deleted", data["deleted"])
    field(console, "about", data.get("description", ""))
    counts = [f"{s['examples']} {split_title(n)}" for n, s in data["splits"].items()]
    if data["documents"]:
        counts.append(f"{data['documents']['examples']} documents")
    field(console, "examples", ", ".join(counts))
    if data["quality"]:
        _quality(console, data)
    for name in ("owner", "origin", "licence", "classification", "basis"):
        field(console, name, str(data["provenance"].get(name) or "unknown"))


def _quality(console: Console, data: View) -> None:
    """Print the quality report: its grade, and what was found by severity."""
    field(console, "quality", data["quality"]["grade"])
    field(console, "", sentence(data["quality"]["because"]))
    field(console, "findings", severities(data["findings"]) or "none")
    for counted in by_severity(data["findings"]):
        meaning = f": {counted.meaning}" if counted.meaning else ""
        count = f" ({counted.count})" if counted.count else ""
        text = f"{counted.severity:<5}  {counted.code}{meaning}{count}"
        say(console, text, indent=4, hang=7)
    if accepted := data.get("accepted"):
        who = f"{accepted['by']} ({identity(accepted['identity'])})"
        field(
            console, "accepted by", f"{who} despite what blocks: {accepted['because']}"
        )


def _people(console: Console, people: Sequence[View]) -> None:
    section(console, "People")
    by_name: dict[str, list[str]] = {}
    for one in people:
        who = f"{one['name']} ({identity(one['identity'])})"
        by_name.setdefault(who, []).append(f"{one['did']} on {day(one['at'])}")
    for who, acts in by_name.items():
        say(console, f"{who}: {'; '.join(acts)}", hang=4)


def _since(console: Console, view: View) -> None:
    """Print what happened after the version was registered."""
    model = view["model"]["model"]
    first = next(
        (e["seq"] for e in view["events"] if e["action"] == "model.registered"), 0
    )
    later = [e for e in view["events"] if e["seq"] > first and e["action"] not in _TIES]
    section(console, f"Since {model} was registered")
    if not later:
        say(console, "nothing happened")
    for event in later:
        who = f"{event['actor']} ({identity(event['identity'])})"
        say(console, f"{moment(event['at'])}  {event['summary']}, by {who}", hang=4)
        if event["because"]:
            say(console, f"because {event['because']}", indent=4)


def _completeness(console: Console, view: View) -> None:
    expected = view["expected"]
    known = sum(e["known"] for e in expected)
    text = (
        f"Completeness {view['completeness']:.0%}: {known} of {len(expected)} "
        "expected fields are on record" + ("; missing" if view["missing"] else "")
    )
    console.print()
    say(console, text, indent=0, style="bold")
    missing(console, expected)
    say(console, f"audit head {view['audit_head']}", indent=0, style="dim")


def _condition(condition: View) -> str:
    return f"{condition['text']} ({'closed' if condition['closed'] else 'open'})"

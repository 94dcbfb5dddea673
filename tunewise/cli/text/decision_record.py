"""One decision as text: what was decided, by whom, on what, and what was tried."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import (
    View,
    bullets,
    identity,
    labels,
    plain,
    section,
)
from tunewise.cli.text.reviews import promised_and_realised
from tunewise.domain.description import FIELDS
from tunewise.report.numbers import amounts, moment
from tunewise.report.words import checked, claim, recorded_later

_MANY = 5  # experiments that a line still names
_SHORT = 19  # characters of a digest that a line shows
_RISKS = "Risks of the option ({open} of {n} open)"
_NAMES = {"margin": "equivalence margin", "rule_set": "rule set"}
_SIGNED = ("proposed", "accepted")  # in which a decision takes signatures


def decision(console: Console, view: View) -> None:
    """Print a decision record."""
    labels(console, view)
    console.print(f"[bold]{escape(view['title'])}[/]  {view['id']}  ({view['status']})")
    if view["retrospective"]:
        later = view["retrospective"]
        text = f"{recorded_later(later)}{_source(later)}"
        console.print(f"  [bold]Recorded later:[/] {escape(text)}")
    if view["to_be_superseded_by"]:
        console.print(
            f"  In force; to be superseded by {view['to_be_superseded_by']}, "
            "which is proposed"
        )
    _outcome(console, view)
    for key in ("supersedes", "superseded_by", "review_on", "model"):
        if view[key]:
            past = key == "review_on" and view["review_in_past"]
            note = " (past when it was recorded)" if past else ""
            console.print(f"  {key.replace('_', ' ').capitalize()}: {view[key]}{note}")
    if view["experiments"]:
        console.print(f"  Experiments: {', '.join(view['experiments'])}")
    if margin := view["equivalence_margin"]:
        stated = "" if margin["stated"] else " (default: nobody stated one)"
        console.print(
            f"  Equivalence margin: {margin['value']:g}{stated}, of "
            f"{margin['experiment']}"
        )
    bullets(console, "Described", [*_description(view)])
    bullets(console, "Costs, by its experiment", [*_costs(view)])
    _late(console, view)
    _contradicted(console, view)
    _conditions(console, view)
    bullets(console, _RISKS.format(**_count(view["risks"])), [*_risks(view)])
    promised_and_realised(console, view)
    _signatures(console, view)
    bullets(console, "Evidence", [*_evidence(view)])
    others = [c for c in view["claims"] if c["standing"] != "contradicted"]
    bullets(console, "Facts beside their records", [claim(c) for c in others])
    _runs(console, view)
    bullets(console, "What moved between the saved drafts", [*_changes(view)])
    for hint in _open_ends(view) if view["status"] in _SIGNED else ():
        console.print(f"\n[dim]{hint}[/]")
    hint = " (what --seen signs)" if view["status"] in _SIGNED else ""
    console.print(
        f"\n[dim]State {view['state_digest']}{hint}\n"
        f"Rule set {view['rule_set'][:_SHORT]}…, audit head {view['audit_head']}[/]"
    )


def _outcome(console: Console, view: View) -> None:
    console.print(
        f"  Verdict: {view['verdict']['recommended']}. "
        f"{escape(view['verdict']['because'])}"
    )
    if view["choice"]:
        console.print(
            f"  Choice: {view['choice']}, by {escape(view['accepted_by'])} "
            f"({identity(view['accepted_identity'])}) at {moment(view['accepted_at'])}"
        )
    if view["justification"]:
        console.print(f"  Because: {escape(view['justification'])}")
    if view["closed_because"]:
        console.print(f"  Closed because: {escape(view['closed_because'])}")
    console.print(
        f"  Proposed by {escape(view['by'])} ({identity(view['identity'])}) "
        f"at {moment(view['at'])}"
    )


def _costs(view: View) -> Iterator[str]:
    for cost in view["costs"]:
        once, month, years = (
            amounts(cost[key]) for key in ("once", "monthly", "three_years")
        )
        yield (
            f"{cost['option']}: {once} {cost['currency']} once, {month} a month, "
            f"{years} over three years ({cost['experiment']})"
        )


def _description(view: View) -> Iterator[str]:
    for name, said in view["description"].items():
        text = said if isinstance(said, str) else ", ".join(said)
        source = view["description_from"].get(name)
        yield f"{FIELDS[name].label}: {text}{f'  ({source})' if source else ''}"


def _open_ends(view: View) -> Iterator[str]:
    """Yield the command that says what nobody has said yet."""
    if not view["described"]:
        yield (
            "Nobody has described it: tunewise decision describe "
            f"{view['id']} --owner NAME --purpose TEXT (--help names the rest)"
        )
    if any(risk["state"] == "open" for risk in view["risks"]):
        yield (
            f"Open risks: tunewise decision risk {view['id']} RISK --control TEXT "
            "--owner NAME"
        )


def _count(risks: Sequence[View]) -> dict[str, int]:
    return {"n": len(risks), "open": sum(r["state"] == "open" for r in risks)}


def _risks(view: View) -> Iterator[str]:
    for risk in view["risks"]:
        text = f"{risk['id']}: {risk['title']}. "
        if risk["control"] or risk["owner"]:
            text += f"{risk['control'] or 'No control'}, {risk['owner'] or 'no owner'}"
        else:
            text += f"Open; usual: {risk['usual_control'] or 'nothing is named'}"
        if risk["waits_for"]:
            text += f"  (not known: {', '.join(risk['waits_for'])})"
        yield text


def _late(console: Console, view: View) -> None:
    for what, words in (("target", "target"), ("margin", "equivalence margin")):
        if view[f"{what}_set_after_score"]:
            console.print(
                f"  [bold]Mind:[/] the {words} was set after the first score on the "
                "held-out split was known."
            )


def _contradicted(console: Console, view: View) -> None:
    for entry in view["claims"]:
        if entry["standing"] == "contradicted":
            console.print(f"  [bold]Contradicted:[/] {escape(claim(entry))}")
    if view["accepted_because"]:
        because = escape(view["accepted_because"])
        console.print(f"  Kept all the same, because: {because}")


def _source(later: View) -> str:
    looked = later["source_checked"]
    if later["source_digest"] or not looked:
        return _kept(later["source_digest"])
    return f" ({looked})"


def _conditions(console: Console, view: View) -> None:
    if view["conditions"]:
        section(console, "Conditions")
    for condition in view["conditions"]:
        line = f"  {condition['n']}. {condition['text']}: {_standing(condition)}"
        console.print(escape(line))


def _standing(condition: View) -> str:
    closed = condition["closed"]
    if not closed:
        owner = f"owner {condition['owner']}" if condition["owner"] else "no owner"
        due = f"due {condition['due']}" if condition["due"] else "no due date"
        return f"open, {owner}, {due}"
    return (
        f"closed by {closed['by']} ({identity(closed['identity'])}) at "
        f"{moment(closed['at'])}, {closed['evidence'] or 'no evidence named'}"
        f"{_looked(closed)}: {closed['because']}"
    )


def _signatures(console: Console, view: View) -> None:
    if view["signatures"]:
        section(console, "Signatures")
    for mark in view["signatures"]:
        stance = "dissents" if mark["dissent"] else "agrees"
        who = f"{mark['by']} ({identity(mark['identity'])})"
        comment = f": {mark['comment']}" if mark["comment"] else ""
        said = f"  {who} {stance} as {mark['role']}, {moment(mark['at'])}{comment}"
        console.print(escape(said))
        console.print(f"    [dim]saw {mark['seen'] or 'what is not recorded'}[/]")
        if mark["earlier_state"]:
            since = _words(mark["since"])
            console.print(f"    signed an earlier state; since then {since}")


def _words(actions: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(action.replace("-", " ") for action in actions))


def _looked(closed: View) -> str:
    if closed["digest"] or not closed["checked"]:
        return _kept(closed["digest"])
    return f" ({closed['checked']})"


def _evidence(view: View) -> Iterator[str]:
    if not view["evidence_links"]:  # older records do not say what was found
        yield from view["evidence"]
    for link in view["evidence_links"]:
        facts = f"  ({', '.join(link['facts'])})"
        found = _kept(link["digest"]) or f", {checked(link)}"
        yield f"{link['kind']}:{link['reference']}{found}{facts}"


def _kept(digest: str) -> str:
    return f", kept here as {digest[:_SHORT]}…" if digest else ""


def _runs(console: Console, view: View) -> None:
    runs, total = view["runs_on_heldout"], view["runs_on_heldout_total"]
    if not runs:
        return
    cited = f"{view['runs_on_heldout_cited']:,} of them cited"
    some = f"; {len(runs)} are listed" if len(runs) < total else ""
    section(console, f"Every run on its held-out split ({total:,}, {cited}{some})")
    for run in runs:
        seed = f"seed {run['seed']}"
        score = "" if run["score"] is None else f"{run['metric']} {run['score']:.3f}"
        marks = ["cited"] if run["cited"] else []
        if not run["same_examples"]:
            marks.append("on other examples of the split")
        console.print(
            f"  {run['run']}  {run['arm']}, {seed}, {run['status']}  "
            f"{score or escape(run['error'].partition(chr(10))[0])}"
            f"{'  ' + ', '.join(marks) if marks else ''}"
        )
    if some:
        console.print(f"  All of them: {_all_runs(view['experiments_on_heldout'])}")


def _all_runs(experiments: Sequence[str]) -> str:
    """Return the command that lists every run of these experiments."""
    command = f"tunewise run list --where 'experiment = {experiments[0]}' --sort at"
    others = len(experiments) - 1
    if not others:
        return command
    named = ", ".join(experiments[1 : 1 + _MANY])
    more = f" and {others - _MANY} more" if others > _MANY else ""
    return f"{command}, and so for {named}{more}"


def _changes(view: View) -> Iterator[str]:
    measured = [c for c in view["changes"] if c["measured"]]
    for change in view["changes"]:
        if not change["measured"]:
            name = _NAMES.get(change["name"], change["name"])
            who = f"by {change['by']}" if change["by"] else "stated by nobody"
            yield (
                f"{name}: {_said(change['before'])} → "
                f"{_said(change['after'])}, {who} at {moment(change['at'])}, "
                f"in {change['draft']}"
            )
    if measured:
        names = dict.fromkeys(change["name"] for change in measured)
        yield f"measured since: {', '.join(names)}"


def _said(value: object) -> str:
    text = "unknown" if value is None else plain(value)
    return f"{text[:_SHORT]}…" if text.startswith("sha256:") else text

"""Decisions: what the rules say, what a person decides, and the record of both.

    facts -> verdict -> proposed -> accepted (choice) -> model version
                                 \\-> rejected, withdrawn       superseded later

The body keeps the facts, the verdict and the text of every rule file that decided,
as blobs by digest, so that it can be read and replayed years later.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from tracker import audit, blobs
from tracker import decisions as records
from tracker import experiments as experiment_records
from tracker import runs as run_records
from tracker.decision_row import DecisionRow
from tracker.store import Store
from tunewise import __version__
from tunewise.domain.errors import FactError, NotRecorded, StatusError
from tunewise.domain.facts import EvidenceKind, FactSheet
from tunewise.domain.rules import Option, RuleSet
from tunewise.engine.intake import sheet_to_raw
from tunewise.engine.verdict import advise
from tunewise.workflow import models
from tunewise.workflow.facts import checked_sheet, sheet_of
from tunewise.workflow.home import Home
from tunewise.workflow.statements import day, required
from tunewise.workflow.views import View, facts_view, verdict_view


def propose(
    home: Home,
    raw_facts: Mapping[str, Any],
    *,
    title: str,
    supersedes: str = "",
    review_on: str = "",
    labels: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> View:
    """Record a decision as proposed, with the verdict of today's rule set.

    Experiments whose runs the facts rest on are attached as evidence. A decision
    that it ``supersedes`` is superseded in the same transaction.
    """
    title, review_on = required("title", title), day("review-on", review_on)
    rules = home.rules()
    sheet = checked_sheet(raw_facts, rules)
    verdict = verdict_view(advise(rules, sheet, today=home.today()))
    id = home.new_id("d", title)
    with home.store(create=True) as store, store.writing(home.actor, home.now()):
        experiments = _experiments_behind(store, sheet)
        rule_files = {
            path: blobs.put_bytes(store.blobs, text.encode())
            for path, text in rules.texts.items()
        }
        body: View = {
            "facts": sheet_to_raw(sheet),
            "verdict": verdict,
            "rule_set": rules.digest,
            "rule_files": rule_files,
            "house_files": list(rules.house_files),
            "prices": rule_files.get("prices.toml", ""),
            "engine": verdict["engine"],
            "evidence": _evidence(sheet),
            "software": f"tunewise {__version__}",
            "labels": list(labels),
            "notes": list(notes),
        }
        records.propose(
            store,
            id,
            title=title,
            recommended=verdict["recommended"],
            body=body,
            actor=home.actor,
            at=home.now(),
            supersedes=supersedes,
            review_on=review_on,
            blobs=sorted(set(rule_files.values())),
        )
        for experiment in experiments:
            records.attach_experiment(
                store, id, experiment=experiment, actor=home.actor, at=home.now()
            )
        if supersedes:
            records.supersede(store, supersedes, by=id, actor=home.actor, at=home.now())
    return show(home, id)


def supersede(home: Home, id: str, raw_facts: Mapping[str, Any]) -> View:
    """Propose a successor and record that it replaces a decision."""
    title = show(home, id)["title"]
    return propose(home, raw_facts, title=title, supersedes=id)


def accept(
    home: Home,
    id: str,
    *,
    choice: str = "",
    because: str = "",
    conditions: Sequence[str] = (),
    review_on: str = "",
) -> View:
    """Record a person's choice, and register the model version that it takes up.

    Without ``choice`` the verdict is taken; one that differs needs a justification.
    """
    if choice and choice not in set(Option):
        raise StatusError(
            f"choice: '{choice}' is not an option\n  Options are {', '.join(Option)}."
        )
    with home.store() as store, store.writing(home.actor, home.now()):
        found = records.get(store, id)
        chosen = choice or found.recommended
        records.accept(
            store,
            id,
            choice=chosen,
            justification=because,
            conditions=[required("condition", c) for c in conditions],
            review_on=day("review-on", review_on),
            actor=home.actor,
            at=home.now(),
        )
        if experiment := _experiment_of_choice(store, found, chosen):
            made = models.record(store, home, experiment, chosen, decision=id)
            records.attach_model(
                store, id, model=made["model"], actor=home.actor, at=home.now()
            )
    return show(home, id)


def reject(home: Home, id: str, *, because: str) -> View:
    """Record that a proposed decision was turned down."""
    because = required("because", because)
    with home.store() as store:
        records.reject(store, id, because=because, actor=home.actor, at=home.now())
    return show(home, id)


def withdraw(home: Home, id: str, *, because: str) -> View:
    """Record that a proposed decision was taken back."""
    because = required("because", because)
    with home.store() as store:
        records.withdraw(store, id, because=because, actor=home.actor, at=home.now())
    return show(home, id)


def sign(home: Home, id: str, *, role: str, comment: str = "") -> View:
    """Record the actor's signature in a role."""
    role = required("role", role)
    with home.store() as store:
        records.sign(
            store, id, role=role, comment=comment, actor=home.actor, at=home.now()
        )
    return show(home, id)


def show(home: Home, id: str) -> View:
    """Return what ``tunewise decision show --json`` prints."""
    with home.store() as store:
        row = records.get(store, id)
        head = audit.head(store)
        events = [e for e in audit.events(store) if e.subject == id]
    rules = home.rules()
    sheet = sheet_of(row.body["facts"], _dictionary_of(home, row, rules))
    return {
        "id": row.id,
        "status": row.status.value,
        "title": row.title,
        "facts": facts_view(sheet),
        "comparisons": row.body["facts"].get("comparisons", []),
        "verdict": dict(row.body["verdict"]),
        "choice": row.choice or None,
        "justification": row.justification,
        "conditions": list(row.conditions),
        "signatures": [
            {
                "by": s.by.name,
                "identity": s.by.identity,
                "role": s.role,
                "at": s.at,
                "comment": s.comment,
            }
            for s in row.signatures
        ],
        "evidence": row.body["evidence"],
        "experiments": list(row.experiments),
        "model": row.model or None,
        "supersedes": row.supersedes or None,
        "superseded_by": row.superseded_by or None,
        "review_on": row.review_on or None,
        "by": row.by.name,
        "identity": row.by.identity,
        "at": row.at,
        "accepted_by": row.accepted_by.name if row.accepted_by else None,
        "accepted_identity": row.accepted_by.identity if row.accepted_by else None,
        "accepted_at": row.accepted_at or None,
        "closed_because": row.closed_because,
        "rule_set": row.body["rule_set"],
        "rule_files": dict(row.body["rule_files"]),
        "prices": row.body["prices"],
        "engine": row.body["engine"],
        "software": row.body["software"],
        "audit_head": head,
        "audit": [
            {
                "seq": e.seq,
                "at": e.at,
                "actor": e.actor,
                "identity": e.identity,
                "action": e.action,
                "subject": e.subject,
                "hash": e.hash,
            }
            for e in events
        ],
        "labels": row.body.get("labels", []),
        "notes": row.body.get("notes", []),
        "fact_definitions": {
            d.name: {"question": d.question, "unit": d.unit, "group": d.group}
            for d in rules.facts.values()
        },
    }


def full(home: Home, id: str) -> View:
    """Return a decision with its experiments, dataset and lineage, for a report."""
    from tunewise.workflow import datasets, experiments, lineage

    view = show(home, id)
    view["experiment_views"] = [experiments.show(home, e) for e in view["experiments"]]
    if view["experiment_views"]:
        used = view["experiment_views"][-1]["dataset"]
        view["dataset_view"] = datasets.show(home, used)
    if view["model"]:
        view["lineage"] = lineage.why(home, view["model"])
    return view


def list_all(home: Home) -> list[View]:
    """Return every decision, oldest first."""
    with home.store() as store:
        rows = records.list_all(store)
    return [
        {
            "id": row.id,
            "status": row.status.value,
            "title": row.title,
            "recommended": row.recommended,
            "choice": row.choice or None,
            "by": row.by.name,
            "at": row.at,
            "model": row.model or None,
            "review_on": row.review_on or None,
            "labels": row.body.get("labels", []),
        }
        for row in rows
    ]


def portfolio(home: Home) -> list[View]:
    """Return the decisions in force: accepted and not superseded."""
    return [row for row in list_all(home) if row["status"] == "accepted"]


def check(home: Home) -> View:
    """Return decisions that must be looked at: review due, verdict changed since."""
    today = home.today().isoformat()
    rules = home.rules()
    problems = []
    with home.store() as store:
        rows = records.list_all(store, status="accepted")
    for row in rows:
        if row.review_on and row.review_on <= today:
            problems.append(
                {"decision": row.id, "message": f"review was due on {row.review_on}"}
            )
        if changed := _changed(row, rules, home.today()):
            problems.append({"decision": row.id, "message": changed})
    return {"ok": not problems, "decisions": len(rows), "problems": problems}


def _changed(row: DecisionRow, rules: RuleSet, today: dt.date) -> str:
    """Return how today's rule set differs from a record, "" where it does not."""
    try:
        sheet = sheet_of(row.body["facts"], rules)
    except FactError as error:
        what = str(error).splitlines()[0]
        return f"today's rule set does not take its facts: {what}"
    now = advise(rules, sheet, today=today, engine="reference").recommended
    if now.value == row.recommended:
        return ""
    return f"today's rule set says {now.value}, the record says {row.recommended}"


def _dictionary_of(home: Home, row: DecisionRow, rules: RuleSet) -> RuleSet:
    """Return the rule set whose fact dictionary the record was made with."""
    if row.body["rule_set"] == rules.digest:
        return rules
    from tunewise.engine.loader import load

    with home.store() as store:
        texts = {
            path: blobs.read(store.blobs, digest).decode()
            for path, digest in row.body["rule_files"].items()
        }
    house = row.body.get("house_files", ())
    return load(texts, house={path: texts[path] for path in house})


def _evidence(sheet: FactSheet) -> list[str]:
    found = {
        f"{f.evidence.kind.value}:{f.evidence.reference}"
        for f in sheet
        if f.evidence.kind is not EvidenceKind.ASSUMED
    }
    return sorted(found)


def _experiments_behind(store: Store, sheet: FactSheet) -> list[str]:
    """Return the experiments whose runs the facts name as evidence."""
    found: dict[str, None] = {}
    for fact in sheet:
        if fact.evidence.kind is not EvidenceKind.RUN:
            continue
        try:
            run = run_records.get(store, fact.evidence.reference)
        except NotRecorded:
            raise FactError(
                f"{fact.name}: the run '{fact.evidence.reference}' is not recorded "
                "here\n  Evidence of a run must be one of this home; for a run made "
                "elsewhere write imported:…"
            ) from None
        found[run.experiment] = None
    return list(found)


def _experiment_of_choice(store: Store, row: DecisionRow, choice: str) -> str:
    """Return the experiment that measured the choice, "" where none did."""
    for experiment in reversed(row.experiments):
        report = experiment_records.get(store, experiment).report or {}
        arm = report.get("arms", {}).get(choice, {})
        if arm.get("status") == "finished":
            return experiment
    return ""

"""Decisions as they are shown: one with all that belongs to it, and lists of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from tracker import audit, blobs
from tracker import decisions as records
from tracker.decision_row import DecisionRow
from tracker.store import Store
from tunewise.domain.model import AuditEvent
from tunewise.domain.record import RecordedLater, Signature
from tunewise.domain.rules import RuleSet
from tunewise.workflow.decisions import drafts, heldout
from tunewise.workflow.facts import sheet_of
from tunewise.workflow.home import Home
from tunewise.workflow.views import View, facts_view


def show(home: Home, id: str) -> View:
    """Return what ``tunewise decision show --json`` prints."""
    with home.store() as store:
        row = records.get(store, id)
        head = audit.head(store)
        events = audit.events(store, subject=id)
        pending = records.successor_of(store, id) or None
        state_digest = records.state_digest(store, id)
        tried = _tried(store, row)
    dictionary = _dictionary_of(home, row)
    sheet = sheet_of(row.body["facts"], dictionary)
    return {
        "id": row.id,
        "status": row.status.value,
        "title": row.title,
        "facts": facts_view(sheet),
        "comparisons": row.body["facts"].get("comparisons", []),
        "verdict": dict(row.body["verdict"]),
        "choice": row.choice or None,
        "justification": row.justification,
        "conditions": [asdict(condition) for condition in row.conditions],
        "signatures": [signature_view(s) for s in row.signatures],
        "state_digest": state_digest,
        "evidence": row.body["evidence"],
        "evidence_links": _links(row),
        "experiments": list(row.experiments),
        **tried,
        "model": row.model or None,
        "supersedes": row.supersedes or None,
        "superseded_by": row.superseded_by or None,
        "to_be_superseded_by": pending,
        "review_on": row.review_on or None,
        "by": row.by.name,
        "identity": row.by.identity,
        "at": row.at,
        "retrospective": _recorded_later(row),
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
        "audit": [_event(e) for e in events],
        "labels": row.body.get("labels", []),
        "notes": row.body.get("notes", []),
        "fact_definitions": {
            d.name: {"question": d.question, "unit": d.unit, "group": d.group}
            for d in dictionary.facts.values()
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
    pending = records.successors(rows)
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
            "superseded_by": row.superseded_by or None,
            "to_be_superseded_by": pending.get(row.id),
            "decided_at": row.decided_at or None,
            "source": row.source or None,
        }
        for row in rows
    ]


def portfolio(home: Home) -> list[View]:
    """Return the decisions in force: accepted and not superseded."""
    return [row for row in list_all(home) if row["status"] == "accepted"]


def _tried(store: Store, row: DecisionRow) -> View:
    """Return what was tried on the held-out split, and what moved since."""
    return tried(store, row, heldout.experiments_on_split(store, row))


def tried(store: Store, row: DecisionRow, on_split: Sequence[heldout.OnSplit]) -> View:
    """Return what these experiments show, now or as of a head, of what was tried."""
    found = drafts.drafts_of(store, row, on_split)
    scored = heldout.first_score(store, on_split)
    return {
        "runs_on_heldout": [asdict(run) for run in heldout.runs_of(on_split, row)],
        "changes": [asdict(change) for change in drafts.changes(found)],
        "target_set_after_score": drafts.set_after(found, drafts.THE_TARGET, scored),
        "margin_set_after_score": drafts.set_after(found, drafts.THE_MARGIN, scored),
    }


def signature_view(signature: Signature) -> View:
    """Return a signature as a decision shows it, and a report."""
    return {
        "by": signature.by.name,
        "identity": signature.by.identity,
        "role": signature.role,
        "at": signature.at,
        "comment": signature.comment,
        "dissent": signature.dissent,
        "seen": signature.seen,
        "earlier_state": bool(signature.since),
        "since": list(signature.since),
    }


def _links(row: DecisionRow) -> list[View]:
    """Return the evidence with what was found of it; older records did not say."""
    links: list[View] = row.body.get("evidence_links", [])
    return links


def _recorded_later(row: DecisionRow) -> View | None:
    if not row.decided_at:
        return None
    stated: Mapping[str, str] = row.body["retrospective"]
    return asdict(
        RecordedLater(row.decided_at, row.at, row.source, stated["source_digest"])
    )


def _event(event: AuditEvent) -> View:
    return {
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "identity": event.identity,
        "action": event.action,
        "subject": event.subject,
        "hash": event.hash,
    }


def _dictionary_of(home: Home, row: DecisionRow) -> RuleSet:
    """Return the rule set whose fact dictionary the record was made with."""
    rules = home.rules()
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

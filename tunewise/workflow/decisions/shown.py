"""Decisions as they are shown: one with all that belongs to it, and lists of them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from tracker import audit, blobs, datasets, decision_row, on_split, succession
from tracker import decisions as records
from tracker.decision_row import DecisionRow
from tracker.records import Raw
from tracker.runs import RunRow
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.decision import Actor, Status
from tunewise.domain.model import AuditEvent
from tunewise.domain.record import RecordedLater, Signature
from tunewise.domain.rules import RuleSet
from tunewise.workflow.decisions import described, drafts, heldout, promises, rests
from tunewise.workflow.decisions.costs import option_costs
from tunewise.workflow.decisions.fact_values import values_of
from tunewise.workflow.decisions.rested_on import rested_on
from tunewise.workflow.facts import sheet_of
from tunewise.workflow.home import Home
from tunewise.workflow.views import View, facts_view


def show(home: Home, id: str) -> View:
    """Return what ``tunewise decision show --json`` prints."""
    with home.store() as store:
        row = records.get(store, id)
        head = audit.head(store)
        events = audit.events(store, subject=id)
        pending = succession.successor_of(store, id) or None
        state_digest = records.state_digest(store, id)
        tried = _tried(store, row)
        costs = [asdict(cost) for cost in option_costs(store, row)]
        dictionary = rules_of(home, row)
        sheet = sheet_of(row.body["facts"], dictionary)
        rests_on = {
            "conditions": rests.conditions_view(row, partial(datasets.get, store)),
            "evidence_links": rests.links_view(row, partial(datasets.get, store)),
            "claims": rests.claims_view(store, row, sheet),
        }
        promise = promises.promised(store, row, sheet)
        description = described.description_view(store, row, sheet, events)
    return {
        "id": row.id,
        "status": row.status.value,
        "title": row.title,
        "facts": facts_view(sheet),
        "comparisons": row.body["facts"].get("comparisons", []),
        "verdict": dict(row.body["verdict"]),
        "choice": row.choice or None,
        "justification": row.justification,
        **description,
        "risks": described.risks_view(row, dictionary.risks, sheet),
        "signatures": [signature_view(s) for s in row.signatures],
        "state_digest": state_digest,
        "evidence": row.body["evidence"],
        **rests_on,
        "accepted_because": row.body.get("accepted_because", ""),
        "experiments": list(row.experiments),
        **tried,
        "costs": costs,
        "model": row.model or None,
        "supersedes": row.supersedes or None,
        "superseded_by": row.superseded_by or None,
        "to_be_superseded_by": pending,
        "review_on": row.review_on or None,
        "review_in_past": review_in_past(row),
        "promised": [asdict(figure) for figure in promise],
        "reviews": promises.reviews_view(row, promise),
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
    from tunewise.workflow.datasets import records as versions
    from tunewise.workflow.decisions import surroundings
    from tunewise.workflow.experiments import records as experiments
    from tunewise.workflow.lineage import document as lineage

    view = show(home, id)
    view["experiment_views"] = [experiments.show(home, e) for e in view["experiments"]]
    if view["experiment_views"]:
        used = view["experiment_views"][-1]["dataset"]
        view["dataset_view"] = versions.show(home, used)
    if view["model"]:
        view["lineage"] = lineage.why(home, view["model"], decision=view)
    return {**view, **surroundings.around(home, view)}


def list_all(home: Home) -> list[View]:
    """Return every decision, oldest first."""
    with home.store() as store:
        rows = listed(home, store)
    pending = succession.successors(rows)
    return [_with_successor(row.view, pending.get(row.id)) for row in rows]


LISTED = "decisions"  # as a service knows them


@dataclass(frozen=True, slots=True)
class Listed:
    """A decision as a list needs it, without its body."""

    id: str
    status: Status
    supersedes: str
    accepted_by: Actor | None
    view: View  # without who is to succeed it, which its own record does not say
    facts: Mapping[str, Any]  # the value of each that is known
    rests_on: Mapping[str, str]  # "kind:id" of other records, and how


def listed(home: Home, store: Store) -> list[Listed]:
    """Return every decision for a list, oldest first."""
    return [*home.rows(store, LISTED, DECISION, listed_row).values()]


def listed_row(raw: Raw) -> Listed:
    """Return a decision for a list, from its record."""
    row = decision_row.derive(raw)
    view = row_view(row, None)
    facts = values_of(row.body["facts"])
    return Listed(
        row.id,
        row.status,
        row.supersedes,
        row.accepted_by,
        view,
        facts=facts,
        rests_on=rested_on(row),
    )


def _with_successor(view: View, pending: str | None) -> View:
    return {**view, "to_be_superseded_by": pending}


def row_view(row: DecisionRow, pending: str | None) -> View:
    """Return a decision as a row of a list; ``pending`` is its proposed successor."""
    return {
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
        "to_be_superseded_by": pending,
        "decided_at": row.decided_at or None,
        "source": row.source or None,
    }


def _tried(store: Store, row: DecisionRow) -> View:
    """Return what was tried on the held-out split, and what moved since."""
    found = heldout.on_split_of(store, row)
    return tried(store, row, found, heldout.runs_of(store, found))


def tried(
    store: Store, row: DecisionRow, found: heldout.OnSplit, runs: Iterable[RunRow]
) -> View:
    """Return what was tried on a split, with these runs of it, now or by a log entry.

    ``runs_on_heldout`` lists as many runs as a reader can take in;
    ``runs_on_heldout_total`` counts all of them, in ``experiments_on_heldout``.
    """
    saved = drafts.drafts_of(store, row, found)
    margin = drafts.margin_of(row.experiments, found)
    scored = on_split.first_score(store, found.ids, upto=found.upto)
    extent = on_split.extent(store, found.ids, cited=found.cited, upto=found.upto)
    return {
        "runs_on_heldout": [asdict(run) for run in heldout.listed(found, runs)],
        "runs_on_heldout_total": extent.runs,
        "runs_on_heldout_cited": extent.cited,
        "experiments_on_heldout": found.ids,
        "equivalence_margin": asdict(margin) if margin else None,
        "changes": [asdict(change) for change in drafts.changes(saved)],
        "target_set_after_score": drafts.set_after(saved, drafts.THE_TARGET, scored),
        "margin_set_after_score": drafts.set_after(saved, drafts.THE_MARGIN, scored),
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


def review_in_past(row: DecisionRow) -> bool:
    """Tell whether the review was over when the decision was put on record."""
    return bool(row.review_on) and row.review_on < row.at[:10]


def _recorded_later(row: DecisionRow) -> View | None:
    if not row.decided_at:
        return None
    stated: Mapping[str, str] = row.body["retrospective"]
    return asdict(
        RecordedLater(
            row.decided_at,
            row.at,
            row.source,
            stated["source_digest"],
            stated.get("source_checked", ""),
        )
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


def rules_of(home: Home, row: DecisionRow) -> RuleSet:
    """Return the rule set that the record was made with."""
    rules = home.rules()
    if row.body["rule_set"] == rules.digest:
        return rules
    files = row.body["rule_files"]
    house = tuple(row.body.get("house_files", ()))

    def loaded() -> RuleSet:
        from tunewise.engine.loader import load

        with home.store() as store:
            texts = {
                path: blobs.read(store.blobs, digest).decode()
                for path, digest in files.items()
            }
        return load(texts, house={path: texts[path] for path in house})

    return home.answer(("rule set", frozenset(files.items()), house), loaded)

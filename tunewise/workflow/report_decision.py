"""What a report says of a decision, against the decision as of the report's head."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from tracker import audit, datasets, runs
from tracker import decisions as records
from tracker.datasets import DatasetRow
from tracker.decision_row import DecisionRow, derive, state_digest
from tracker.heads import as_of_head
from tracker.schema import DATASET, DECISION, RUN
from tracker.store import Store
from tunewise.domain.decision import Status
from tunewise.domain.errors import TunewiseError
from tunewise.domain.model import AuditEvent
from tunewise.domain.record import RecordedLater
from tunewise.workflow.decisions import heldout, rests
from tunewise.workflow.decisions.shown import review_in_past, signature_view, tried
from tunewise.workflow.report_diff import Compared, View, different, entries, plain

_FACT = ("value", "low", "high", "model", "on", "valid_until", "stated")
_MOVED = {"changes", "target_set_after_score", "margin_set_after_score"}
_NEVER_SHOWN = {"house_files"}  # keys of the body that no report has
_LATER = {"labels": [], "notes": [], "accepted_because": ""}  # not in older bodies
_OTHERWISE = {
    "facts",
    "retrospective",
    "evidence_links",
}  # keys of the body in a form of their own


def hold(
    store: Store, said: View, row: DecisionRow, head: AuditEvent, found: Compared
) -> None:
    """Compare what a report says of a decision with its row as of the head."""
    stated = row.body["facts"]
    body = {
        key: value
        for key, value in row.body.items()
        if key not in _NEVER_SHOWN | _OTHERWISE
    }
    version = partial(_version, store, head)
    derived = {
        **{key: empty for key, empty in _LATER.items() if key not in body},
        "review_in_past": review_in_past(row),
        "retrospective": _recorded_later(row),
        "to_be_superseded_by": _pending(store, row, head),
        "state_digest": _state_digest(store, row, head),
        **_comparable(_tried(store, row, head), said),
    }
    if "comparisons" in stated:
        body["comparisons"] = stated["comparisons"]
    elif "comparisons" in said:
        derived["comparisons"] = []
    parts = {"facts", "conditions", "signatures", "audit"}
    rest = {key: value for key, value in said.items() if key not in parts}
    links = {"evidence_links": rests.links_view(row, version)}
    (body if "evidence_links" in row.body else derived).update(links)
    found.hold(rest, _standing(row) | body, derived)
    _facts(said.get("facts"), stated.get("facts", stated), found)
    _each("conditions", said, rests.conditions_view(row, version), found)
    _each("signatures", said, [signature_view(s) for s in row.signatures], found)
    _audit(store, said, row, head, found)


def _version(store: Store, head: AuditEvent, id: str) -> DatasetRow | None:
    """Return a dataset version as it stood then."""
    raw = as_of_head(store, DATASET, id, head)
    return datasets.derive(raw) if raw else None


def _state_digest(store: Store, row: DecisionRow, head: AuditEvent) -> str:
    raw = as_of_head(store, DECISION, row.id, head)
    return state_digest(raw) if raw else ""


def _tried(store: Store, row: DecisionRow, head: AuditEvent) -> View:
    """Return what was tried on the held-out split by then.

    Where the records it follows from are damaged, nothing: it counts as not compared.
    """
    try:
        found = heldout.on_split_of(store, row, upto=head.seq)
        listed = [run.id for run in heldout.runs_of(store, found)]
        raws = [as_of_head(store, RUN, id, head) for id in listed]
        stood = runs.derive_all(store, [raw for raw in raws if raw])
        return tried(store, row, found, stood)
    except (LookupError, TypeError, TunewiseError):
        return {}


def _comparable(tried: View, said: View) -> View:
    """Return what was tried, as far as the software that wrote the report told it.

    Before it told the margin it took fewer decisions for drafts, so it may rightly
    say less of what moved.
    """
    if "equivalence_margin" in said:
        return tried
    return {key: value for key, value in tried.items() if key not in _MOVED}


def _pending(store: Store, row: DecisionRow, head: AuditEvent) -> str | None:
    """Return the proposal that was to supersede an accepted decision by then."""
    if row.status is not Status.ACCEPTED:
        return None
    found, leading_here = None, {row.id}
    for later in records.list_all(store):
        if later.supersedes not in leading_here:
            continue
        if (raw := as_of_head(store, DECISION, later.id, head)) is None:
            continue
        stood = derive(raw)
        if not stood.accepted_by:
            leading_here.add(stood.id)
        if stood.status is Status.PROPOSED:
            found = stood.id
    return found


def _recorded_later(row: DecisionRow) -> View | None:
    if not row.decided_at:
        return None
    later = row.body.get("retrospective") or {}
    digest, checked = (later.get(f"source_{k}", "") for k in ("digest", "checked"))
    return asdict(RecordedLater(row.decided_at, row.at, row.source, digest, checked))


def _standing(row: DecisionRow) -> View:
    """Return where a decision stood, in the words of its view."""
    accepted = row.accepted_by
    return {
        "id": row.id,
        "status": row.status.value,
        "title": row.title,
        "choice": row.choice or None,
        "justification": row.justification,
        "experiments": list(row.experiments),
        "model": row.model or None,
        "supersedes": row.supersedes or None,
        "superseded_by": row.superseded_by or None,
        "review_on": row.review_on or None,
        "by": row.by.name,
        "at": row.at,
        "identity": row.by.identity,
        "accepted_by": accepted.name if accepted else None,
        "accepted_identity": accepted.identity if accepted else None,
        "accepted_at": row.accepted_at or None,
        "closed_because": row.closed_because,
    }


def _each(key: str, said: View, recorded: Sequence[View], found: Compared) -> None:
    """Compare entries in what a report tells of them: older ones told less."""
    told = entries(said, key)
    if len(told) != len(recorded):
        found.differences.append(
            f"{key}: the report has {len(told)}, the record {len(recorded)}"
        )
    for n, (entry, kept) in enumerate(zip(told, recorded, strict=False)):
        shown = entry if isinstance(entry, dict) else {"text": entry}
        known = {name: value for name, value in plain(kept).items() if name in shown}
        found.hold(shown, known, {}, path=f"{key}[{n}].")


def _audit(
    store: Store, said: View, row: DecisionRow, head: AuditEvent, found: Compared
) -> None:
    """Compare the entries that a report lists: all of the decision up to its head."""
    told = entries(said, "audit")
    for n, entry in enumerate(told):
        found.differences += _entry(store, f"audit[{n}]", entry)
    if "audit" not in said:
        found.left_out.append("audit")
        return
    seen = [entry.get("seq") for entry in told if isinstance(entry, dict)]
    for event in audit.events(store, subject=row.id):
        if event.seq <= head.seq and event.seq not in seen:
            found.differences.append(f"audit: the report lacks entry {event.seq}")


def _entry(store: Store, key: str, entry: object) -> Iterator[str]:
    said = entry if isinstance(entry, dict) else {}
    event = audit.entry_at(store, said.get("seq"))
    if event is None:
        yield f"{key}: the report lists an entry that the log does not hold"
        return
    for name, value in said.items():
        yield from different(f"{key}.{name}", value, getattr(event, name, None))


def _facts(said: object, recorded: Mapping[str, Any], found: Compared) -> None:
    shown = said if isinstance(said, dict) else {}
    for name in dict.fromkeys([*shown, *recorded]):
        key, entry, kept = f"facts.{name}", shown.get(name), recorded.get(name)
        if not isinstance(entry, dict) or name not in recorded:
            found.differences += different(key, entry, kept)
            continue
        if not isinstance(kept, dict):  # nothing but a value
            kept = {"value": kept}
        for part in _FACT:
            found.differences += different(
                f"{key}.{part}", entry.get(part), kept.get(part), empty=("", None)
            )
        found.differences += different(
            f"{key}.evidence",
            _evidence(entry.get("evidence")),
            _evidence(kept.get("evidence")),
        )
        extra = [part for part in entry if part not in (*_FACT, "evidence")]
        found.unchecked += [f"{key}.{part}" for part in extra]


def _evidence(value: object) -> str:
    if isinstance(value, dict):
        kind, reference = value.get("kind", ""), value.get("reference", "")
        return f"{kind}:{reference}" if reference else str(kind)
    return str(value or "assumed").removesuffix(":")

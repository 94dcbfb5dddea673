"""What a report says, key by key, against the record as of the report's head.

A decision is held against all that is recorded of it; what a view adds of its own to an
experiment, data set or model version (links, names) is left.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tracker import audit
from tracker.decision_row import DecisionRow, derive
from tracker.heads import as_of_head
from tracker.schema import DATASET, DECISION, EXPERIMENT, MODEL, Kind
from tracker.store import Store
from tunewise.domain.model import AuditEvent
from tunewise.domain.record import Signature

View = dict[str, Any]


def differences(store: Store, record: View, head: AuditEvent) -> Iterator[str]:
    """Yield what a report's record says otherwise than the records as of its head."""
    kind, id = _subject(record)
    raw = as_of_head(store, kind, id, head) if kind else None
    if kind is None or raw is None:
        yield f"nothing is recorded of {id or 'what it reports'} as of its head"
        return
    if kind is DECISION:
        yield from _decision(store, record, derive(raw))
    else:
        yield from _within(raw.row["body"], record)
    for view in _list(record, "experiment_views"):
        yield from _experiment(store, view, head)
    if isinstance(used := record.get("dataset_view"), dict):
        yield from _dataset(store, used, head)


def _subject(record: View) -> tuple[Kind | None, str]:
    for kind, key, beside in (
        (DECISION, "id", "verdict"),
        (MODEL, "model", "base_model"),
        (DATASET, "dataset", "digest"),
        (EXPERIMENT, "experiment", "arms"),
    ):
        if key in record and beside in record:
            return kind, str(record[key])
    return None, str(record.get("id", ""))


def _decision(store: Store, said: View, row: DecisionRow) -> Iterator[str]:
    for key, recorded in _standing(row).items():
        yield from _same(key, said.get(key, ...), recorded)
    yield from _each("conditions", said, [asdict(c) for c in row.conditions])
    yield from _each("signatures", said, [_signature(s) for s in row.signatures])
    later = said.get("retrospective") or {}
    yield from _same("decided_at", later.get("decided_at") or "", row.decided_at)
    yield from _same("source", later.get("source") or "", row.source)
    for key, recorded in row.body.items():
        if key in said and key != "facts":
            yield from _same(key, said[key], recorded)
    facts = row.body["facts"]
    yield from _facts(said.get("facts"), facts.get("facts", facts))
    if "comparisons" in said:
        yield from _same(
            "comparisons", said["comparisons"], facts.get("comparisons", [])
        )
    for n, entry in enumerate(_list(said, "audit")):
        yield from _entry(store, f"audit[{n}]", entry)


def _entry(store: Store, key: str, entry: object) -> Iterator[str]:
    said = entry if isinstance(entry, dict) else {}
    event = audit.entry_at(store, said.get("seq"))
    if event is None:
        yield f"{key}: the report lists an entry that the log does not hold"
        return
    for name, value in said.items():
        yield from _same(f"{key}.{name}", value, getattr(event, name, None))


def _signature(signature: Signature) -> View:
    return {**asdict(signature), **asdict(signature.by), "by": signature.by.name}


def _each(key: str, said: View, recorded: Sequence[View]) -> Iterator[str]:
    """Compare entries in what a report tells of them: older ones told less."""
    told = _list(said, key)
    if len(told) != len(recorded):
        yield f"{key}: the report has {len(told)}, the record {len(recorded)}"
    for n, (entry, kept) in enumerate(zip(told, recorded, strict=False)):
        shown = entry if isinstance(entry, dict) else {"text": entry}
        for name in shown.keys() & kept.keys() - {"since"}:  # what happened afterwards
            yield from _same(f"{key}[{n}].{name}", shown[name], kept[name])


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


def _facts(said: object, recorded: Mapping[str, Any]) -> Iterator[str]:
    shown = said if isinstance(said, dict) else {}
    for name in dict.fromkeys([*shown, *recorded]):
        entry, kept = shown.get(name), recorded.get(name)
        if not isinstance(entry, dict) or name not in recorded:
            yield from _same(f"facts.{name}", entry, kept)
            continue
        if not isinstance(kept, dict):  # nothing but a value
            kept = {"value": kept}
        for key in ("value", "low", "high", "model", "on", "valid_until"):
            yield from _same(
                f"facts.{name}.{key}", entry.get(key), kept.get(key), empty=("", None)
            )
        yield from _same(
            f"facts.{name}.evidence",
            _evidence(entry.get("evidence")),
            _evidence(kept.get("evidence")),
        )


def _evidence(value: object) -> str:
    if isinstance(value, dict):
        kind, reference = value.get("kind", ""), value.get("reference", "")
        return f"{kind}:{reference}" if reference else str(kind)
    return str(value or "assumed").removesuffix(":")


def _experiment(store: Store, view: View, head: AuditEvent) -> Iterator[str]:
    id = str(view.get("experiment", ""))
    raw = as_of_head(store, EXPERIMENT, id, head)
    if raw is None:
        yield f"experiment {id} was not recorded when the head was printed"
        return
    reports = [e.body["report"] for e in raw.events if e.action == "finished"]
    for report in reports[-1:]:
        yield from (f"experiment {id}: {d}" for d in _within(report, view))


def _dataset(store: Store, view: View, head: AuditEvent) -> Iterator[str]:
    id = str(view.get("dataset", ""))
    raw = as_of_head(store, DATASET, id, head)
    if raw is None:
        yield f"dataset {id} was not recorded when the head was printed"
        return
    yield from (f"dataset {id}: {d}" for d in _within(raw.row["body"], view))


def _within(recorded: Mapping[str, Any], said: View, path: str = "") -> Iterator[str]:
    """Yield where a view differs from a body; what it adds of its own is left."""
    for key, value in recorded.items():
        where = f"{path}{key}"
        if isinstance(value, dict) and isinstance(said.get(key), dict):
            yield from _within(value, said[key], f"{where}.")
        elif key in said:
            yield from _same(where, said[key], value)


def _same(
    key: str,
    said: object,
    recorded: object,
    *,
    empty: Sequence[object] = (),
) -> Iterator[str]:
    """Yield the first places where two JSON values differ."""
    if said is ...:
        yield f"{key}: the report lacks it"
    elif isinstance(said, dict) and isinstance(recorded, dict):
        for inner in dict.fromkeys([*recorded, *said]):
            yield from _same(f"{key}.{inner}", said.get(inner), recorded.get(inner))
    elif isinstance(said, list) and isinstance(recorded, list):
        if len(said) != len(recorded):
            yield f"{key}: the report has {len(said)}, the record {len(recorded)}"
        for n, (a, b) in enumerate(zip(said, recorded, strict=False)):
            yield from _same(f"{key}[{n}]", a, b)
    elif said != recorded and not (said in empty and recorded in empty):
        yield f"{key}: the report says {_short(said)}, the record {_short(recorded)}"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _list(view: View, key: str) -> list[Any]:
    value = view.get(key)
    return value if isinstance(value, list) else []

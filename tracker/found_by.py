"""What a search finds each record by: all of it is in the record and its events.

So the index holds nothing of its own, and can be made again from the records. What
changes here needs a migration that does so: ``verify`` holds the index against it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tracker import canonical
from tracker.schema import DATASET, DECISION, EXPERIMENT, KINDS, MODEL, RUN, Kind

Body = Mapping[str, Any]
Entry = tuple[str, str, str]  # kind, record, text
_BROKEN = (ValueError, TypeError, AttributeError, LookupError, RecursionError)


def texts(each: Callable[[str], Iterable[Mapping[str, Any]]]) -> Iterator[Entry]:
    """Yield what the index must hold; ``each`` yields the rows of a query."""
    for kind in KINDS:
        for row in each(f"SELECT * FROM {kind.table} ORDER BY rowid"):
            try:
                found = of_record(kind, row, canonical.from_text(row["body"]))
            except _BROKEN:
                continue  # changed from outside, which the log has found
            yield from ((kind.word, str(row["id"]), text) for text in found)
        for row in each(f"SELECT * FROM {kind.events} ORDER BY id"):
            try:
                body = canonical.from_text(row["body"])
                found = of_event(kind, row["action"], body)
            except _BROKEN:
                continue
            yield from ((kind.word, str(row["record"]), text) for text in found)


def of_record(kind: Kind, row: Mapping[str, Any], body: Body) -> list[str]:
    """Return the texts of a record, each an entry of the index."""
    said = {
        DECISION: [row.get("title")],
        DATASET: [row.get("name"), *_provenance(body)],
        EXPERIMENT: [row.get("title")],
        RUN: [row.get("arm"), *(body.get(key) for key in _OF_RUN)],
        MODEL: [row.get("name"), *_of_model(body)],
    }[kind]
    more = _of_decision(body) if kind is DECISION else ()
    return [_joined([*said, row["id"]]), *filter(None, map(_joined, more))]


def of_event(kind: Kind, action: str, body: Body) -> list[str]:
    """Return the texts of what happened to a record: the reason, and its words."""
    reasons = [body.get("justification"), body.get("because")]
    return [*filter(None, (_joined(reasons), _joined(_words(kind, action, body))))]


_OF_RUN = ("model_name", "dataset", "note")
_OF_MODEL = ("purpose", "tool", "trained_by", "decision_text", "limits")


def _words(kind: Kind, action: str, body: Body) -> list[object]:
    match kind.word, action:
        case "decision", "accepted":
            return list(body.get("conditions", ()))
        case "decision", "condition-assigned":
            return [body.get("owner")]
        case "decision", "condition-closed":
            return [body.get("evidence")]
        case "decision", "signed":
            return [body.get("comment"), f"signed as {body.get('role')}"]
        case "decision", "described":
            return _flat(_values(body.get("fields", {})))
        case "decision", "risk-assigned":
            return [body.get(key) for key in ("title", "control", "owner")]
        case "dataset", "described":
            return _provenance(body)
        case "model", "described":
            return _values(body.get("fields", {}))
        case "model", "deployed":
            return [body.get(key) for key in ("product", "environment", "outside")]
    return []


def _of_decision(body: Body) -> Iterator[list[object]]:
    """Yield its reason, its source, each of its facts, and the notes."""
    yield [(body.get("verdict") or {}).get("because")]
    yield [(body.get("retrospective") or {}).get("source")]
    stated = body.get("facts") or {}
    for name, entry in stated.get("facts", {}).items():
        said = entry if isinstance(entry, dict) else {"value": entry}
        yield [name, *(said.get(key) for key in _OF_FACT)]
    yield [body.get("accepted_because")]
    for word in (*body.get("labels", ()), *body.get("notes", ())):
        yield [word]


_OF_FACT = ("value", "low", "high", "evidence", "model", "on", "valid_until")


def _of_model(body: Body) -> list[object]:
    elsewhere = body.get("dataset_elsewhere") or {}
    base = (body.get("base_model") or {}).get("id")
    named = [base, body.get("dataset"), elsewhere.get("name"), body.get("decision")]
    return [*named, *(body.get(key) for key in _OF_MODEL)]


def _provenance(body: Body) -> list[object]:
    return _values(body.get("provenance", {}))


def _values(said: Mapping[str, object]) -> list[object]:
    # by name, as they come back from the store, and not as they were given
    return [said[key] for key in sorted(said)]


def _flat(words: list[object]) -> list[object]:
    lists = (word if isinstance(word, list) else [word] for word in words)
    return [word for many in lists for word in many]


def _joined(words: list[object]) -> str:
    return " ".join(str(word) for word in words if word not in (None, ""))

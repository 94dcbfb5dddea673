"""Drift checks on record: counts in the log, texts of the data beside it.

    event of the version   figures, messages, facts, verdicts: kept for ever
    blob                   words, labels, ids from the data: can be taken away, and
                           a tombstone then says by whom and why

The log is hash-chained and nothing in it is ever deleted, so personal text must not
enter it: a telling word may be a name.
"""

import json
from collections.abc import Mapping
from typing import Any

from tracker import blobs, references
from tracker import models as records
from tracker.models import ModelRow
from tracker.records import RecordEvent
from tracker.schema import TEXTS_REMOVED
from tunewise.domain.errors import NotRecorded, StatusError
from tunewise.workflow.home import Home
from tunewise.workflow.statements import required

View = dict[str, Any]
Texts = dict[str, dict[str, list[str]]]  # by the finding's code, then by what it is

_CHECKED = "drift-checked"
_KEPT = (
    *("not_looked_at", "answers", "decision", "before", "after", "changed"),
    *("facts", "because", "criteria", "error"),
)


def record(home: Home, model: str, view: View) -> int:
    """Record a check with its version, and return its number there (from 1)."""
    findings = [{k: v for k, v in f.items() if k != "texts"} for f in view["findings"]]
    texts = {f["code"]: f["texts"] for f in view["findings"] if f["texts"]}
    body = {
        **{key: view[key] for key in ("model", "drifted", "data", *_KEPT)},
        "findings": findings,
    }
    with home.store() as store:
        kept = []
        if texts:
            stored = json.dumps(texts, ensure_ascii=False, sort_keys=True)
            kept.append(blobs.put_bytes(store.blobs, stored.encode()))
            body["texts"] = kept[0]
        row = records.record_drift(
            store, model, body=body, blobs=kept, actor=home.actor, at=home.now()
        )
    return len(_checks(row))


def forget(home: Home, model: str, check: int, *, because: str) -> View:
    """Take the texts of a check away; its counts stay, and a tombstone says why.

    Raises
    ------
    NotRecorded
        If the version has no check of that number.
    StatusError
        If the check has no texts, or no longer.
    """
    because = required("because", because)
    with home.store() as store:
        row = records.get(store, model)
        event = _check(row, check)
        digest = event.body.get("texts", "")
        if not digest or event.id in removed(row):
            said = removed(row).get(event.id, "it never had any")
            raise StatusError(
                f"{row.id}: drift check {check} has no words or labels on record\n"
                f"  {said}"
            )
        row = records.remove_texts(
            store,
            row.id,
            event=event.id,
            because=because,
            actor=home.actor,
            at=home.now(),
        )
        gone = references.release(
            store,
            [digest],
            subject=row.id,
            because=because,
            actor=home.actor,
            at=home.now(),
        )
    return {"model": row.id, "check": check, "because": because, "removed": gone}


def texts_of(home: Home, model: str) -> dict[int, Texts]:
    """Return the texts that are still there, by the number of the check."""
    found: dict[int, Texts] = {}
    with home.store() as store:
        row = records.get(store, model)
        gone = removed(row)
        for number, event in enumerate(_checks(row), start=1):
            digest = event.body.get("texts", "")
            if digest and event.id not in gone and blobs.has(store.blobs, digest):
                found[number] = json.loads(blobs.read(store.blobs, digest))
    return found


def checks_view(row: ModelRow) -> list[View]:
    """Return every check of a version, oldest first, as its record has it.

    Nothing of it is read from a blob: a report must be made again from the log alone.
    """
    gone = removed(row)
    return [
        _view(number, event, gone.get(event.id, ""))
        for number, event in enumerate(_checks(row), start=1)
    ]


def last_check(row: ModelRow) -> View | None:
    """Return the newest check of a version, None where there is none."""
    found = checks_view(row)
    return found[-1] if found else None


def removed(row: ModelRow) -> dict[int, str]:
    """Return the checks whose texts were taken away, by event, with the reason."""
    return {
        event.body["event"]: f"Taken away on {event.at[:10]} by {event.by.name}: "
        f"{event.body['because']}"
        for event in row.events
        if event.action == TEXTS_REMOVED
    }


def _checks(row: ModelRow) -> list[RecordEvent]:
    return [event for event in row.events if event.action == _CHECKED]


def _check(row: ModelRow, number: int) -> RecordEvent:
    found = _checks(row)
    if not 1 <= number <= len(found):
        raise NotRecorded(
            f"{row.id}: there is no drift check {number}\n"
            f"  It has {len(found)}; `tunewise model show {row.id}` lists them."
        )
    return found[number - 1]


def _view(number: int, event: RecordEvent, gone: str) -> View:
    said: Mapping[str, Any] = event.body
    return {
        "check": number,
        "at": event.at,
        "by": event.by.name,
        "drifted": said.get("drifted"),
        "data": said.get("data") or _older_data(said),
        "findings": list(said.get("findings", ())),
        **{key: said.get(key) for key in _KEPT},
        **({"before": None, "after": None} if "data" not in said else {}),
        "texts": said.get("texts", ""),
        "texts_removed": gone,
    }


def _older_data(said: Mapping[str, Any]) -> View:
    """Return what older software recorded of the data, under other keys."""
    before, after = said.get("before") or {}, said.get("after") or {}
    return {
        "file": after.get("file", ""),
        "examples": after.get("examples"),
        "dataset": before.get("dataset", ""),
        "reference": before.get("examples"),
    }

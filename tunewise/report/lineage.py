"""The context of a lineage's page and report: the chain as steps, newest first."""

from collections.abc import Mapping
from typing import Any

from tunewise.report import words
from tunewise.report.shapes import View, fill, rows, shape

_KEYS = shape(
    lists="alternatives people events missing labels",
    none="model decision run dataset base_model completeness",
)
_PERSON = shape(text="name role at", none="identity")
_EVENT = shape(text="at actor identity action subject", none="seq")
_ID_KEYS = ("ref", "id", "model", "run", "dataset", "decision", "option", "arm", "name")


def complete_lineage(view: View) -> dict[str, Any]:
    """Return the context of the lineage body: the chain as steps, newest first."""
    lineage = fill(view, _KEYS)
    steps = [
        ("Model version", "model", lineage["model"]),
        ("Run that trained or set it up", "run", lineage["run"]),
        ("Dataset version", "dataset", lineage["dataset"]),
        ("Base model", "base_model", lineage["base_model"]),
        ("Decision", "decision", lineage["decision"]),
    ]
    lineage["steps"] = [
        {"heading": heading, "kind": kind, **record(entry)}
        for heading, kind, entry in steps
    ]
    lineage["alternatives"] = [record(a) for a in lineage["alternatives"]]
    lineage["people"] = rows(
        [p if isinstance(p, Mapping) else {"name": p} for p in lineage["people"]],
        _PERSON,
    )
    lineage["events"] = rows(
        [e if isinstance(e, Mapping) else {"action": e} for e in lineage["events"]],
        _EVENT,
    )
    return {"lineage": lineage, "labels": lineage["labels"]}


def record(entry: object) -> dict[str, Any]:
    """Return any record as an id, what it says of itself, and its other fields.

    >>> record("triage@3")
    {'id': 'triage@3', 'known': True, 'fields': []}
    """
    if entry is None or entry == "" or entry == {}:
        return {"id": "", "known": False, "fields": []}
    if not isinstance(entry, Mapping):
        return {"id": str(entry), "known": True, "fields": []}
    key = next((k for k in _ID_KEYS if isinstance(entry.get(k), str) and entry[k]), "")
    fields = [
        {"name": words.humanise(k), "key": k, "value": v}
        for k, v in entry.items()
        if k != key and v not in (None, "", [], {}) and k not in ("identity",)
    ]
    return {"id": entry.get(key, "") if key else "", "known": True, "fields": fields}

"""Dataset versions and their differences as JSON."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from tracker.datasets import DatasetRow
from tunewise.datasets.diff import Change, Diff
from tunewise.domain.dataset import Provenance, Split

View = dict[str, Any]
PROVENANCE = tuple(f.name for f in fields(Provenance))


def version_view(row: DatasetRow, *, same: Sequence[str] = ()) -> View:
    """Return a version as JSON; ``same`` names the others with its content."""
    splits = row.body["splits"]
    provenance = {key: row.provenance.get(key, "") for key in PROVENANCE}
    return {
        "dataset": row.id,
        "name": row.name,
        "number": row.number,
        "digest": row.digest,
        "new": row.new,
        "reordered": False,
        "restored": [],
        "same_content": list(same),
        "splits": {s.value: splits[s] for s in Split if s in splits},
        "documents": row.body["documents"],
        "example_hashes": row.body.get("example_hashes", ""),
        "provenance": provenance,
        "provenance_missing": [key for key, said in provenance.items() if not said],
        "provenance_changes": [
            {
                "at": event.at,
                "by": event.by.name,
                "because": event.body["because"],
                **event.body["provenance"],
            }
            for event in row.events
            if event.action == "described"
        ],
        "findings": row.body["findings"],
        "flagged": row.body.get("flagged"),  # None: an older version did not keep it
        "accepted": row.body.get("accepted"),
        "accepted_because": row.body.get("accepted_because", ""),
        "statistics": row.body["statistics"],
        "quality": row.body["quality"],
        "files": row.body["files"],
        "sources": row.body.get("sources", {}),
        "labels": row.body.get("labels", []),
        "at": row.at,
        "by": row.by.name,
        "deleted": row.deleted,
        "deleted_at": row.deleted_at,
    }


def name_view(name: str, rows: Sequence[DatasetRow]) -> View:
    """Return a name with its versions, oldest first, as one row of a list."""
    kept = [row for row in rows if not row.deleted]
    last = (kept or rows)[-1]
    return {
        "name": name,
        "versions": len(kept),
        "deleted": len(rows) - len(kept),
        "latest": last.id if kept else "",
        "examples": last.body["statistics"]["examples"] if kept else 0,
        "digest": last.digest if kept else "",
        "at": last.at if kept else last.deleted_at,
        "labels": last.body.get("labels", []),
    }


def diff_view(found: Diff) -> View:
    """Return a difference as JSON."""
    return {
        "added": [_change(c) for c in found.added],
        "removed": [_change(c) for c in found.removed],
        "changed": [_change(c) for c in found.changed],
        "moved": [_change(c) for c in found.moved],
        "unchanged": found.unchanged,
        "reordered": found.reordered,
    }


def _change(change: Change) -> View:
    view: View = {"key": change.key}
    if change.before is not None:
        view["before"] = dict(change.before)
    if change.after is not None:
        view["after"] = dict(change.after)
    if change.fields:
        view["fields"] = list(change.fields)
    if change.paired_by:
        view["paired_by"] = change.paired_by
    if change.similarity is not None:
        view["similarity"] = round(change.similarity, 3)
    return view

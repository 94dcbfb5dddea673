"""Dataset versions: ``name@n`` stands for one content for ever.

The same digest under the same name is the same version. A deletion leaves the
record, its reason and its number; only the bytes go. Who owns it, where it comes from
and on what basis it may be used (its provenance) is in the body; what is corrected
later is an event, and the body stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker import records, refs
from tracker.records import Raw, RecordEvent
from tracker.schema import DATASET
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import DatasetError, NotRecorded, StatusError


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A dataset version as recorded; ``new`` only where this call recorded it."""

    id: str  # name@n
    name: str
    number: int
    digest: str
    body: Mapping[str, Any]
    blobs: tuple[str, ...]
    by: Actor
    at: str
    deleted: str = ""  # the reason, "" while it is kept
    deleted_at: str = ""
    new: bool = False
    events: tuple[RecordEvent, ...] = ()

    @property
    def provenance(self) -> dict[str, str]:
        """The provenance as it stands today, after every correction."""
        found = dict(self.body.get("provenance", {}))
        for event in self.events:
            if event.action == "described":
                found.update(event.body["provenance"])
        return found


def register(
    store: Store,
    name: str,
    *,
    digest: str,
    body: Mapping[str, object],
    actor: Actor,
    at: str,
    blobs: Sequence[str] = (),
) -> DatasetRow:
    """Record content under a name; content that the name already has is not new."""
    refs.check_name(name, what="name of a dataset", error=DatasetError)
    with store.writing(actor, at) as change:
        if known := with_digest(store, digest, name=name):
            return known[0]
        number = records.next_number(store, DATASET, name)
        id = f"{name}@{number}"
        records.insert(
            change,
            DATASET,
            {"id": id, "name": name, "number": number, "digest": digest},
            action="registered",
            body=body,
            blobs=blobs,
        )
        return derive(records.one(store, DATASET, id), new=True)


def with_digest(store: Store, digest: str, *, name: str = "") -> list[DatasetRow]:
    """Return the kept versions with this content, of one name or of all."""
    found = [
        derive(raw) for raw in records.read(store, DATASET, "digest = ?", [digest])
    ]
    return [row for row in found if not row.deleted and row.name == (name or row.name)]


def describe(
    store: Store,
    ref: str,
    provenance: Mapping[str, str],
    *,
    because: str,
    actor: Actor,
    at: str,
) -> DatasetRow:
    """Correct what was said of a version's provenance; the record stays as it was."""
    with store.writing(actor, at) as change:
        found = get(store, ref)
        if all(found.provenance.get(key) == value for key, value in provenance.items()):
            raise StatusError(
                f"dataset {found.id}: that is what the record says already\n"
                f"  `tunewise dataset show {found.id}` prints it."
            )
        body = {"provenance": dict(provenance), "because": because}
        records.add_event(change, DATASET, found.id, action="described", body=body)
        return get(store, found.id)


def restored(
    store: Store, ref: str, digests: Sequence[str], *, actor: Actor, at: str
) -> None:
    """Record that lost bytes of a version were put back."""
    with store.writing(actor, at) as change:
        body = {"blobs": list(digests)}
        records.add_event(change, DATASET, ref, action="restored", body=body)


def get(store: Store, ref: str, *, as_of: str = "") -> DatasetRow:
    """Return ``name@n``, deleted or not, or the latest kept version of ``name``."""
    asked = refs.parse(ref)
    if asked.number is not None:
        id = f"{asked.name}@{asked.number}"
        return derive(records.one(store, DATASET, id, as_of=as_of))
    known_versions = versions(store, asked.name, as_of=as_of)
    kept = [v for v in known_versions if not v.deleted]
    if known_versions and not kept and not asked.label:
        raise _all_deleted(asked.name, known_versions)
    if asked.label or not kept:
        known = [name for v in list_all(store) for name in (v.name, v.id)]
        raise refs.not_recorded("dataset", ref, known)
    return kept[-1]


def versions(store: Store, name: str, *, as_of: str = "") -> list[DatasetRow]:
    """Return every version of a name in order, the deleted ones too."""
    found = records.read(store, DATASET, "name = ?", [name], as_of=as_of)
    return [derive(raw) for raw in found]


def list_all(
    store: Store, *, deleted: bool = False, as_of: str = ""
) -> list[DatasetRow]:
    """Return every kept version, with ``deleted`` the tombstones too."""
    found = [derive(raw) for raw in records.read(store, DATASET, as_of=as_of)]
    return [row for row in found if deleted or not row.deleted]


def delete(
    store: Store, ref: str, *, because: str, actor: Actor, at: str
) -> DatasetRow:
    """Leave a tombstone; the caller then removes the blobs nothing else needs.

    Those are ``references.unreferenced(store, row.blobs)``. Runs that used the
    version keep naming it.
    """
    if refs.parse(ref).number is None:
        raise StatusError(
            f"dataset {ref}: which version of it?\n"
            f"  Name one, as in {get(store, ref).id}."
        )
    with store.writing(actor, at) as change:
        found = get(store, ref)
        if found.deleted:
            raise StatusError(
                f"dataset {found.id} was deleted already, at {found.deleted_at}\n"
                f"  The reason given: {found.deleted}"
            )
        body = {"because": because}
        records.add_event(change, DATASET, found.id, action="deleted", body=body)
        return get(store, found.id)


def _all_deleted(name: str, versions: Sequence[DatasetRow]) -> NotRecorded:
    tombstones = "; ".join(
        f"{v.id} on {v.deleted_at[:10]}: {v.deleted}" for v in versions
    )
    return NotRecorded(
        f"dataset {name}: every version was deleted ({tombstones})\n"
        f"  `tunewise dataset show {versions[-1].id}` prints the record that stays."
    )


def derive(raw: Raw, *, new: bool = False) -> DatasetRow:
    """Return how a version stands by its record and these events of it."""
    row = raw.row
    tombstone = next((e for e in raw.events if e.action == "deleted"), None)
    return DatasetRow(
        id=row["id"],
        name=row["name"],
        number=row["number"],
        digest=row["digest"],
        body=row["body"],
        blobs=row["blobs"],
        by=raw.by,
        at=row["at"],
        deleted=tombstone.body["because"] if tombstone else "",
        deleted_at=tombstone.at if tombstone else "",
        new=new,
        events=raw.events,
    )

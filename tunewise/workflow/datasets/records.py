"""Dataset versions: register, describe, look at, compare, take out again.

Checked  --record-->  blobs (canonical JSONL, one a split) + record  =  name@n
"""

from collections.abc import Mapping
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from tracker import audit, blobs, references, run_pages
from tracker import datasets as records
from tracker.datasets import DatasetRow
from tracker.refs import check_name
from tracker.run_pages import Condition
from tracker.store import Store
from tunewise.datasets import canonical, files
from tunewise.datasets.diff import diff as compare
from tunewise.datasets.diff import diff_records
from tunewise.datasets.jsonl import parse_records
from tunewise.domain.dataset import Dataset, Provenance
from tunewise.domain.errors import DatasetError, NotRecorded, StatusError
from tunewise.workflow.datasets.checks import (
    Checked,
    accepted,
    counter_for,
    findings_view,
    graded,
    read,
    refuse_blocking,
)
from tunewise.workflow.datasets.provenance import refuse_other_words, said_of
from tunewise.workflow.datasets.stored import put_back, read_file, store_content
from tunewise.workflow.datasets.views import diff_view, name_view, version_view
from tunewise.workflow.home import Home
from tunewise.workflow.lineage.forgetting import forget, kept_by_runs
from tunewise.workflow.output import exported_record, write_folder
from tunewise.workflow.statements import required

View = dict[str, Any]


def register(
    home: Home,
    name: str,
    paths: Mapping[str, Path],
    *,
    schema: Mapping[str, object] | None = None,
    base_model: str = "",
    accept_because: str | None = None,
    provenance: Provenance | None = None,
    labels: tuple[str, ...] = (),
    called: Mapping[str, str] | None = None,
) -> View:
    """Record the content of files under a name; unchanged content is not new.

    Findings name a file as it is ``called`` by role, else by its path.

    Raises
    ------
    DatasetError
        If a finding blocks it and no reason to accept that was given.
    """
    check_name(name, what="name of a dataset", error=DatasetError)
    provenance = said_of(provenance or Provenance())
    reason = (
        "" if accept_because is None else required("accept-because", accept_because)
    )
    counter = counter_for(home, base_model)
    checked = read(paths, schema=schema, counter=counter, called=called)
    if not reason:
        refuse_blocking(checked)
    return record(
        home,
        name,
        checked,
        accepted_because=reason,
        provenance=provenance,
        labels=labels,
    )


def record(
    home: Home,
    name: str,
    checked: Checked,
    *,
    accepted_because: str = "",
    provenance: Provenance = Provenance(),  # noqa: B008  (a frozen value)
    labels: tuple[str, ...] = (),
) -> View:
    """Record what was read and checked; unchanged content is not new.

    The same examples in another order are the same content: the view then says
    ``reordered``, and nothing is stored but bytes that the version has lost
    (``restored``).
    """
    digests = canonical.digests(checked.dataset)
    grade = graded(home, checked)
    # one transaction: a deletion in between must not take the bytes that stand here
    with home.store(create=True) as store, store.writing(home.actor, home.now()):
        known = records.with_digest(store, digests.dataset, name=name)
        if known:
            refuse_other_words(known[0], provenance)
            restored = put_back(
                store,
                known[0],
                checked.dataset,
                (digests.hash_list, grade.rules.encode()),
                actor=home.actor,
                at=home.now(),
            )
            return {**_known_view(store, known[0], digests), "restored": restored}
        stored = store_content(store, checked.dataset)
        hashes = blobs.put_bytes(store.blobs, digests.hash_list)
        rules = blobs.put_bytes(store.blobs, grade.rules.encode())
        body: View = {
            "digest": digests.dataset,
            "splits": {s.value: asdict(d) for s, d in digests.splits.items()},
            "documents": asdict(digests.documents) if digests.documents else None,
            "example_hashes": hashes,
            "findings": findings_view(checked.findings),
            "flagged": {code: list(n) for code, n in checked.flagged.items()},
            "statistics": dict(checked.statistics),
            "quality": {
                **asdict(grade.quality),
                "rules": rules,
                "rules_origin": grade.origin,
            },
            "files": stored,
            "sources": dict(checked.sources),
            "provenance": asdict(provenance),
            "accepted": accepted(home, checked, accepted_because),
            "accepted_because": accepted_because,
            "labels": list(labels),
        }
        row = records.register(
            store,
            name,
            digest=digests.dataset,
            body=body,
            blobs=sorted({*stored.values(), hashes, rules}),
            actor=home.actor,
            at=home.now(),
        )
        return _view(store, row)


def describe(
    home: Home, reference: str, provenance: Provenance, *, because: str
) -> View:
    """Correct a version's provenance by an event; what is "" stays as it is."""
    because = required("because", because)
    said = {k: v for k, v in asdict(said_of(provenance)).items() if v}
    if not said:
        raise StatusError(
            "nothing to correct\n  Give --owner, --origin, --licence, "
            "--classification or --basis."
        )
    with home.store() as store:
        row = records.describe(
            store, reference, said, because=because, actor=home.actor, at=home.now()
        )
        return _view(store, row)


def load(home: Home, reference: str) -> Dataset:
    """Return the content of a registered version, from its blobs."""
    with home.store() as store:
        row = _kept(store, reference)
        for role in row.body["files"]:
            read_file(store, row, role)  # refuses what is gone or damaged
        paths = {
            role: blobs.path(store.blobs, digest)
            for role, digest in row.body["files"].items()
        }
    return files.load(paths).dataset


def list_all(home: Home) -> list[View]:
    """Return every name with its number of versions and its latest.

    A name whose versions were all deleted has 0 versions and no latest.
    """
    with home.store() as store:
        rows = records.list_all(store, deleted=True)
    names: dict[str, list[DatasetRow]] = {}
    for row in rows:
        names.setdefault(row.name, []).append(row)
    return [name_view(name, found) for name, found in sorted(names.items())]


def versions(home: Home, name: str) -> list[View]:
    """Return every version of a name, oldest first, tombstones included."""
    with home.store() as store:
        found = records.versions(store, name)
        if not found:
            records.get(store, name)  # raises with the names that come close
        return [_view(store, row) for row in found]


def show(home: Home, reference: str) -> View:
    """Return one version with the runs that used it."""
    with home.store() as store:
        row = records.get(store, reference)
        on_it = Condition("dataset", "=", row.id)
        used = run_pages.ids(store, where=[on_it], sort=run_pages.OLDEST)
        return {**_view(store, row), "runs": used}


def diff(home: Home, a: str, b: str, *, key: str = "") -> View:
    """Compare two versions, or two files of records (then perhaps by a key)."""
    if key or Path(a).is_file() or Path(b).is_file():
        before, after = (_records(p) for p in (a, b))
        return diff_view(diff_records(before, after, key=key or None))
    return diff_versions(home, a, b)


def diff_versions(home: Home, a: str, b: str) -> View:
    """Compare two versions; no name is taken for a file."""
    return diff_view(compare(load(home, a), load(home, b)))


def content(home: Home, reference: str, role: str) -> bytes:
    """Return one of a version's files as it was registered, in canonical form."""
    with home.store() as store:
        row = _kept(store, reference)
        if role not in row.body["files"]:
            raise NotRecorded(
                f"dataset {row.id} has no {role} file\n"
                f"  It has {', '.join(sorted(row.body['files']))}."
            )
        return read_file(store, row, role)


def diff_page(home: Home, a: str, b: str, *, most: int) -> View:
    """Compare two versions; of each kind of change ``most``, and ``totals`` of all.

    A service remembers it: versions never change, and one that was deleted is refused
    before it is asked for.
    """
    with home.store() as store:
        rows = [_kept(store, reference) for reference in (a, b)]

    def made() -> View:
        found = diff_versions(home, a, b)
        kinds = ("added", "removed", "changed", "moved")
        totals = {kind: len(found[kind]) for kind in kinds}
        return {**found, **{k: found[k][:most] for k in kinds}, "totals": totals}

    return home.answer(("diff", most, *((row.id, row.digest) for row in rows)), made)


def _records(name: str) -> tuple[dict[str, object], ...]:
    if "@" in name and not Path(name).exists():
        raise StatusError(
            f"{name}: versions are compared with versions, files with files\n"
            "  'tunewise dataset export' writes a version's files; --key is for files."
        )
    with files.opened(Path(name)) as file:
        return parse_records(file, file=name)


def export(home: Home, reference: str, folder: Path) -> list[str]:
    """Write a version's files, and its record, into a folder that is empty or new."""
    with home.store() as store:
        row = _kept(store, reference)
        content = (
            (f"{role}.jsonl", read_file(store, row, role))
            for role in sorted(row.body["files"])
        )
        record = exported_record(_view(store, row), head=audit.head(store))
        return write_folder(folder, chain(content, [record]))


def delete(home: Home, reference: str, *, because: str) -> View:
    """Leave a tombstone and remove the blobs that nothing else rests on.

    What runs keep of the content goes too, the answers of endpoints among it. Asked
    again, it removes what a deletion that was killed has left.
    """
    because = required("because", because)
    with home.store() as store:
        row = records.get(store, reference)
        unfinished = _bytes_left(store, row) or kept_by_runs(home, store, row.id)
        if not (row.deleted and unfinished):
            row = records.delete(
                store, reference, because=because, actor=home.actor, at=home.now()
            )
        references.release(
            store,
            row.blobs,
            subject=row.id,
            because=because,
            actor=home.actor,
            at=home.now(),
        )
        forget(home, store, row.id)
        return _view(store, row)


def _bytes_left(store: Store, row: DatasetRow) -> bool:
    free = references.unreferenced(store, row.blobs)
    return any(blobs.has(store.blobs, digest) for digest in free)


def _kept(store: Store, reference: str) -> DatasetRow:
    row = records.get(store, reference)
    if row.deleted:
        raise NotRecorded(
            f"dataset {row.id} was deleted: {row.deleted}\n"
            "  Its content is gone; the record of it stays."
        )
    return row


def _known_view(store: Store, known: DatasetRow, digests: canonical.Digests) -> View:
    order = known.body.get("example_hashes", "")
    reordered = bool(order) and order != canonical.digest(digests.hash_list)
    return {**_view(store, known), "reordered": reordered}


def _view(store: Store, row: DatasetRow) -> View:
    same = records.with_digest(store, row.digest)
    return version_view(row, same=[other.id for other in same if other.id != row.id])

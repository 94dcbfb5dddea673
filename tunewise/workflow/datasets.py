"""Dataset versions: check, register, look at, compare, take out again.

files -> Dataset (fifths filled) -> findings, statistics, digests
      -> blobs (canonical JSONL, one a split) -> name@n
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from tracker import audit, blobs, references, runs
from tracker import datasets as records
from tracker.datasets import DatasetRow
from tracker.refs import check_name
from tracker.store import Store
from tunewise.datasets import canonical, files
from tunewise.datasets.checks import check as find
from tunewise.datasets.diff import Change, Diff, diff_records
from tunewise.datasets.diff import diff as compare
from tunewise.datasets.fields import validator_of
from tunewise.datasets.jsonl import parse_records
from tunewise.datasets.quality import grade
from tunewise.datasets.splits import fill
from tunewise.datasets.statistics import statistics
from tunewise.domain.dataset import Dataset, QualityFinding, Severity, Split
from tunewise.domain.errors import DatasetError, NotRecorded
from tunewise.workflow.home import Home
from tunewise.workflow.output import RECORD, exported_record, write_folder
from tunewise.workflow.statements import required

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """A dataset as read, with what was found in it."""

    dataset: Dataset
    findings: tuple[QualityFinding, ...]
    statistics: Mapping[str, object]
    sources: Mapping[str, str]  # the name of each role's file

    @property
    def blocking(self) -> tuple[QualityFinding, ...]:
        """The findings that stop a registration."""
        return tuple(f for f in self.findings if f.severity is Severity.BLOCK)


def read(
    paths: Mapping[str, Path], *, schema: Mapping[str, object] | None = None
) -> Checked:
    """Read the files of a dataset by role, fill its splits and check everything."""
    loaded = files.load(paths)
    dataset = fill(loaded.dataset)
    found = (
        *loaded.findings,
        *find(dataset, files=loaded.files, schema=schema),
    )
    sources = {role: Path(p).name for role, p in paths.items()}
    return Checked(dataset, found, statistics(dataset), sources)


def by_role(named: Sequence[Path], **roles: Path | None) -> dict[str, Path]:
    """Return files by role; a file given without one has it guessed from its name."""
    paths = {role: path for role, path in roles.items() if path is not None}
    for path in named:
        if path.name == RECORD:  # what an export is of, and no part of its content
            continue
        role = files.role_of(path.name)
        if role in paths:
            raise DatasetError(
                f"{path}: {paths[role]} is the {role} file already\n"
                f"  Say which is which: --train, --validation, --heldout, --documents."
            )
        paths[role] = path
    if not paths:
        raise DatasetError("no file was named\n  Name chat JSONL files.")
    return paths


def check(paths: Mapping[str, Path]) -> View:
    """Return what ``tunewise dataset check --json`` prints."""
    checked = read(paths)
    return {
        "examples": checked.statistics["examples"],
        "findings": findings_view(checked.findings),
        "statistics": dict(checked.statistics),
    }


def register(
    home: Home,
    name: str,
    paths: Mapping[str, Path],
    *,
    schema: Mapping[str, object] | None = None,
    accept_because: str | None = None,
    labels: tuple[str, ...] = (),
) -> View:
    """Record the content of files under a name; unchanged content is not new.

    Raises
    ------
    DatasetError
        If a finding blocks it and no reason to accept that was given.
    """
    check_name(name, what="name of a dataset", error=DatasetError)
    reason = (
        "" if accept_because is None else required("accept-because", accept_because)
    )
    checked = read(paths, schema=schema)
    if not reason:
        refuse_blocking(checked)
    return record(home, name, checked, accepted_because=reason, labels=labels)


def refuse_blocking(checked: Checked) -> None:
    """Refuse a dataset with findings that stop a registration."""
    if not checked.blocking:
        return
    first = checked.blocking[0]
    lines = f":{first.lines[0]}" if first.lines else ""
    more = len(checked.blocking) - 1
    raise DatasetError(
        f"{first.file}{lines}: {first.code}: {first.message}\n"
        + (f"  And {more} more that block. " if more else "  ")
        + "See all with 'tunewise dataset check'; to register it all the same, "
        "say why with --accept-because (in a specification: [dataset] accept_because)."
    )


def record(
    home: Home,
    name: str,
    checked: Checked,
    *,
    accepted_because: str = "",
    labels: tuple[str, ...] = (),
) -> View:
    """Record what was read and checked; unchanged content is not new."""
    digests = canonical.digests(checked.dataset)
    quality = grade(checked.findings, checked.statistics)
    with home.store(create=True) as store:
        stored = _store_content(store, checked.dataset)
        body: View = {
            "digest": digests.dataset,
            "splits": {s.value: asdict(d) for s, d in digests.splits.items()},
            "documents": asdict(digests.documents) if digests.documents else None,
            "findings": findings_view(checked.findings),
            "statistics": dict(checked.statistics),
            "quality": asdict(quality),
            "files": stored,
            "sources": dict(checked.sources),
            "accepted_because": accepted_because,
            "labels": list(labels),
        }
        row = records.register(
            store,
            name,
            digest=digests.dataset,
            body=body,
            blobs=sorted(stored.values()),
            actor=home.actor,
            at=home.now(),
        )
    return _view(row)


def load(home: Home, reference: str) -> Dataset:
    """Return the content of a registered version, from its blobs."""
    with home.store() as store:
        row = _kept(store, reference)
        for digest in row.body["files"].values():
            blobs.read(store.blobs, digest)  # refuses what is gone or damaged
        paths = {
            role: blobs.path(store.blobs, digest)
            for role, digest in row.body["files"].items()
        }
    return files.load(paths).dataset


def list_all(home: Home) -> list[View]:
    """Return every name with its number of versions and its latest."""
    with home.store() as store:
        rows = records.list_all(store)
    names: dict[str, list[DatasetRow]] = {}
    for row in rows:
        names.setdefault(row.name, []).append(row)
    return [
        {
            "name": name,
            "versions": len(found),
            "latest": found[-1].id,
            "examples": found[-1].body["statistics"]["examples"],
            "digest": found[-1].digest,
            "at": found[-1].at,
            "labels": found[-1].body.get("labels", []),
        }
        for name, found in sorted(names.items())
    ]


def versions(home: Home, name: str) -> list[View]:
    """Return every version of a name, oldest first, tombstones included."""
    with home.store() as store:
        found = records.versions(store, name)
        if not found:
            records.get(store, name)  # raises with the names that come close
    return [_view(row) for row in found]


def show(home: Home, reference: str) -> View:
    """Return one version with the runs that used it."""
    with home.store() as store:
        row = records.get(store, reference)
        used = [r.id for r in runs.list_all(store) if r.body.get("dataset") == row.id]
    return {**_view(row), "runs": used}


def diff(home: Home, a: str, b: str, *, key: str = "") -> View:
    """Compare two versions, or two files of records (then perhaps by a key)."""
    if key or Path(a).is_file() or Path(b).is_file():
        before, after = (parse_records(files.read(Path(p)), file=p) for p in (a, b))
        found = diff_records(before, after, key=key or None)
    else:
        found = compare(load(home, a), load(home, b))
    return _diff_view(found)


def export(home: Home, reference: str, folder: Path) -> list[str]:
    """Write a version's files, and its record, into a folder that is empty or new."""
    with home.store() as store:
        row = _kept(store, reference)
        content = (
            (f"{role}.jsonl", blobs.read(store.blobs, digest))
            for role, digest in sorted(row.body["files"].items())
        )
        record = exported_record(_view(row), head=audit.head(store))
        return write_folder(folder, chain(content, [record]))


def delete(home: Home, reference: str, *, because: str) -> View:
    """Leave a tombstone and remove the blobs that nothing else rests on."""
    because = required("because", because)
    with home.store() as store:
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
    return _view(row)


def findings_view(findings: tuple[QualityFinding, ...]) -> list[View]:
    """Return findings as JSON, the gravest first."""
    return [
        {
            "code": f.code,
            "severity": f.severity.value,
            "file": f.file,
            "lines": list(f.lines),
            "message": f.message,
        }
        for f in findings
    ]


def read_schema(path: str) -> View | None:
    """Read a JSON Schema; "" means none."""
    if not path:
        return None
    try:
        schema = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path}: not a readable JSON Schema ({error})") from None
    if not isinstance(schema, dict):
        raise DatasetError(f"{path}: a JSON Schema is an object")
    validator_of(schema, where=path)
    return schema


def _kept(store: Store, reference: str) -> DatasetRow:
    row = records.get(store, reference)
    if row.deleted:
        raise NotRecorded(
            f"dataset {row.id} was deleted: {row.deleted}\n"
            "  Its content is gone; the record of it stays."
        )
    return row


def _store_content(store: Store, dataset: Dataset) -> dict[str, str]:
    stored = {
        split.value: blobs.put_bytes(
            store.blobs, canonical.to_jsonl(dataset.split(split))
        )
        for split in Split
        if dataset.split(split)
    }
    if dataset.documents:
        stored["documents"] = blobs.put_bytes(
            store.blobs, canonical.documents_to_jsonl(dataset.documents)
        )
    return stored


def _view(row: DatasetRow) -> View:
    return {
        "dataset": row.id,
        "name": row.name,
        "number": row.number,
        "digest": row.digest,
        "new": row.new,
        "splits": row.body["splits"],
        "documents": row.body["documents"],
        "findings": row.body["findings"],
        "statistics": row.body["statistics"],
        "quality": row.body["quality"],
        "files": row.body["files"],
        "sources": row.body.get("sources", {}),
        "labels": row.body.get("labels", []),
        "at": row.at,
        "by": row.by.name,
        "deleted": row.deleted,
    }


def _diff_view(found: Diff) -> View:
    return {
        "added": [_change(c) for c in found.added],
        "removed": [_change(c) for c in found.removed],
        "changed": [_change(c) for c in found.changed],
        "moved": [_change(c) for c in found.moved],
        "unchanged": found.unchanged,
    }


def _change(change: Change) -> View:
    view: View = {"key": change.key}
    if change.before is not None:
        view["before"] = dict(change.before)
    if change.after is not None:
        view["after"] = dict(change.after)
    if change.fields:
        view["fields"] = list(change.fields)
    return view

"""A copy that proves itself: the database, the blobs it rests on, a manifest.

backup DIR/  tunewise.db  blobs/  manifest.json (last: a backup without is none)

What cannot be finished is taken away again, so that nothing looks complete.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tracker import audit, blobs, references
from tracker.faults import explained
from tracker.problems import Problem, some
from tracker.store import Store, open_store
from tunewise.domain.errors import EnvironmentProblem

_DATABASE = "tunewise.db"
_MANIFEST = "manifest.json"
_OURS = (_DATABASE, f"{_DATABASE}-journal", "blobs", _MANIFEST, f"{_MANIFEST}.incoming")


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds; its JSON is the manifest."""

    at: str
    head: str
    blobs: tuple[str, ...]
    missing: tuple[str, ...] = ()  # blobs that were already gone or damaged
    database: str = ""  # sha256 of the database; "" in a backup of older software


def backup(store: Store, folder: Path, *, at: str) -> Backup:
    """Copy the database and its blobs into an empty folder while others write."""
    _require_outside(store.path.parent, folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise EnvironmentProblem(
            f"{folder}: the folder is not empty\n"
            "  Name a new one; a backup never overwrites anything."
        )
    with _whole_or_none(folder, _OURS), _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _copy_database(store, folder / _DATABASE)
        with _opened(folder) as opened:
            head, wanted = audit.head(opened.store), references.referenced(opened.store)
        kept = [d for d in wanted if _copy_blob(store.blobs, d, folder / "blobs")]
        missing = sorted(set(wanted) - set(kept))
        made = Backup(at, head, tuple(kept), tuple(missing), opened.digest)
        _write_manifest(folder, made)
    return made


def _require_outside(home: Path, folder: Path) -> None:
    """Refuse a folder of the home itself: it would be lost with what it copies."""
    place, own = folder.resolve(), home.resolve()
    if place == own or own in place.parents:
        raise EnvironmentProblem(
            f"{folder}: this lies in the home that is to be copied ({home})\n"
            "  Name a folder outside of it, best on another disk."
        )


def check(folder: Path) -> list[Problem]:
    """Return what does not hold in a backup: empty says it can be restored."""
    return _checked(folder, read_manifest(folder)).problems


def restore(folder: Path, home: Path) -> Backup:
    """Check a backup and copy it into a home that has no database yet.

    Every blob is hashed again on its way, and so is the database: what arrives is
    what was checked.
    """
    manifest = read_manifest(folder)
    checked = _checked(folder, manifest)
    if problems := checked.problems:
        more = f" (and {len(problems) - 1} more)" if problems[1:] else ""
        raise EnvironmentProblem(
            f"{folder}: the backup is damaged: {problems[0].message}{more}\n"
            "  Use another backup."
        )
    _require_free(home)
    fresh = () if (home / "blobs").exists() else ("blobs",)
    with _whole_or_none(home, fresh, unless=_DATABASE), _explained(home):
        home.mkdir(parents=True, exist_ok=True)
        for digest in manifest.blobs:
            if not _copy_blob(folder / "blobs", digest, home / "blobs"):
                raise _changed(folder, f"blob {digest}")
        # the database last: until it is there nothing claims to be restored
        incoming = home / f"{_DATABASE}.incoming"
        try:
            _copy_file(folder / _DATABASE, incoming)
            if _digest_of(incoming) != checked.database:
                raise _changed(folder, "database")
            _require_free(home)
            _take_place(incoming, home / _DATABASE)
        finally:
            incoming.unlink(missing_ok=True)
    return manifest


def read_manifest(folder: Path) -> Backup:
    """Return what a backup says it holds; refuse a folder that is none."""
    try:
        said = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        return Backup(
            at=said["at"],
            head=said["head"],
            blobs=tuple(map(str, said["blobs"])),
            missing=tuple(map(str, said["missing"])),
            database=said.get("database", ""),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EnvironmentProblem(
            f"{folder}: there is no complete backup here (no readable {_MANIFEST})\n"
            "  Name the folder that `tunewise backup` wrote."
        ) from error


@dataclass(frozen=True, slots=True)
class _Checked:
    """What does not hold in a backup, and the sha256 of the database that was read."""

    problems: list[Problem]
    database: str


def _checked(folder: Path, manifest: Backup) -> _Checked:
    with _opened(folder) as opened:
        copy = opened.store
        problems = [
            *(p for p in audit.verify(copy) if p.kind != "derived"),
            *references.verify(copy, folder=folder / "blobs", expected=manifest.blobs),
            *_left_out(copy, manifest),
        ]
        if audit.head(copy) != manifest.head:
            message = "the head of the log is not the one in manifest.json"
            problems.append(Problem("log", _MANIFEST, message))
        elif manifest.database not in ("", opened.digest):
            message = "its content is not the one that manifest.json names"
            problems.append(Problem("damaged", _DATABASE, message))
    return _Checked(problems, opened.digest)


def _left_out(copy: Store, manifest: Backup) -> Iterator[Problem]:
    """Yield the blobs that records rest on, and the manifest does not name."""
    listed = {*manifest.blobs, *manifest.missing}
    for digest, names in references.referenced(copy).items():
        if digest not in listed:
            message = f"{digest} is not in manifest.json; {some(names)} needs it"
            yield Problem("blob", names[0], message)


def _changed(folder: Path, what: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"{folder}: the {what} changed while it was copied\n"
        "  Check the disk of the backup, and restore again."
    )


def _require_free(home: Path) -> None:
    """Refuse a home with a database, or whose journal is still in use."""
    for name in (_DATABASE, f"{_DATABASE}-wal", f"{_DATABASE}-journal"):
        if (home / name).exists():
            raise EnvironmentProblem(
                f"{home / name}: there is a database already\n"
                "  Restore into another folder with --home, or end what uses this one "
                "and move it away."
            )


def _copy_database(store: Store, path: Path) -> None:
    with explained(path):
        target = sqlite3.connect(path)
        try:
            store.db.conn.backup(target)
            # one file, that can also be read from a read-only disk
            target.execute("PRAGMA journal_mode = delete")
        finally:
            target.close()


def _copy_blob(source: Path, digest: str, target: Path) -> bool:
    """Copy a blob; return False where it is missing or is not its bytes any more."""
    if not blobs.is_whole(source, digest):
        return False
    return blobs.put_file(target, blobs.path(source, digest)) == digest


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("wb") as written:
        shutil.copyfileobj(read, written)
        written.flush()
        os.fsync(written.fileno())


def _take_place(incoming: Path, place: Path) -> None:
    """Give a file its name, never over one that came meanwhile."""
    try:
        os.link(incoming, place)
    except FileExistsError:
        _require_free(place.parent)
    except OSError:  # a file system without links
        incoming.replace(place)


def _write_manifest(folder: Path, made: Backup) -> None:
    incoming = folder / f"{_MANIFEST}.incoming"
    with incoming.open("w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(made), indent=2))
        file.flush()
        os.fsync(file.fileno())
    incoming.replace(folder / _MANIFEST)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A copy of a backup's database, and the sha256 of what was copied."""

    store: Store
    digest: str


@contextmanager
def _opened(folder: Path) -> Iterator[_Opened]:
    """Open a copy of the backup's database: opening may migrate, a backup stays."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / _DATABASE
        with _explained(folder):
            shutil.copyfile(folder / _DATABASE, copy)
            digest = _digest_of(copy)
        with open_store(copy, create=False) as store:
            yield _Opened(store, digest)


@contextmanager
def _whole_or_none(
    folder: Path, ours: tuple[str, ...], *, unless: str = ""
) -> Iterator[None]:
    """Take away what was put into a folder where the block does not end well.

    ``ours`` names what may go; nothing goes where ``unless`` stands by then: somebody
    else was there first, and needs it.
    """
    existed = folder.exists()
    try:
        yield
    except BaseException:
        theirs = unless and (folder / unless).exists()
        for name in () if theirs else ours:
            shutil.rmtree(folder / name, ignore_errors=True)
            with suppress(OSError):  # a folder, or none
                (folder / name).unlink()
        if not existed:
            with suppress(OSError):  # somebody put something there
                folder.rmdir()
        raise


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentProblem(
            f"{error.filename or folder}: cannot be copied ({error.strerror}; "
            f"{_free_mb(folder)} MB free on the disk of {folder})\n"
            "  Free some space, or name another folder. Nothing was left in this one."
        ) from error


def _free_mb(folder: Path) -> int:
    there = next(
        p for p in (folder.absolute(), *folder.absolute().parents) if p.exists()
    )
    return shutil.disk_usage(there).free // 1_000_000

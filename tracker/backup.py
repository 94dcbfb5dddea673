"""A copy that proves itself: the database, the blobs it rests on, a manifest.

backup DIR/  tunewise.db  blobs/  manifest.json (last: a backup without is none)
"""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tracker import audit, blobs, references
from tracker.problems import Problem
from tracker.store import Store, open_store
from tunewise.domain.errors import EnvironmentProblem

_DATABASE = "tunewise.db"
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds; its JSON is the manifest."""

    at: str
    head: str
    blobs: tuple[str, ...]
    missing: tuple[str, ...] = ()  # blobs that were already gone


def backup(store: Store, folder: Path, *, at: str) -> Backup:
    """Copy the database and its blobs into an empty folder while others write."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise EnvironmentProblem(
            f"{folder}: the folder is not empty\n"
            "  Name a new one; a backup never overwrites anything."
        )
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _copy_database(store, folder / _DATABASE)
        with _opened(folder) as copy:
            head, wanted = audit.head(copy), references.referenced(copy)
        kept = [digest for digest in wanted if blobs.has(store.blobs, digest)]
        for digest in kept:
            blobs.put_file(folder / "blobs", blobs.path(store.blobs, digest))
        missing = sorted(set(wanted) - set(kept))
        made = Backup(at=at, head=head, blobs=tuple(kept), missing=tuple(missing))
        manifest = json.dumps(asdict(made), indent=2)
        (folder / _MANIFEST).write_text(manifest, encoding="utf-8")
    return made


def check(folder: Path) -> list[Problem]:
    """Return what does not hold in a backup: empty says it can be restored."""
    manifest = _manifest(folder)
    with _opened(folder) as copy:
        problems = [
            *audit.verify(copy),
            *references.verify(copy, folder=folder / "blobs", expected=manifest.blobs),
        ]
        if audit.head(copy) != manifest.head:
            message = "the head of the log is not the one in manifest.json"
            problems.append(Problem("log", _MANIFEST, message))
    return problems


def restore(folder: Path, home: Path) -> Backup:
    """Check a backup and copy it into a home that has no database yet."""
    problems = check(folder)
    if problems:
        more = f" (and {len(problems) - 1} more)" if problems[1:] else ""
        raise EnvironmentProblem(
            f"{folder}: the backup is damaged: {problems[0].message}{more}\n"
            "  Use another backup."
        )
    if (home / _DATABASE).exists():
        raise EnvironmentProblem(
            f"{home / _DATABASE}: there is a database already\n"
            "  Restore into another folder with --home, or move this one away."
        )
    manifest = _manifest(folder)
    with _explained(home):
        home.mkdir(parents=True, exist_ok=True)
        for digest in manifest.blobs:
            blobs.put_file(home / "blobs", blobs.path(folder / "blobs", digest))
        # the database last: until it is there nothing claims to be restored
        incoming = home / f"{_DATABASE}.incoming"
        shutil.copyfile(folder / _DATABASE, incoming)
        incoming.replace(home / _DATABASE)
    return manifest


def _copy_database(store: Store, path: Path) -> None:
    target = sqlite3.connect(path)
    try:
        store.db.conn.backup(target)
        # one file, that can also be read from a read-only disk
        target.execute("PRAGMA journal_mode = delete")
    finally:
        target.close()


@contextmanager
def _opened(folder: Path) -> Iterator[Store]:
    """Open a copy of the backup's database: opening may migrate, a backup stays."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / _DATABASE
        with _explained(folder):
            shutil.copyfile(folder / _DATABASE, copy)
        with open_store(copy, create=False) as store:
            yield store


def _manifest(folder: Path) -> Backup:
    try:
        said = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        return Backup(
            at=said["at"],
            head=said["head"],
            blobs=tuple(said["blobs"]),
            missing=tuple(said["missing"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EnvironmentProblem(
            f"{folder}: there is no complete backup here (no readable {_MANIFEST})\n"
            "  Name the folder that `tunewise backup` wrote."
        ) from error


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentProblem(
            f"{error.filename or folder}: cannot be copied ({error.strerror})\n"
            "  Free some space, or name another folder; this one is not complete."
        ) from error

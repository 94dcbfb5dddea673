import os
import shutil
import subprocess
import tempfile
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tracker import audit, backup, decisions, readonly, references, schema
from tracker.store import open_store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem

WHO = {"actor": Actor("ana"), "at": "2026-11-22T10:00:00Z"}


@pytest.fixture
def locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with a decision, in a folder that nobody may write in."""
    with open_store(path) as store:
        propose(store, "d-1")
    lock(monkeypatch)
    return path


def propose(store, id: str) -> None:
    decisions.propose(store, id, title="Triage", recommended="rag", body={}, **WHO)


def lock(monkeypatch: pytest.MonkeyPatch) -> None:
    # root may write anywhere, so the permission bits would not do
    monkeypatch.setattr(readonly.os, "access", lambda *_: False)
    disk = types.SimpleNamespace(f_flag=os.ST_RDONLY)
    monkeypatch.setattr(readonly.os, "statvfs", lambda _: disk)


def test_records_on_a_read_only_disk_are_listed_and_verified(locked: Path) -> None:
    with open_store(locked) as store:
        assert [d.id for d in decisions.list_all(store)] == ["d-1"]
        assert audit.verify(store) + references.verify(store) == []
        assert store.read_only

    assert [p.name for p in locked.parent.iterdir()] == ["tunewise.db"]


def test_writing_there_is_refused(locked: Path) -> None:
    with (
        open_store(locked) as store,
        pytest.raises(EnvironmentProblem, match=r"read-only\n.* Nothing was changed"),
    ):
        propose(store, "d-2")


def test_guards_that_are_missing_there_are_reported_and_left(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(path) as store:
        store.db.execute("DROP TRIGGER audit_update")
    lock(monkeypatch)

    with open_store(path) as store:
        assert [p.record for p in audit.verify(store)] == ["audit_update"]


def test_a_database_of_older_software_is_explained(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(path).close()
    newer = (*schema.STEPS, lambda db: None)
    newer[-1].__name__ = "m9999"
    monkeypatch.setattr(schema, "STEPS", newer)
    lock(monkeypatch)

    with pytest.raises(EnvironmentProblem, match="written by an older Tunewise"):
        open_store(path)


def test_a_read_only_home_can_be_backed_up(locked: Path, tmp_path: Path) -> None:
    with open_store(locked) as store:
        made = backup.backup(store, tmp_path / "saved", at=WHO["at"])
        assert made.head == audit.head(store)


NOBODY = 65534


@contextmanager
def nobody() -> Iterator[None]:
    """Let somebody act who may read the files of the test, and write none."""
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def others_home() -> Iterator[Path]:
    """The database of somebody else, in a folder that all may read."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as two people")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name) / "tunewise.db"


def test_one_who_may_not_write_sees_what_another_is_writing(others_home: Path) -> None:
    with open_store(others_home) as writer:
        propose(writer, "d-1")
        with nobody(), open_store(others_home) as reader:
            assert reader.read_only
            propose(writer, "d-2")
            assert [d.id for d in decisions.list_all(reader)] == ["d-1", "d-2"]
            assert audit.verify(reader) == []


def test_one_who_may_not_write_is_told_where_sqlite_cannot_read(
    others_home: Path,
) -> None:
    open_store(others_home).close()

    with (
        nobody(),
        pytest.raises(EnvironmentProblem, match="you may not write in its folder"),
    ):
        open_store(others_home)

    others_home.chmod(0o600)
    with nobody(), pytest.raises(EnvironmentProblem, match="it cannot be opened"):
        open_store(others_home)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True
    )
    if made.returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="no mount here")
def test_a_real_read_only_disk_is_read(small_disk: Path) -> None:
    path = small_disk / "tunewise.db"
    with open_store(path) as store:
        propose(store, "d-1")
    remount(small_disk, "ro")

    with open_store(path) as store:
        assert audit.verify(store) == []
        with pytest.raises(EnvironmentProblem, match="read-only"):
            propose(store, "d-2")
    remount(small_disk, "rw")


@pytest.mark.skipif(shutil.which("mount") is None, reason="no mount here")
def test_changes_left_in_the_journal_are_not_passed_over(
    small_disk: Path, tmp_path: Path
) -> None:
    path = tmp_path / "home" / "tunewise.db"
    with open_store(path) as store:
        propose(store, "d-1")
        for name in ("tunewise.db", "tunewise.db-wal"):  # as after a power cut
            shutil.copyfile(path.with_name(name), small_disk / name)
    remount(small_disk, "ro")

    with pytest.raises(EnvironmentProblem, match="its last changes are in tunewise"):
        open_store(small_disk / "tunewise.db")
    remount(small_disk, "rw")

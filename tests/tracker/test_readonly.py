import shutil
import subprocess
from collections.abc import Iterator
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

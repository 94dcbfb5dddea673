import shutil
from pathlib import Path

import pytest

from tracker import audit, backup, blobs, datasets, references
from tracker.store import Store, open_store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem

WHO = {"actor": Actor("ana"), "at": "2026-11-22T10:00:00Z"}
AT = "2026-11-22T11:00:00Z"


@pytest.fixture
def saved(store: Store, tmp_path: Path) -> Path:
    blob = blobs.put_bytes(store.blobs, b"content")
    blobs.put_bytes(store.blobs, b"nobody needs this")
    datasets.register(store, "a", digest="sha256:0", body={}, blobs=[blob], **WHO)
    backup.backup(store, tmp_path / "saved", at=AT)
    return tmp_path / "saved"


def test_a_backup_comes_back_with_the_same_head_and_blobs(
    store: Store, saved: Path, tmp_path: Path
) -> None:
    made = backup.restore(saved, tmp_path / "new")

    assert (made.head, made.at, len(made.blobs)) == (audit.head(store), AT, 1)
    with open_store(tmp_path / "new" / "tunewise.db") as restored:
        assert audit.head(restored) == audit.head(store)
        assert datasets.get(restored, "a@1").id == "a@1"
        assert audit.verify(restored) + references.verify(restored) == []


def test_checking_a_backup_changes_nothing_in_it(saved: Path) -> None:
    def content() -> dict[str, bytes]:
        files = (f for f in saved.rglob("*") if f.is_file())
        return {str(f.relative_to(saved)): f.read_bytes() for f in files}

    before = content()

    assert backup.check(saved) == []
    assert content() == before


def test_a_damaged_blob_in_a_backup_is_found(saved: Path, tmp_path: Path) -> None:
    (digest,) = blobs.digests(saved / "blobs")
    place = blobs.path(saved / "blobs", digest)
    place.chmod(0o644)
    place.write_bytes(b"CONTENT")

    assert [p.kind for p in backup.check(saved)] == ["blob"]
    with pytest.raises(EnvironmentProblem, match="the backup is damaged"):
        backup.restore(saved, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_an_exchanged_database_does_not_match_the_manifest(
    store: Store, saved: Path, tmp_path: Path
) -> None:
    datasets.register(store, "b", digest="sha256:1", body={}, **WHO)
    backup.backup(store, tmp_path / "second", at=AT)
    shutil.copyfile(tmp_path / "second" / "tunewise.db", saved / "tunewise.db")

    assert [(p.kind, p.record) for p in backup.check(saved)] == [
        ("log", "manifest.json")
    ]


def test_bytes_that_were_already_gone_are_listed_and_do_not_stop_a_backup(
    store: Store, saved: Path, tmp_path: Path
) -> None:
    (digest,) = references.referenced(store)
    blobs.remove(store.blobs, digest)

    made = backup.backup(store, tmp_path / "second", at=AT)

    assert (made.blobs, made.missing) == ((), (digest,))
    assert backup.check(tmp_path / "second") == []


def test_nothing_is_ever_overwritten(store: Store, saved: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="not empty"):
        backup.backup(store, saved, at=AT)
    with pytest.raises(EnvironmentProblem, match="there is a database already"):
        backup.restore(saved, store.path.parent)


def test_an_unfinished_backup_is_none(saved: Path, tmp_path: Path) -> None:
    (saved / "manifest.json").unlink()

    with pytest.raises(EnvironmentProblem, match="no complete backup"):
        backup.restore(saved, tmp_path / "new")

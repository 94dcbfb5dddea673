import errno
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
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


@pytest.mark.parametrize("name", ["", "saved", "blobs/../deep/er"])
def test_a_backup_into_the_home_itself_is_refused(
    store: Store, saved: Path, name: str
) -> None:
    home = store.path.parent

    with pytest.raises(EnvironmentProblem, match="this lies in the home that is to be"):
        backup.backup(store, home / name, at=AT)

    assert sorted(p.name for p in home.iterdir() if "-" not in p.name) == [
        "blobs",
        "tunewise.db",
    ]


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


def test_a_manifest_that_leaves_a_blob_out_is_found(
    saved: Path, tmp_path: Path
) -> None:
    manifest = json.loads((saved / "manifest.json").read_text())
    (digest,) = manifest["blobs"]
    (saved / "manifest.json").write_text(json.dumps({**manifest, "blobs": []}))

    (problem,) = backup.check(saved)

    assert (problem.kind, problem.record) == ("blob", "a@1")
    assert problem.message == f"{digest} is not in manifest.json; a@1 needs it"
    with pytest.raises(EnvironmentProblem, match="the backup is damaged"):
        backup.restore(saved, tmp_path / "new")


def test_a_database_edited_where_the_log_does_not_reach_is_found(saved: Path) -> None:
    connection = sqlite3.connect(saved / "tunewise.db")
    connection.execute("DELETE FROM search")
    connection.commit()
    connection.close()

    assert [(p.kind, p.record) for p in backup.check(saved)] == [
        ("damaged", "tunewise.db")
    ]


def test_a_backup_of_older_software_names_no_digest_of_its_database(
    saved: Path, tmp_path: Path
) -> None:
    manifest = json.loads((saved / "manifest.json").read_text())
    del manifest["database"]
    (saved / "manifest.json").write_text(json.dumps(manifest))

    assert backup.restore(saved, tmp_path / "new").head == manifest["head"]


def test_a_database_that_changes_after_it_was_checked_is_not_restored(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = backup._copy_file

    def with_another_byte(source: Path, target: Path) -> None:
        copied(source, target)
        with target.open("ab") as file:
            file.write(b"x")

    monkeypatch.setattr(backup, "_copy_file", with_another_byte)

    with pytest.raises(EnvironmentProblem, match="the database changed while it was"):
        backup.restore(saved, tmp_path / "new")
    assert not (tmp_path / "new").exists()


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


def test_a_blob_that_is_altered_is_not_copied_as_if_it_were_whole(
    store: Store, saved: Path, tmp_path: Path
) -> None:
    (digest,) = references.referenced(store)
    place = blobs.path(store.blobs, digest)
    place.chmod(0o644)
    place.write_bytes(b"CONTENT")

    made = backup.backup(store, tmp_path / "second", at=AT)

    assert (made.blobs, made.missing) == ((), (digest,))
    assert blobs.digests(tmp_path / "second" / "blobs") == []


@pytest.mark.parametrize("left", ["tunewise.db", "tunewise.db-wal"])
def test_a_home_in_use_is_not_restored_into(
    saved: Path, tmp_path: Path, left: str
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / left).write_bytes(b"somebody's")

    with pytest.raises(EnvironmentProblem, match="there is a database already"):
        backup.restore(saved, tmp_path / "new")

    assert [p.name for p in (tmp_path / "new").iterdir()] == [left]


def test_a_database_that_comes_while_restoring_stays(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = tmp_path / "new"

    original = backup._copy_file

    def meanwhile(source: Path, target: Path) -> None:
        monkeypatch.setattr(backup, "_copy_file", original)
        backup.restore(saved, new)  # another process is done first
        original(source, target)

    monkeypatch.setattr(backup, "_copy_file", meanwhile)

    with pytest.raises(EnvironmentProblem, match="there is a database already"):
        backup.restore(saved, new)
    with open_store(new / "tunewise.db") as restored:
        assert audit.verify(restored) + references.verify(restored) == []


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["_copy_database", "_write_manifest"])
def test_a_full_disk_leaves_no_backup_and_is_named(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    datasets.register(store, "a", digest="sha256:0", body={}, **WHO)
    monkeypatch.setattr(backup, step, full)

    with pytest.raises(
        EnvironmentProblem, match=rf"No space left.* free on the disk of {tmp_path}"
    ):
        backup.backup(store, tmp_path / "saved", at=AT)

    assert not (tmp_path / "saved").exists()


def test_a_full_disk_leaves_nothing_restored(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_copy_file", full)

    with pytest.raises(EnvironmentProblem, match="No space left"):
        backup.restore(saved, tmp_path / "new")

    assert not (tmp_path / "new").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True
    )
    if made.returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="no mount here")
@pytest.mark.parametrize("large", ["database", "blob"])
def test_a_backup_on_a_disk_too_small_is_refused_whole(
    store: Store, small_disk: Path, large: str
) -> None:
    text = "x" * 2_000_000
    body = {"large": text} if large == "database" else {}
    held = [blobs.put_bytes(store.blobs, text.encode())] if large == "blob" else []
    datasets.register(store, "a", digest="sha256:0", body=body, blobs=held, **WHO)

    with pytest.raises(EnvironmentProblem, match=r"disk is full|No space left"):
        backup.backup(store, small_disk / "saved", at=AT)

    assert list(small_disk.iterdir()) == []


WRITER = """
import sys
from tracker import audit, blobs, datasets
from tracker.store import open_store
from tunewise.domain.decision import Actor

path, name = sys.argv[1:]
with open_store(path) as store:
    for n in range(40):
        with store.writing(Actor(name), "2026-11-22T10:00:00Z"):
            held = [blobs.put_bytes(store.blobs, f"{name} {n}".encode())]
            datasets.register(store, name, digest=f"sha256:{n}", body={},
                blobs=held, actor=Actor(name), at="2026-11-22T10:00:00Z")
"""


def test_a_backup_while_eight_write_holds_together(
    store: Store, path: Path, tmp_path: Path
) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, path, f"w{n}"])
        for n in range(8)
    ]
    made = []
    while any(writer.poll() is None for writer in writers):
        folder = tmp_path / f"saved-{len(made)}"
        made.append(backup.backup(store, folder, at=AT))
        assert backup.check(folder) == []

    assert [writer.wait() for writer in writers] == [0] * 8
    assert all(one.missing == () for one in made)
    assert len(datasets.list_all(store)) == 320
    assert audit.verify(store) + references.verify(store) == []

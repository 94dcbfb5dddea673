import hashlib
from pathlib import Path

import pytest

from tracker import audit, blobs, datasets, references
from tracker.datasets import DatasetRow
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import DatasetError, NotRecorded, StatusError

WHO = {"actor": Actor("ana"), "at": "2026-11-22T10:00:00Z"}


def register(store: Store, digest: str, name: str = "triage") -> DatasetRow:
    return datasets.register(store, name, digest=digest, body={"of": digest}, **WHO)


def test_new_content_makes_the_next_version(store: Store) -> None:
    first, second = register(store, "sha256:a"), register(store, "sha256:b")

    assert (first.id, first.new) == ("triage@1", True)
    assert (second.id, second.new) == ("triage@2", True)
    assert datasets.get(store, "triage@1").body == {"of": "sha256:a"}
    assert datasets.get(store, "triage").id == "triage@2"


def test_the_same_digest_makes_no_new_version(store: Store) -> None:
    register(store, "sha256:a")
    head = audit.head(store)

    again = register(store, "sha256:a")

    assert (again.id, again.new) == ("triage@1", False)
    assert audit.head(store) == head


def test_another_name_may_have_the_same_content(store: Store) -> None:
    register(store, "sha256:a")

    assert register(store, "sha256:a", "other").id == "other@1"
    assert [row.id for row in datasets.list_all(store)] == ["triage@1", "other@1"]


def test_a_deletion_leaves_a_tombstone_and_its_number_is_not_used_again(
    store: Store,
) -> None:
    register(store, "sha256:a")
    register(store, "sha256:b")
    datasets.delete(store, "triage@2", because="personal data", **WHO)

    again = register(store, "sha256:b")

    assert (again.id, again.new) == ("triage@3", True)
    gone = datasets.get(store, "triage@2")
    assert (gone.deleted, gone.deleted_at) == ("personal data", WHO["at"])
    assert gone.body == {"of": "sha256:b"}
    assert [row.id for row in datasets.list_all(store)] == ["triage@1", "triage@3"]
    assert len(datasets.list_all(store, deleted=True)) == 3
    assert audit.verify(store) == []


def test_a_correction_of_the_provenance_is_an_event(store: Store) -> None:
    body = {"provenance": {"owner": "ana", "basis": ""}}
    datasets.register(store, "triage", digest="sha256:a", body=body, **WHO)

    said = {"basis": "contract"}
    row = datasets.describe(store, "triage@1", said, because="found", **WHO)

    assert row.provenance == {"owner": "ana", "basis": "contract"}
    assert row.body == body
    assert [e.action for e in row.events] == ["described"]
    with pytest.raises(StatusError, match="says already"):
        datasets.describe(store, "triage@1", said, because="again", **WHO)
    assert audit.verify(store) == []


def test_versions_are_found_by_their_content(store: Store) -> None:
    register(store, "sha256:a")
    register(store, "sha256:a", "other")
    datasets.delete(store, "triage@1", because="x", **WHO)

    found = [row.id for row in datasets.with_digest(store, "sha256:a")]

    assert found == ["other@1"]
    assert datasets.with_digest(store, "sha256:a", name="triage") == []


def test_only_a_version_that_is_named_whole_is_deleted(store: Store) -> None:
    register(store, "sha256:a")

    with pytest.raises(StatusError, match=r"which version of it\?\n.*triage@1"):
        datasets.delete(store, "triage", because="personal data", **WHO)

    assert not datasets.get(store, "triage").deleted


def test_a_deleted_version_cannot_be_deleted_again(store: Store) -> None:
    register(store, "sha256:a")
    datasets.delete(store, "triage@1", because="personal data", **WHO)

    with pytest.raises(StatusError, match="personal data"):
        datasets.delete(store, "triage@1", because="again", **WHO)
    with pytest.raises(NotRecorded):
        datasets.get(store, "triage")


def test_after_a_deletion_only_bytes_that_nothing_needs_may_go(store: Store) -> None:
    shared, own = (blobs.put_bytes(store.blobs, b) for b in (b"shared", b"own"))
    for name, held in (("a", [shared]), ("b", [shared, own])):
        datasets.register(store, name, digest="sha256:0", body={}, blobs=held, **WHO)

    row = datasets.delete(store, "b@1", because="done", **WHO)

    assert references.unreferenced(store, row.blobs) == [own]
    blobs.remove(store.blobs, own)
    assert references.verify(store) == []


def test_missing_and_damaged_blobs_name_their_record(store: Store) -> None:
    lost, hurt = (blobs.put_bytes(store.blobs, b) for b in (b"lost", b"hurt"))
    for name, held in (("a", lost), ("b", hurt)):
        datasets.register(store, name, digest="sha256:0", body={}, blobs=[held], **WHO)
    blobs.remove(store.blobs, lost)
    place = blobs.path(store.blobs, hurt)
    place.chmod(0o644)
    place.write_bytes(b"HURT")

    found = {
        (p.kind, p.record, p.message.partition(";")[0])
        for p in references.verify(store)
    }

    was = "sha256:" + hashlib.sha256(b"HURT").hexdigest()
    assert found == {
        ("blob", "a@1", f"the file {name_of(lost)} is missing"),
        (
            "blob",
            "b@1",
            f"the file {name_of(hurt)} was altered: its content is {was} now",
        ),
    }


def name_of(digest: str) -> str:
    return blobs.path(Path("blobs"), digest).as_posix()


@pytest.mark.parametrize("how", ["missing", "a link out of its home"])
def test_a_folder_that_is_gone_as_a_whole_is_told_once(
    store: Store, tmp_path: Path, how: str
) -> None:
    held = [blobs.put_bytes(store.blobs, letter) for letter in (b"a", b"b")]
    datasets.register(store, "a", digest="sha256:0", body={}, blobs=held, **WHO)
    store.blobs.rename(tmp_path / "elsewhere")
    if how != "missing":
        store.blobs.symlink_to(tmp_path / "elsewhere")

    assert [p.message for p in references.verify(store)] == [
        f"the folder of the blobs is {how}, and records rest on 2 of them"
    ]


def test_the_part_that_an_altered_blob_plays_is_named(store: Store) -> None:
    lost = blobs.put_bytes(store.blobs, b"lost")
    body = {"files": {"train": lost}}
    datasets.register(store, "a", digest="sha256:0", body=body, blobs=[lost], **WHO)
    blobs.remove(store.blobs, lost)

    (problem,) = references.verify(store)

    assert problem.message.endswith("; a@1 rests on it as files.train")


def test_released_bytes_are_logged_and_shared_ones_stay(store: Store) -> None:
    shared, own = (blobs.put_bytes(store.blobs, b) for b in (b"shared", b"own"))
    for name, held in (("a", [shared, own]), ("b", [shared])):
        datasets.register(store, name, digest="sha256:0", body={}, blobs=held, **WHO)
    datasets.delete(store, "a@1", because="no basis", **WHO)

    gone = references.release(
        store, [shared, own], subject="a@1", because="no basis", **WHO
    )
    again = references.release(store, [own], subject="a@1", because="x", **WHO)

    assert (gone, again) == ([own], [])
    (entry,) = audit.events(store, action="blobs.")
    assert (entry.subject, entry.payload["blobs"]) == ("a@1", [own])
    assert blobs.has(store.blobs, shared)
    assert audit.verify(store) + references.verify(store) == []


def test_a_row_that_names_a_way_out_of_the_folder_is_reported_and_not_followed(
    store: Store,
) -> None:
    blobs.put_bytes(store.blobs, b"the folder is there")
    held = ["sha256:../../../etc/passwd"]
    datasets.register(store, "a", digest="sha256:0", body={}, blobs=held, **WHO)

    (problem,) = references.verify(store)

    assert "is no digest" in problem.message


@pytest.mark.parametrize("name", ["", "a b", "a@1", "../x", "-x", "x" * 101, "é"])
def test_a_name_that_cannot_stand_in_a_url_is_refused(store: Store, name: str) -> None:
    with pytest.raises(DatasetError, match="Use letters, digits"):
        register(store, "sha256:a", name)


@pytest.mark.parametrize("ref", ["triag", "triage@9", "triage@x", "triage@-1"])
def test_an_unknown_version_lists_what_is_close(store: Store, ref: str) -> None:
    register(store, "sha256:a")

    with pytest.raises(NotRecorded, match=r"Did you mean .*triage"):
        datasets.get(store, ref)


def test_without_any_dataset_the_message_says_so(store: Store) -> None:
    with pytest.raises(NotRecorded, match="No dataset is recorded yet"):
        datasets.get(store, "triage")

import os
import stat
from pathlib import Path

import pytest

from tracker import blobs
from tunewise.domain.errors import EnvironmentProblem, NotRecorded

# printf hello | sha256sum
HELLO = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


def test_the_name_is_the_sha256_of_the_content(tmp_path: Path) -> None:
    assert blobs.put_bytes(tmp_path, b"hello") == HELLO
    assert blobs.read(tmp_path, HELLO) == b"hello"
    assert blobs.path(tmp_path, HELLO) == tmp_path / "sha256" / "2c" / HELLO[9:]


def test_the_same_content_is_kept_once_and_read_only(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"hello")

    digests = {blobs.put_bytes(tmp_path, b"hello"), blobs.put_file(tmp_path, source)}

    assert digests == {HELLO}
    assert blobs.digests(tmp_path) == [HELLO]
    mode = stat.S_IMODE(blobs.path(tmp_path, HELLO).stat().st_mode)
    assert mode == 0o444
    assert list((tmp_path / "incoming").iterdir()) == []


def test_what_is_there_and_whole_does_not_wait_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs.put_bytes(tmp_path, b"hello")
    waited: list[int] = []
    monkeypatch.setattr(os, "fsync", waited.append)

    assert blobs.put_bytes(tmp_path, b"hello") == HELLO
    assert waited == []


def test_damage_is_detected_refused_and_mended_by_the_same_bytes(
    tmp_path: Path,
) -> None:
    blobs.put_bytes(tmp_path, b"hello")
    place = blobs.path(tmp_path, HELLO)
    place.chmod(0o644)
    place.write_bytes(b"hallo")

    assert blobs.has(tmp_path, HELLO)
    assert not blobs.is_whole(tmp_path, HELLO)
    with pytest.raises(EnvironmentProblem, match="not what was stored"):
        blobs.read(tmp_path, HELLO)
    blobs.put_bytes(tmp_path, b"hello")
    assert blobs.is_whole(tmp_path, HELLO)


def test_a_missing_blob_says_what_to_do(tmp_path: Path) -> None:
    assert not blobs.is_whole(tmp_path, HELLO)
    with pytest.raises(NotRecorded, match="restore a backup"):
        blobs.read(tmp_path, HELLO)


@pytest.mark.parametrize(
    "digest", ["", "sha256:", "md5:" + "0" * 64, "sha256:" + "../" * 21 + "x"]
)
def test_what_is_no_digest_never_becomes_a_path(tmp_path: Path, digest: str) -> None:
    with pytest.raises(NotRecorded, match="is not a digest"):
        blobs.path(tmp_path, digest)


def test_a_removed_blob_is_gone_and_can_be_removed_again(tmp_path: Path) -> None:
    blobs.put_bytes(tmp_path, b"hello")

    assert blobs.remove(tmp_path, HELLO)
    assert not blobs.remove(tmp_path, HELLO)
    assert blobs.digests(tmp_path) == []


@pytest.mark.parametrize("step", ["blobs", "blobs/sha256", "blobs/sha256/2c", "file"])
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, step: str) -> None:
    folder = tmp_path / "blobs"
    blobs.put_bytes(folder, b"hello")
    place = blobs.path(folder, HELLO) if step == "file" else tmp_path / step
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")

    for use in (blobs.has, blobs.is_whole, blobs.read, blobs.remove):
        with pytest.raises(EnvironmentProblem, match="this is a link"):
            use(folder, HELLO)
    with pytest.raises(EnvironmentProblem, match="this is a link"):
        blobs.put_bytes(folder, b"hello")


def test_files_that_are_no_blobs_are_not_listed(tmp_path: Path) -> None:
    blobs.put_bytes(tmp_path, b"hello")
    (tmp_path / "sha256" / "2c" / "notes.txt").write_text("mine")

    assert blobs.digests(tmp_path) == [HELLO]


def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(EnvironmentProblem, match="cannot be written"):
        blobs.put_bytes(tmp_path / "file", b"hello")

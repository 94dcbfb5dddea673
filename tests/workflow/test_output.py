from collections.abc import Iterator
from pathlib import Path

import pytest

from tunewise.domain.errors import DatasetError, EnvironmentProblem
from tunewise.workflow.output import write_folder, write_text


def test_text_replaces_an_older_file_and_leaves_nothing_beside_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    write_text(path, "März\n")

    assert path.read_bytes() == "März\n".encode()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["none/report.html", "folder"])
def test_text_that_cannot_be_written_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(EnvironmentProblem, match="cannot be written"):
        write_text(tmp_path / name, "text")

    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_folder_is_made_with_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"

    written = write_folder(folder, [("b.txt", b"2"), ("a.txt", b"1")])

    assert written == [str(folder / "b.txt"), str(folder / "a.txt")]
    assert (folder / "a.txt").read_bytes() == b"1"
    assert list(folder.parent.iterdir()) == [folder]


def test_folder_that_is_empty_is_filled(tmp_path: Path) -> None:
    assert write_folder(tmp_path, [("a.txt", b"")]) == [str(tmp_path / "a.txt")]


def test_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(EnvironmentProblem, match="not an empty folder"):
        write_folder(tmp_path, [("mine.txt", b"yours")])

    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_folder_cannot_stand_where_a_file_is(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(EnvironmentProblem):
        write_folder(tmp_path / name, [("a.txt", b"")])


def test_folder_whose_files_cannot_all_be_had_is_not_made(tmp_path: Path) -> None:
    def files() -> Iterator[tuple[str, bytes]]:
        yield "a.txt", b"1"
        raise DatasetError("a blob is gone")

    with pytest.raises(DatasetError):
        write_folder(tmp_path / "new", files())

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "a/b", "..", ""])
def test_a_name_that_leads_out_of_the_folder_is_refused(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(EnvironmentProblem, match="no name of a file"):
        write_folder(tmp_path / "new", [("a.txt", b"1"), (name, b"2")])

    assert list(tmp_path.iterdir()) == []

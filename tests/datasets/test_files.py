from pathlib import Path

import pytest

from tunewise.datasets.files import load, opened, role_of
from tunewise.domain.dataset import Split
from tunewise.domain.errors import DatasetError

LINE = (
    '{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}\n'
)


def test_files_are_loaded_by_role(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(LINE * 2)
    (tmp_path / "docs.jsonl").write_text('{"id":"d","text":"t"}\n')

    loaded = load(
        {"train": tmp_path / "train.jsonl", "documents": tmp_path / "docs.jsonl"}
    )

    assert len(loaded.dataset.split(Split.TRAIN)) == 2
    assert len(loaded.dataset.documents) == 1
    assert loaded.files["documents"].endswith("docs.jsonl")


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is no such file"):
        opened(tmp_path / "none.jsonl").__enter__()
    with pytest.raises(DatasetError, match="this is a folder"):
        opened(tmp_path).__enter__()


def test_an_unknown_role_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such part"):
        load({"test": tmp_path / "x"})


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("latest_data.jsonl", "heldout"),
        ("test_2023.jsonl", "heldout"),
        ("held-out.jsonl", "heldout"),
        ("val.jsonl", "validation"),
        ("validation.jsonl", "validation"),
        ("invaluable.jsonl", "train"),
        ("documents_2025.jsonl", "documents"),
        ("tickets.jsonl", "train"),
    ],
)
def test_a_role_is_guessed_from_the_name(name: str, role: str) -> None:
    assert role_of(name) == role

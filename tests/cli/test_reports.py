"""Reports of an experiment and of a lineage, from a home that was kept as it was."""

import tarfile
from pathlib import Path

import pytest

from .conftest import Tunewise, mended

STORED = Path(__file__).parents[1] / "workflow" / "stored" / "0.1.0.tar.xz"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    with tarfile.open(STORED) as archive:
        archive.extractall(tmp_path)
    return tmp_path / "home"


def test_an_experiment_and_a_lineage_are_written_and_verify(
    tunewise: Tunewise, kept: Path, tmp_path: Path
) -> None:
    id = tunewise("--home", kept, "experiment", "list", "--json").json[0]["experiment"]
    commands = {
        "experiment.html": ("experiment", "report", id),
        "experiment.json": ("experiment", "report", id, "--format", "json"),
        "lineage.html": ("why", "a-task@1"),
        "lineage.json": ("why", "a-task@1", "--format", "json", "--with-examples"),
    }

    for name, command in commands.items():
        said = tunewise("--home", kept, *command, "-o", tmp_path / name)

        assert (said.status, said.out) == (0, f"wrote {tmp_path / name}\n")
        assert tunewise("--home", kept, "verify", tmp_path / name).status == 0
    assert "heldout question" in (tmp_path / "lineage.json").read_text()
    assert "heldout question" not in (tmp_path / "experiment.html").read_text()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("experiment", "report", "none", "-o", "r.html"), "none"),
        (("experiment", "report", "none"), "--output"),
        (("why", "none@1", "-o", "r.html"), "none@1"),
        (("why", "a-task@1", "--with-examples"), "--with-examples goes with -o FILE"),
        (("experiment", "report", "x", "-o", "r.md", "--format", "md"), "'md'"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_message(
    tunewise: Tunewise, kept: Path, command: tuple[str, ...], says: str
) -> None:
    assert says in mended(tunewise("--home", kept, *command))
    assert not Path("r.html").exists()

"""The durability benchmark with fewer kills: every change must survive it."""

from pathlib import Path

import pytest

from benchmarks.tracker import durability


def test_kills_and_eight_writers_lose_nothing_that_was_acknowledged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = durability.main(kills=8)

    assert status == 0, capsys.readouterr().out


def test_a_loss_is_noticed(tmp_path: Path) -> None:
    durability.write(tmp_path / "tunewise.db", "w", 1)

    said = ["decision d-w-0", "run r-w-0 50", "run r-w-0 49", "dataset sha256:w-1"]

    assert durability._lost(tmp_path / "tunewise.db", said) == (
        "2 acknowledged are gone, such as run r-w-0 49"
    )

"""Copies of a home: made, refused, restored, and on record."""

from dataclasses import replace
from pathlib import Path

import pytest

from tracker import audit
from tunewise.domain.errors import EnvironmentProblem
from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

from .reported import FACTS, said_of


def test_a_backup_is_restored_and_both_are_logged(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    home, _ = decided

    made = integrity.save(home, tmp_path / "backup")
    other = replace(home, path=tmp_path / "other")
    restored = integrity.restore(other, tmp_path / "backup")

    assert restored["head"] == made["head"]
    assert integrity.verify(other)["ok"]
    assert integrity.verify(home, tmp_path / "backup")["ok"]
    for place, action in ((home, "backup.made"), (other, "backup.restored")):
        with place.store() as store:
            (event,) = audit.events(store, action="backup.")
        assert (event.action, event.payload["head"]) == (action, made["head"])


def test_the_backup_of_another_home_does_not_belong(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    home, _ = decided
    other = replace(home, path=tmp_path / "other")
    decisions.propose(other, FACTS, title="Other")
    integrity.save(other, tmp_path / "backup")

    (message,) = said_of(home, tmp_path / "backup")

    assert message == "the head of the backup is not in this home's chain"


def test_a_backup_never_overwrites_and_a_restore_neither(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    home, _ = decided
    integrity.save(home, tmp_path / "backup")

    with pytest.raises(EnvironmentProblem, match="not empty"):
        integrity.save(home, tmp_path / "backup")
    with pytest.raises(EnvironmentProblem, match="a database already"):
        integrity.restore(home, tmp_path / "backup")


def test_a_damaged_backup_is_refused(decided: tuple[Home, str], tmp_path: Path) -> None:
    home, _ = decided
    integrity.save(home, tmp_path / "backup")
    blob = next(p for p in (tmp_path / "backup/blobs").rglob("*") if p.is_file())
    blob.chmod(0o644)
    blob.write_bytes(b"else")

    with pytest.raises(EnvironmentProblem, match="the backup is damaged"):
        integrity.restore(replace(home, path=tmp_path / "other"), tmp_path / "backup")

    assert not (tmp_path / "other").exists()

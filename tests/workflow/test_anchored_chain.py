"""A chain that was cut off or rewritten, against its anchors."""

from pathlib import Path

import pytest

from tracker import audit, chain
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import anchoring
from tunewise.workflow.integrity import checking as integrity

from .tampering import tamper


def rewrite(home: Home, *, start: int) -> None:
    """Rewrite the log from an entry on, every hash and record digest to match."""
    with home.store() as store:
        events = audit.events(store)
    statements, previous = [], events[start - 2].hash if start > 1 else ""
    for event in events[start - 1 :]:
        entry = {name: getattr(event, name) for name in chain.COLUMNS}
        entry |= {"previous": previous, "at": "2020-01-01T00:00:00Z"}
        entry["payload"] = {}
        previous = chain.canonical.digest(entry)
        statements.append(
            f"UPDATE audit SET previous = '{entry['previous']}', hash = '{previous}',"
            f" at = '{entry['at']}', payload = '{{}}' WHERE seq = {event.seq}"
        )
    tamper(home, *statements)


def test_a_log_cut_off_before_its_anchor_is_found_in_the_place_itself(
    recorded: Home, repository: Path, tmp_path: Path
) -> None:
    path = tmp_path / "anchors.jsonl"
    anchoring.to_git(recorded, repository)
    anchoring.to_file(recorded, path)
    tamper(
        recorded,
        "DELETE FROM audit WHERE seq > 1",
        "DELETE FROM decision_events",
        "DELETE FROM search WHERE rowid = (SELECT max(rowid) FROM search)",
    )
    # opening puts the guards right, which becomes entry 2: no longer the anchored one
    integrity.verify(recorded)
    for place, said in (
        (repository, "entry 2 of the log is not the head that was anchored at 2026-11"),
        (path, "the log ends at entry 2, and entry 3 is the head that was anchored"),
    ):
        (problem,) = integrity.verify(recorded, against=[place])["problems"]
        assert said in problem["message"]


@pytest.mark.parametrize("start", [1, 2])
def test_a_log_rewritten_from_an_entry_on_is_found_by_the_anchor(
    recorded: Home, tmp_path: Path, start: int
) -> None:
    path = tmp_path / "anchors.jsonl"
    anchoring.to_file(recorded, path)
    rewrite(recorded, start=start)

    with recorded.store() as store:
        problems = anchoring.against(store, path)

    assert len(problems) == 1
    assert (
        "no anchor of this home's chain is kept there (1 of another chain)"
        if start == 1
        else "the log was rewritten, from this entry or an earlier one on"
    ) in problems[0].message


def test_a_place_without_anchors_proves_nothing(recorded: Home, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("[1]\nnull\n{}\n" + "[" * 9000)

    with recorded.store() as store:
        (problem,) = anchoring.against(store, tmp_path / "notes")

    assert problem.message == "no anchor of this home's chain is kept there"

"""What verify says of a home: the unreadable, the noted, the lost."""

import json
from pathlib import Path

import pytest

from tracker import audit, schema
from tunewise.domain.errors import EnvironmentProblem
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import anchoring
from tunewise.workflow.integrity import checking as integrity

from .reported import written
from .tampering import drop, tamper


@pytest.mark.parametrize("action", ["anchor.made", "guards.mended"])
@pytest.mark.parametrize("payload", ["'no json'", "'[]'", "CAST(x'ff' AS TEXT)"])
def test_an_entry_that_cannot_be_read_does_not_hide_the_rest(
    decided: tuple[Home, str], tmp_path: Path, action: str, payload: str
) -> None:
    home, id = decided
    report = written(decided, tmp_path, "json")
    anchoring.to_file(home, tmp_path / "anchors")
    tamper(home)
    decisions.show(home, id)  # puts the guards right
    tamper(
        home,
        f"UPDATE audit SET payload = {payload} WHERE action = '{action}'",
        "UPDATE decisions SET title = 'Other'",
    )

    view = integrity.verify(home, report)

    kinds = {(p["kind"], p["record"]) for p in view["problems"]}
    number = 4 if action == "anchor.made" else 5
    assert {("log", f"audit/{number}"), ("altered", id)} <= kinds
    json.dumps(view, ensure_ascii=False).encode()


def test_a_body_that_cannot_be_read_does_not_hide_the_rest(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    home, id = decided
    report = written(decided, tmp_path, "json")
    tamper(home, "UPDATE decisions SET body = 'garbage'")

    view = integrity.verify(home, report)

    assert ("altered", id) in {(p["kind"], p["record"]) for p in view["problems"]}
    assert "cannot be held against the records" in view["problems"][-1]["message"]


def test_guards_that_were_put_right_stay_on_record(decided: tuple[Home, str]) -> None:
    home, id = decided
    tamper(home)

    decisions.show(home, id)  # any command puts them right, and logs it

    with home.store() as store:
        (event,) = audit.events(store, action="guards.mended")
    assert set(event.payload["triggers"]) == set(schema.triggers())
    view = integrity.verify(home)
    assert view["ok"]
    assert "had been taken off or changed from outside" in view["notes"][0]


def test_blobs_that_nothing_rests_on_are_noted(decided: tuple[Home, str]) -> None:
    home, _ = decided
    place = home.path / "blobs" / "sha256" / "ab" / ("0" * 62)
    place.parent.mkdir(exist_ok=True)
    place.write_text("slipped in")

    view = integrity.verify(home)

    assert view["ok"]
    assert "no record rests on these blobs" in view["notes"][0]


def test_a_clock_that_was_set_back_is_noted(decided: tuple[Home, str]) -> None:
    home, id = decided
    decisions.sign(home, id, role="reader")  # at noon of the 22nd, after the 23rd

    (note,) = integrity.verify(home)["notes"]

    assert "entry 4 is dated 2026-11-22T12:00:00.000+00:00, before entry 3" in note


def test_released_bytes_of_a_deleted_dataset_are_on_record(
    home: Home, paths: dict[str, Path]
) -> None:
    datasets.register(home, "desk", paths)

    datasets.delete(home, "desk@1", because="no basis any more")

    with home.store() as store:
        actions = [(e.action, e.subject) for e in audit.events(store)]
    assert actions[-2:] == [("dataset.deleted", "desk@1"), ("blobs.removed", "desk@1")]
    assert integrity.verify(home)["ok"]


@pytest.mark.parametrize("table", ["search", "latest"])
def test_an_index_that_was_taken_away_is_named_and_made_anew(
    home: Home, table: str
) -> None:
    drop(home, table)

    view = integrity.verify(home)

    assert (view["ok"], [p["record"] for p in view["problems"]]) == (False, [table])
    integrity.rebuild(home)
    assert integrity.verify(home)["ok"]


@pytest.mark.parametrize("table", ["audit", "decision_events", "decisions"])
def test_without_a_guarded_table_verify_says_what_is_lost(
    home: Home, table: str
) -> None:
    drop(home, table)

    view = integrity.verify(home)

    assert (view["ok"], [p["record"] for p in view["problems"]]) == (False, [table])
    with pytest.raises(EnvironmentProblem, match=f"{table}: it was taken away from"):
        decisions.list_all(home)

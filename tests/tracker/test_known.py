"""What is kept of the records stays true when the log goes on, or is another."""

from pathlib import Path

import pytest

from tracker import decisions
from tracker.known import Known
from tracker.schema import DECISION
from tracker.store import open_store
from tunewise.domain.decision import Actor

WHO = {"actor": Actor("Ines Okafor"), "at": "2026-11-27T10:00:00Z"}


def propose(store, id):
    decisions.propose(store, id, title=id, recommended="rag", body={}, **WHO)


@pytest.fixture
def store(tmp_path: Path):
    with open_store(tmp_path / "tunewise.db") as opened:
        propose(opened, "d-one")
        propose(opened, "d-two")
        yield opened


def statuses(known, store, made, **more):
    def make(raw):
        made.append(raw.row["id"])
        return str(decisions.derive(raw).status)

    return dict(known.rows(store, "statuses", DECISION, make, **more))


def test_nothing_is_made_anew_while_the_log_is_the_same(store):
    known, made = Known(), []

    first = statuses(known, store, made)
    second = statuses(known, store, made)

    assert first == second == {"d-one": "proposed", "d-two": "proposed"}
    assert made == ["d-one", "d-two"]


def test_only_what_the_log_names_is_made_anew(store):
    known, made = Known(), []
    statuses(known, store, made)
    decisions.accept(store, "d-two", choice="rag", **WHO)
    propose(store, "d-three")
    made.clear()

    found = statuses(known, store, made)

    assert list(found.items()) == [
        ("d-one", "proposed"),
        ("d-two", "accepted"),
        ("d-three", "proposed"),
    ]
    assert sorted(made) == ["d-three", "d-two"]


def test_several_lists_are_read_once_and_known_then(store):
    known, read = Known(), []

    def statuses_of(raw):
        read.append(raw.row["id"])
        return str(decisions.derive(raw).status)

    parts = {"statuses": (statuses_of, None), "ids": (lambda raw: raw.row["id"], "x")}
    known.read_once(store, DECISION, parts)
    known.read_once(store, DECISION, parts)
    made = []
    found = statuses(known, store, made)
    ids = known.rows(store, "ids", DECISION, made.append, stamp="x")

    assert read == ["d-one", "d-two"]
    assert made == []
    assert found == {"d-one": "proposed", "d-two": "proposed"}
    assert list(ids.values()) == ["d-one", "d-two"]


def test_another_stamp_makes_all_anew(store):
    known, made = Known(), []
    statuses(known, store, made, stamp="today")
    made.clear()

    statuses(known, store, made, stamp="tomorrow")

    assert made == ["d-one", "d-two"]


def test_a_log_that_is_not_the_same_makes_all_anew(store, tmp_path):
    known, made = Known(), []
    statuses(known, store, made)
    with open_store(tmp_path / "other" / "tunewise.db") as other:
        propose(other, "d-a")
        propose(other, "d-b")
        propose(other, "d-c")

        found = statuses(known, other, made)

    assert list(found) == ["d-a", "d-b", "d-c"]


def test_an_answer_is_made_once_for_its_key():
    known, made = Known(), []

    for key in ("a", "b", "a"):
        known.answer(key, lambda: made.append(1))

    assert len(made) == 2

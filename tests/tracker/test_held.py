"""On 26 November a decision of 1 March 2025 is put on record; it held ever since."""

import pytest

from tracker import decisions, history
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError

ANA = Actor("ana")


def on(day: str) -> dict[str, object]:
    return {"actor": ANA, "at": f"{day}T10:00:00Z"}


def propose(store: Store, id: str, day: str, decided: str = "", **more: str) -> None:
    body = {"retrospective": {"decided_at": decided, "source": "minutes"}}
    decisions.propose(
        store,
        id,
        title=id,
        recommended="rag",
        body=body if decided else {},
        **more,
        **on(day),
    )


def accept(store: Store, id: str, day: str, **more: str) -> None:
    decisions.accept(store, id, choice="rag", **more, **on(day))


def held(store: Store, at: str) -> dict[str, str]:
    return {d.id: d.status.value for d in history.state(store, at=at).decisions}


def on_record(store: Store, at: str) -> dict[str, str]:
    return {d.id: d.status.value for d in history.on_record(store, at=at).decisions}


@pytest.fixture
def recorded(store: Store) -> Store:
    propose(store, "old", "2026-11-26", "2025-03-01")
    accept(store, "old", "2026-11-27")
    return store


def test_it_held_from_the_day_it_was_decided(recorded: Store) -> None:
    assert held(recorded, "2025-02-28") == {}
    assert held(recorded, "2025-03-01") == {"old": "accepted"}
    assert held(recorded, "2025-03-01T00:00:00Z") == {"old": "accepted"}


def test_it_was_on_record_from_the_day_it_was_recorded(recorded: Store) -> None:
    assert on_record(recorded, "2026-11-25") == {}
    assert on_record(recorded, "2026-11-26") == {"old": "proposed"}
    assert on_record(recorded, "2026-11-27") == {"old": "accepted"}


def test_the_acceptance_may_name_another_day(store: Store) -> None:
    propose(store, "old", "2026-11-26", "2025-03-01")
    accept(store, "old", "2026-11-27", decided_at="2025-03-15")

    assert held(store, "2025-03-14") == {}
    assert held(store, "2025-03-15") == {"old": "accepted"}


def test_nobody_accepted_it_so_it_only_is_on_record(store: Store) -> None:
    propose(store, "old", "2026-11-26", "2025-03-01")

    assert held(store, "2026-11-25") == {}
    assert held(store, "2026-11-26") == {"old": "proposed"}


def test_a_decision_ends_when_the_one_that_replaced_it_was_made(
    recorded: Store,
) -> None:
    propose(recorded, "new", "2026-11-28", "2026-02-01", supersedes="old")
    accept(recorded, "new", "2026-11-28")

    assert held(recorded, "2026-01-31") == {"old": "accepted"}
    assert held(recorded, "2026-02-01") == {"old": "superseded", "new": "accepted"}
    assert on_record(recorded, "2026-11-27") == {"old": "accepted"}


def test_a_decision_made_as_it_was_recorded_held_from_then(store: Store) -> None:
    propose(store, "plain", "2026-11-22")
    accept(store, "plain", "2026-11-23")

    for asked in (held, on_record):
        assert asked(store, "2026-11-21") == {}
        assert asked(store, "2026-11-22") == {"plain": "proposed"}
        assert asked(store, "2026-11-23") == {"plain": "accepted"}


def test_no_successor_was_made_before_the_decision_that_it_replaces(
    store: Store,
) -> None:
    propose(store, "old", "2026-11-22", decided="2025-06-01")
    accept(store, "old", "2026-11-22")
    propose(store, "new", "2026-11-23", decided="2024-01-01", supersedes="old")

    with pytest.raises(StatusError, match=r"new was made on 2024-01-01, before old"):
        accept(store, "new", "2026-11-23")
    assert decisions.get(store, "old").status == "accepted"


def test_nothing_is_accepted_before_it_was_made(store: Store) -> None:
    propose(store, "old", "2026-11-22", decided="2025-03-01")

    with pytest.raises(StatusError, match="cannot be accepted on 2025-01-01, before"):
        accept(store, "old", "2026-11-27", decided_at="2025-01-01")

import pytest

from tracker import audit, decisions, describing, history, indexes
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError
from tunewise.domain.record import RiskControl

ANA, BO = Actor("ana"), Actor("bo", "token")
AT, LATER = "2026-11-22T10:00:00Z", "2026-12-01T09:00:00Z"
RISK = RiskControl("stale", "Old", "Age.", ("rag",), "S", "", "Weekly index", "Lena")


@pytest.fixture
def proposed(store: Store) -> Store:
    decisions.propose(
        store, "d-1", title="Triage", recommended="rag", body={}, actor=ANA, at=AT
    )
    return store


def describe(store: Store, **fields: object):
    return describing.describe(store, "d-1", fields=fields, actor=BO, at=LATER)


def test_the_newest_word_on_each_field_stands(proposed: Store) -> None:
    describe(proposed, owner="Lena", purpose="Sort", informed=("Legal", "Bo"))
    row = describe(proposed, owner="Mara", informed=("Bo",))

    assert row.description == {"owner": "Mara", "purpose": "Sort", "informed": ("Bo",)}


def test_a_field_is_taken_back_by_nothing(proposed: Store) -> None:
    describe(proposed, owner="Lena", informed=("Legal",))

    assert describe(proposed, owner="", informed=()).description == {}


def test_only_what_differs_is_written(proposed: Store) -> None:
    describe(proposed, owner="Lena", purpose="Sort")
    row = describe(proposed, owner="Lena", purpose="Sort well", value="")

    assert row.events[-1].body == {"fields": {"purpose": "Sort well"}}


@pytest.mark.parametrize("again", [{"owner": "Lena"}, {"purpose": ""}, {}])
def test_what_the_record_says_already_is_refused(proposed: Store, again) -> None:
    describe(proposed, owner="Lena")

    with pytest.raises(StatusError, match="that is what the record says already"):
        describe(proposed, **again)


def test_a_risk_has_the_control_that_was_recorded_last(proposed: Store) -> None:
    describing.assign_risk(proposed, "d-1", RISK, actor=ANA, at=AT)
    newer = RiskControl("stale", "Old", "Age.", ("rag",), "S", "", "Daily", "Lena")
    row = describing.assign_risk(proposed, "d-1", newer, actor=BO, at=LATER)

    (found,) = row.risk_controls.values()
    assert (found.control, found.owner, found.by) == ("Daily", "Lena", "bo")
    assert (found.options, found.identity, found.at[:10]) == (
        ("rag",),
        "token",
        "2026-12-01",
    )
    with pytest.raises(StatusError, match="that is what the record says already"):
        describing.assign_risk(proposed, "d-1", newer, actor=ANA, at=LATER)


def test_a_closed_decision_is_not_described(proposed: Store) -> None:
    decisions.reject(proposed, "d-1", because="no", actor=ANA, at=AT)

    with pytest.raises(StatusError, match="is rejected and cannot be described"):
        describe(proposed, owner="Lena")
    with pytest.raises(StatusError, match="cannot have its risks controlled"):
        describing.assign_risk(proposed, "d-1", RISK, actor=ANA, at=AT)


def test_what_was_said_is_found_again_and_covered_by_the_log(proposed: Store) -> None:
    describe(proposed, purpose="Sort letters", informed=("Council", "Works"))
    describing.assign_risk(proposed, "d-1", RISK, actor=ANA, at=AT)

    for text in ("letters", "council", "weekly"):
        assert [h.record for h in history.search(proposed, text)] == ["d-1"]
    assert audit.verify(proposed) == []
    assert [*indexes.problems(proposed)] == []


def test_a_signature_given_before_is_of_an_earlier_state(proposed: Store) -> None:
    before = decisions.state_digest(proposed, "d-1")
    describe(proposed, owner="Lena")

    assert decisions.state_digest(proposed, "d-1") != before


def test_what_was_said_later_does_not_count_on_an_earlier_day(proposed: Store) -> None:
    describe(proposed, owner="Lena")

    assert decisions.get(proposed, "d-1", as_of="2026-11-30").description == {}
    assert decisions.get(proposed, "d-1", as_of="2026-12-01").description == {
        "owner": "Lena"
    }

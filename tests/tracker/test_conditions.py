import pytest

from tracker import conditions, decisions, history, records
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError
from tunewise.domain.record import Closing, Condition

ANA, BO = Actor("ana"), Actor("bo", "token")
AT, LATER = "2026-11-22T10:00:00Z", "2026-12-01T09:00:00Z"


def propose(store: Store) -> None:
    decisions.propose(
        store, "d-1", title="Triage", recommended="rag", body={}, actor=ANA, at=AT
    )


@pytest.fixture
def accepted(store: Store) -> Store:
    propose(store)
    decisions.accept(
        store,
        "d-1",
        choice="rag",
        conditions=["ask legal", "pilot first"],
        actor=ANA,
        at=AT,
    )
    return store


def close(store: Store, n: int) -> None:
    conditions.close(
        store,
        "d-1",
        n,
        evidence="document:opinion.pdf",
        because="they agree",
        digest="sha256:ab",
        actor=BO,
        at=LATER,
    )


def test_a_condition_is_given_an_owner_and_a_date(accepted: Store) -> None:
    conditions.assign(accepted, "d-1", 1, owner="Lena", actor=BO, at=LATER)
    row = conditions.assign(accepted, "d-1", 1, due="2027-01-31", actor=BO, at=LATER)

    assert row.conditions == (
        Condition(1, "ask legal", owner="Lena", due="2027-01-31"),
        Condition(2, "pilot first"),
    )
    assert [h.record for h in history.search(accepted, "lena")] == ["d-1"]


def test_a_condition_is_closed_by_evidence(accepted: Store) -> None:
    close(accepted, 2)

    first, second = decisions.get(accepted, "d-1").conditions

    assert first.closed is None
    assert second.closed == Closing(
        "document:opinion.pdf", "they agree", "bo", "token", LATER, "sha256:ab"
    )


def test_a_closed_condition_is_not_changed_again(accepted: Store) -> None:
    close(accepted, 1)

    for step in (
        lambda: close(accepted, 1),
        lambda: conditions.assign(accepted, "d-1", 1, owner="L", actor=BO, at=LATER),
    ):
        with pytest.raises(
            StatusError, match=r"closed already, by bo .*\n.*they agree"
        ):
            step()


@pytest.mark.parametrize("n", [0, 3, -1])
def test_a_condition_that_there_is_not_is_met_with_those_that_are(
    accepted: Store, n: int
) -> None:
    with pytest.raises(StatusError, match=f"no condition {n}\n.*1 'ask legal'; 2 "):
        close(accepted, n)


def test_only_an_accepted_decision_has_conditions(store: Store) -> None:
    propose(store)

    with pytest.raises(StatusError, match="d-1 is proposed and cannot have its cond"):
        close(store, 1)


def test_a_condition_met_in_older_software_reads_as_closed(accepted: Store) -> None:
    with accepted.writing(BO, LATER) as change:
        records.add_event(
            change,
            DECISION,
            "d-1",
            action="condition-met",
            body={"condition": "pilot first", "because": "it ran"},
        )

    second = decisions.get(accepted, "d-1").conditions[1]

    assert second.closed == Closing("", "it ran", "bo", "token", LATER)

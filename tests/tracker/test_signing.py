import pytest

from tracker import decisions, history, records, signing
from tracker.decision_row import DecisionRow
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError

ANA, BO = Actor("ana"), Actor("bo", "token")
AT, LATER = "2026-11-22T10:00:00Z", "2026-12-01T09:00:00Z"


@pytest.fixture
def proposed(store: Store) -> Store:
    decisions.propose(
        store, "d-1", title="Triage", recommended="rag", body={}, actor=ANA, at=AT
    )
    return store


def sign(store: Store, **more: object) -> DecisionRow:
    return signing.sign(
        store, "d-1", **{"role": "lead", "actor": BO, "at": LATER, **more}
    )


def accept(store: Store) -> DecisionRow:
    return decisions.accept(store, "d-1", choice="rag", actor=ANA, at=LATER)


def test_a_signature_keeps_the_digest_that_was_seen(proposed: Store) -> None:
    before = decisions.state_digest(proposed, "d-1")

    row = sign(proposed, comment="ok", seen=before)

    (signature,) = row.signatures
    assert (signature.by, signature.role, signature.comment) == (BO, "lead", "ok")
    assert (signature.seen, signature.dissent, signature.since) == (before, False, ())
    after = decisions.state_digest(proposed, "d-1")
    assert after == before  # signatures are no part of what is signed


def test_a_signature_given_before_the_acceptance_is_of_an_earlier_state(
    proposed: Store,
) -> None:
    sign(proposed)
    accept(proposed)
    row = sign(proposed, role="owner")

    first, second = row.signatures
    state = decisions.state_digest(proposed, "d-1")

    assert first.since == ("accepted",)
    assert first.seen != state
    assert (second.since, second.seen) == ((), state)


def test_whoever_signed_an_earlier_state_signs_again(proposed: Store) -> None:
    sign(proposed)
    with pytest.raises(StatusError, match="bo has signed it as 'lead' already"):
        sign(proposed)
    accept(proposed)

    assert len(sign(proposed).signatures) == 2


def test_a_dissent_needs_a_comment_and_may_follow_an_agreement(proposed: Store) -> None:
    sign(proposed)

    with pytest.raises(StatusError, match=r"a dissent says why\n  Add --comment"):
        sign(proposed, dissent=True, comment=" ")
    row = sign(proposed, dissent=True, comment="too few examples")

    assert [s.dissent for s in row.signatures] == [False, True]
    assert [h.record for h in history.search(proposed, "too few")] == ["d-1"]


def test_what_has_changed_since_it_was_seen_is_not_signed(proposed: Store) -> None:
    seen = decisions.state_digest(proposed, "d-1")
    accept(proposed)

    with pytest.raises(StatusError, match=f"what was seen, {seen}, is not"):
        sign(proposed, seen=seen)

    assert decisions.get(proposed, "d-1").signatures == ()


def test_a_signature_of_older_software_reads_without_its_digest(
    proposed: Store,
) -> None:
    with proposed.writing(BO, LATER) as change:
        records.add_event(
            change,
            DECISION,
            "d-1",
            action="signed",
            body={"role": "lead", "comment": ""},
        )

    (signature,) = decisions.get(proposed, "d-1").signatures

    assert (signature.seen, signature.dissent) == ("", False)

from collections.abc import Callable
from dataclasses import asdict

import pytest

from tracker import audit, canonical, decisions, history, records, signing, succession
from tracker.decision_row import DecisionRow
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.decision import Actor, Status
from tunewise.domain.errors import NotRecorded, StatusError

ANA, BO = Actor("ana"), Actor("bo", "token")
AT, LATER = "2026-11-22T10:00:00Z", "2026-12-01T09:00:00Z"
BODY = {"facts": {"must_cite_sources": True}, "verdict": {"totals": {"rag": 3}}}


def propose(store: Store, id: str = "d-1", **more: object) -> DecisionRow:
    return decisions.propose(
        store,
        id,
        title="Support triage",
        recommended="rag",
        actor=ANA,
        at=AT,
        **{"body": BODY, **more},
    )


def accept(store: Store, id: str = "d-1", **more: object) -> DecisionRow:
    arguments = {"choice": "rag", "actor": BO, "at": LATER, **more}
    return decisions.accept(store, id, **arguments)


STEPS = {
    "accept": accept,
    "reject": lambda s: decisions.reject(s, "d-1", because="no", actor=BO, at=LATER),
    "withdraw": lambda s: decisions.withdraw(
        s, "d-1", because="late", actor=ANA, at=LATER
    ),
    "sign": lambda s: signing.sign(s, "d-1", role="lead", actor=BO, at=LATER),
    "attach": lambda s: decisions.attach_experiment(
        s, "d-1", experiment="e-1", actor=BO, at=LATER
    ),
    "attach model": lambda s: decisions.attach_model(
        s, "d-1", model="triage@1", actor=BO, at=LATER
    ),
    "supersede": lambda s: propose(s, "d-2", supersedes="d-1"),
}


def test_a_proposed_decision_reads_back_as_it_was_written(store: Store) -> None:
    propose(store, review_on="2027-05-01")

    row = decisions.get(store, "d-1")

    assert (row.status, row.by, row.at) == (Status.PROPOSED, ANA, AT)
    assert (row.title, row.recommended) == ("Support triage", "rag")
    assert row.body == BODY
    assert row.review_on == "2027-05-01"
    assert (row.choice, row.accepted_by, row.events) == ("", None, ())


def test_acceptance_leaves_the_body_and_adds_the_choice(store: Store) -> None:
    propose(store)

    row = accept(store, conditions=["ask legal"], review_on="2027-01-01")

    assert row.status is Status.ACCEPTED
    assert row.body == BODY
    assert row.choice == "rag"
    assert [(c.n, c.text, c.closed) for c in row.conditions] == [(1, "ask legal", None)]
    assert (row.accepted_by, row.accepted_at) == (BO, LATER)
    assert (row.by, row.review_on) == (ANA, "2027-01-01")


def test_a_choice_against_the_verdict_needs_a_justification(store: Store) -> None:
    propose(store)

    with pytest.raises(StatusError, match=r"'finetune' differs .* 'rag'\n.*--because"):
        accept(store, choice="finetune", justification="  ")
    row = accept(store, choice="finetune", justification="latency")

    assert (row.recommended, row.choice) == ("rag", "finetune")
    assert row.justification == "latency"


@pytest.mark.parametrize(
    ("first", "refused"),
    [
        (("accept",), "accept"),
        (("accept",), "reject"),
        (("accept",), "withdraw"),
        (("reject",), "accept"),
        (("reject",), "withdraw"),
        (("reject",), "sign"),
        (("withdraw",), "accept"),
        (("withdraw",), "attach"),
        (("withdraw",), "attach model"),
        (("sign",), "sign"),  # the same person in the same role
        (("supersede",), "accept"),
        (("supersede",), "sign"),
    ],
)
def test_a_step_that_the_status_does_not_allow_changes_nothing(
    store: Store, first: tuple[str, ...], refused: str
) -> None:
    propose(store)
    for step in first:
        STEPS[step](store)
    before = audit.head(store)

    with pytest.raises(StatusError, match=r"d-1.*\n  \S"):
        STEPS[refused](store)

    assert audit.head(store) == before


def test_a_draft_is_superseded_as_soon_as_the_next_one_is_proposed(
    store: Store,
) -> None:
    propose(store)
    STEPS["sign"](store)

    propose(store, "d-2", supersedes="d-1")

    old, new = decisions.get(store, "d-1"), decisions.get(store, "d-2")
    assert (old.status, old.superseded_by) == (Status.SUPERSEDED, "d-2")
    assert (new.status, new.supersedes) == (Status.PROPOSED, "d-1")


@pytest.mark.parametrize(
    ("close", "status"),
    [("reject", Status.REJECTED), ("withdraw", Status.WITHDRAWN)],
)
def test_a_decision_that_was_turned_down_stays_so_whatever_follows_it(
    store: Store, close: str, status: Status
) -> None:
    propose(store)
    STEPS[close](store)

    propose(store, "d-2", supersedes="d-1")
    with pytest.raises(StatusError, match="d-1 is to be superseded by d-2, which is p"):
        propose(store, "d-3", supersedes="d-1")
    accept(store, "d-2")
    with pytest.raises(StatusError, match=r"which is accepted\n  Work on its succ"):
        propose(store, "d-3", supersedes="d-1")

    old = decisions.get(store, "d-1")
    assert (old.status, old.superseded_by) == (status, "")


def test_a_decision_in_force_has_one_draft_whichever_it_follows(store: Store) -> None:
    propose(store)
    accept(store)
    propose(store, "d-2", supersedes="d-1")
    decisions.withdraw(store, "d-2", because="late", actor=BO, at=LATER)
    propose(store, "d-3", supersedes="d-1")

    with pytest.raises(StatusError, match="d-1 is to be superseded by d-3"):
        propose(store, "d-4", supersedes="d-2")
    propose(store, "d-4", supersedes="d-3")

    assert succession.successor_of(store, "d-1") == "d-4"
    assert succession.successor_of(store, "d-3") == ""


def test_a_list_of_decisions_makes_no_digest_of_any(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    propose(store)
    monkeypatch.delattr(canonical, "row_digest")

    assert [row.id for row in decisions.list_all(store)] == ["d-1"]


def test_an_accepted_decision_stays_in_force_until_its_successor_is_accepted(
    store: Store,
) -> None:
    propose(store)
    accept(store)

    propose(store, "d-2", supersedes="d-1")
    between = decisions.get(store, "d-1")
    pending = succession.successors(decisions.list_all(store))
    accept(store, "d-2")

    assert (between.status, between.superseded_by) == (Status.ACCEPTED, "")
    assert pending == {"d-1": "d-2"}
    old = decisions.get(store, "d-1")
    assert (old.status, old.superseded_by) == (Status.SUPERSEDED, "d-2")
    assert succession.successors(decisions.list_all(store)) == {}


@pytest.mark.parametrize("close", [decisions.reject, decisions.withdraw])
def test_a_successor_that_is_turned_down_leaves_the_old_one_in_force(
    store: Store, close: Callable[..., DecisionRow]
) -> None:
    propose(store)
    accept(store)
    propose(store, "d-2", supersedes="d-1")

    close(store, "d-2", because="no", actor=BO, at=LATER)

    assert decisions.get(store, "d-1").status is Status.ACCEPTED
    assert succession.successors(decisions.list_all(store)) == {}
    propose(store, "d-3", supersedes="d-1")
    accept(store, "d-3")
    assert decisions.get(store, "d-1").superseded_by == "d-3"


def test_a_successor_replaces_the_decision_in_force_over_its_own_drafts(
    store: Store,
) -> None:
    propose(store)
    accept(store)
    propose(store, "d-2", supersedes="d-1")
    propose(store, "d-3", supersedes="d-2")

    pending = succession.successors(decisions.list_all(store))
    accept(store, "d-3")

    assert pending == {"d-1": "d-3"}
    assert [r.superseded_by for r in decisions.list_all(store)] == ["d-3", "d-3", ""]


def test_a_second_successor_waits_for_what_becomes_of_the_first(store: Store) -> None:
    propose(store)
    accept(store)
    propose(store, "d-2", supersedes="d-1")

    with pytest.raises(
        StatusError, match=r"d-1 is to be superseded by d-2.*\n  Improve"
    ):
        propose(store, "d-3", supersedes="d-1")


def test_a_successor_of_a_decision_that_another_replaced_is_not_accepted(
    store: Store,
) -> None:
    propose(store)
    accept(store)
    propose(store, "d-2", supersedes="d-1")
    decisions.withdraw(store, "d-2", because="late", actor=BO, at=LATER)
    propose(store, "d-3", supersedes="d-1")
    accept(store, "d-3")
    propose(store, "d-4", supersedes="d-2")

    with pytest.raises(StatusError, match="d-3 has superseded d-1 since"):
        accept(store, "d-4")

    assert decisions.get(store, "d-4").status is Status.PROPOSED


def test_a_successor_of_older_software_is_accepted(store: Store) -> None:
    # It superseded the old decision as soon as the successor was proposed.
    propose(store)
    accept(store)
    propose(store, "d-2", supersedes="d-1")
    with store.writing(ANA, LATER) as change:
        records.add_event(
            change,
            DECISION,
            "d-1",
            action="superseded",
            body={"superseded_by": "d-2", "because": ""},
        )

    assert accept(store, "d-2").status is Status.ACCEPTED
    assert decisions.get(store, "d-1").superseded_by == "d-2"


def test_a_superseded_decision_points_to_its_successor(store: Store) -> None:
    propose(store)
    propose(store, "d-2", supersedes="d-1")

    with pytest.raises(StatusError, match="Work on its successor d-2"):
        accept(store)


def test_only_a_decision_recorded_later_is_accepted_at_an_earlier_date(
    store: Store,
) -> None:
    propose(store)

    with pytest.raises(StatusError, match=r"decided-at: .*\n  .*--retrospective"):
        accept(store, decided_at="2025-03-01")

    assert decisions.get(store, "d-1").status is Status.PROPOSED


def test_a_taken_id_is_refused(store: Store) -> None:
    propose(store)

    with pytest.raises(StatusError, match="d-1 is recorded already"):
        propose(store)


def test_attachments_add_up(store: Store) -> None:
    propose(store)
    accept(store)
    for step in ("attach", "attach", "attach model"):  # one attach is enough
        STEPS[step](store)

    row = decisions.get(store, "d-1")

    assert (row.experiments, row.model) == (("e-1",), "triage@1")
    assert [event.action for event in row.events] == [
        "accepted",
        "experiment-attached",
        "model-attached",
    ]


def test_facts_conditions_and_choices_are_found(store: Store) -> None:
    facts = {"prompt_score": {"value": 0.7, "evidence": "document:eval.pdf"}}
    propose(store, body={"facts": {"facts": facts}})
    accept(store, conditions=["ask legal"])

    for words in ("eval.pdf", "prompt_score 0.7", "legal"):
        assert [hit.record for hit in history.search(store, words)] == ["d-1"]


def test_every_step_is_in_the_log_with_its_actor(store: Store) -> None:
    propose(store)
    accept(store)

    log = [(e.action, e.subject, e.actor, e.identity) for e in audit.events(store)]

    assert log == [
        ("decision.proposed", "d-1", "ana", "stated"),
        ("decision.accepted", "d-1", "bo", "token"),
    ]


def test_an_unknown_id_lists_what_is_close(store: Store) -> None:
    propose(store, "support-triage")

    with pytest.raises(NotRecorded, match="Did you mean support-triage"):
        decisions.get(store, "suport-triage")


def test_decisions_are_listed_by_status_experiment_and_date(store: Store) -> None:
    propose(store)
    propose(store, "d-2")
    accept(store)
    STEPS["attach"](store)

    def ids(**wanted: str) -> list[str]:
        return [row.id for row in decisions.list_all(store, **wanted)]

    assert ids() == ["d-1", "d-2"]
    assert ids(status="accepted") == ["d-1"]
    assert ids(experiment="e-1") == ["d-1"]
    assert ids(status="proposed", as_of="2026-11-22") == ["d-1", "d-2"]
    assert ids(as_of="2026-11-21") == []


def test_a_row_can_be_written_as_json(store: Store) -> None:
    propose(store)
    accept(store)

    assert '"choice":"rag"' in canonical.to_text(asdict(decisions.get(store, "d-1")))

from dataclasses import asdict

import pytest

from tracker import audit, canonical, decisions
from tracker.decision_row import DecisionRow
from tracker.store import Store
from tunewise.domain.decision import Actor, Signature, Status
from tunewise.domain.errors import NotRecorded, StatusError

ANA, BO = Actor("ana"), Actor("bo", "token")
AT, LATER = "2026-11-22T10:00:00Z", "2026-12-01T09:00:00Z"
BODY = {"facts": {"must_cite_sources": True}, "verdict": {"totals": {"rag": 3}}}


def propose(store: Store, id: str = "d-1", **more: str) -> DecisionRow:
    return decisions.propose(
        store,
        id,
        title="Support triage",
        recommended="rag",
        body=BODY,
        actor=ANA,
        at=AT,
        **more,
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
    "sign": lambda s: decisions.sign(s, "d-1", role="lead", actor=BO, at=LATER),
    "meet": lambda s: decisions.meet_condition(
        s, "d-1", condition="ask legal", actor=BO, at=LATER
    ),
    "attach": lambda s: decisions.attach_experiment(
        s, "d-1", experiment="e-1", actor=BO, at=LATER
    ),
    "attach model": lambda s: decisions.attach_model(
        s, "d-1", model="triage@1", actor=BO, at=LATER
    ),
    "supersede": lambda s: decisions.supersede(s, "d-1", by="d-2", actor=BO, at=LATER),
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
    assert (row.choice, row.conditions) == ("rag", ("ask legal",))
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
        ((), "meet"),
        (("accept",), "meet"),  # it has no such condition
        (("sign",), "sign"),  # the same person in the same role
        (("supersede",), "accept"),
        (("supersede",), "sign"),
        (("supersede",), "supersede"),
    ],
)
def test_a_step_that_the_status_does_not_allow_changes_nothing(
    store: Store, first: tuple[str, ...], refused: str
) -> None:
    propose(store)
    propose(store, "d-2", supersedes="d-1")
    for step in first:
        STEPS[step](store)
    before = audit.head(store)

    with pytest.raises(StatusError, match=r"d-1.*\n  \S"):
        STEPS[refused](store)

    assert audit.head(store) == before


@pytest.mark.parametrize("first", ["accept", "reject", "withdraw", "sign"])
def test_any_decision_can_be_superseded_by_one_proposed_for_it(
    store: Store, first: str
) -> None:
    propose(store)
    STEPS[first](store)
    propose(store, "d-2", supersedes="d-1")

    old = STEPS["supersede"](store)

    assert (old.status, old.superseded_by) == (Status.SUPERSEDED, "d-2")
    new = decisions.get(store, "d-2")
    assert (new.status, new.supersedes) == (Status.PROPOSED, "d-1")


def test_only_a_decision_proposed_for_it_supersedes_another(store: Store) -> None:
    propose(store)
    propose(store, "d-2")

    with pytest.raises(StatusError, match="d-2 was not proposed to supersede it"):
        STEPS["supersede"](store)


def test_a_superseded_decision_points_to_its_successor(store: Store) -> None:
    propose(store)
    propose(store, "d-2", supersedes="d-1")
    STEPS["supersede"](store)

    with pytest.raises(StatusError, match="Work on its successor d-2"):
        accept(store)


def test_a_taken_id_is_refused(store: Store) -> None:
    propose(store)

    with pytest.raises(StatusError, match="d-1 is recorded already"):
        propose(store)


def test_signatures_conditions_and_attachments_add_up(store: Store) -> None:
    propose(store)
    decisions.sign(store, "d-1", role="lead", comment="ok", actor=BO, at=LATER)
    accept(store, conditions=["ask legal"])
    for step in ("meet", "attach", "attach", "attach model"):  # one attach is enough
        STEPS[step](store)

    row = decisions.get(store, "d-1")

    assert row.signatures == (Signature(BO, "lead", LATER, "ok"),)
    assert row.conditions_met == ("ask legal",)
    assert (row.experiments, row.model) == (("e-1",), "triage@1")
    assert [event.action for event in row.events] == [
        "signed",
        "accepted",
        "condition-met",
        "experiment-attached",
        "model-attached",
    ]


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

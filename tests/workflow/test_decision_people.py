"""Who signs a decision, and who sees to the conditions that it was accepted with."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tracker import blobs
from tunewise.domain.errors import FactError, StatusError
from tunewise.workflow import decisions, history
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

from .conftest import as_bea

CITED = {"must_cite_sources": {"value": True, "evidence": "person:Ada Byron"}}


def propose(home: Home) -> dict[str, Any]:
    return decisions.propose(home, CITED, title="HR answers")


def test_a_signature_has_a_role_and_is_given_once(home: Home) -> None:
    id = propose(home)["id"]

    view = decisions.sign(as_bea(home), id, role=" risk owner", comment="read it all")

    assert [(s["by"], s["role"], s["comment"]) for s in view["signatures"]] == [
        ("Bea Maro", "risk owner", "read it all")
    ]
    with pytest.raises(StatusError, match="has signed it"):
        decisions.sign(as_bea(home), id, role="risk owner")
    with pytest.raises(StatusError, match="role: nothing is said"):
        decisions.sign(home, id, role="")


def test_a_signature_says_what_was_seen_and_whether_that_still_holds(
    home: Home,
) -> None:
    proposed = propose(home)
    signed = decisions.sign(
        as_bea(home), proposed["id"], role="owner", seen=proposed["state_digest"]
    )
    accepted = decisions.accept(home, proposed["id"])

    (before,), (after,) = signed["signatures"], accepted["signatures"]

    assert before["seen"] == after["seen"] == proposed["state_digest"]
    assert (before["earlier_state"], before["since"]) == (False, [])
    assert (after["earlier_state"], after["since"]) == (True, ["accepted"])
    assert accepted["state_digest"] != proposed["state_digest"]


def test_a_dissent_is_kept_beside_the_agreements(home: Home) -> None:
    id = propose(home)["id"]
    decisions.sign(home, id, role="owner")

    with pytest.raises(StatusError, match="a dissent says why"):
        decisions.sign(as_bea(home), id, role="security", dissent=True)
    view = decisions.sign(
        as_bea(home), id, role="security", dissent=True, comment="no red team"
    )

    assert [(s["role"], s["dissent"]) for s in view["signatures"]] == [
        ("owner", False),
        ("security", True),
    ]


@pytest.fixture
def conditional(home: Home) -> tuple[Home, str]:
    """An accepted decision with two conditions, and its home."""
    id = propose(home)["id"]
    decisions.accept(home, id, conditions=["ask legal", "pilot first"])
    return home, id


def test_the_check_names_conditions_that_are_nobodys_or_overdue(
    conditional: tuple[Home, str],
) -> None:
    home, id = conditional
    decisions.assign_condition(home, id, 1, owner="Lena", due="2026-11-22")
    later = replace(home, clock=lambda: dt.datetime(2026, 11, 23, tzinfo=dt.UTC))

    def messages(home: Home) -> list[str]:
        return [p["message"] for p in decisions.check(home)["problems"]]

    assert messages(home) == ["condition 2 (pilot first) has no owner and no due date"]
    assert messages(later) == [
        "condition 1 (ask legal) was due on 2026-11-22, Lena sees to it",
        "condition 2 (pilot first) has no owner and no due date",
    ]
    decisions.assign_condition(home, id, 2, owner="Bo", due="2026-12-01")
    decisions.close_condition(
        later, id, 1, evidence="person:Lena", because="They agree."
    )
    assert decisions.check(later)["ok"]


def test_a_condition_is_closed_by_evidence_that_is_kept(
    conditional: tuple[Home, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, id = conditional
    (tmp_path / "opinion.txt").write_text("We agree.\n")
    monkeypatch.chdir(tmp_path)

    view = decisions.close_condition(
        as_bea(home), id, 1, evidence="document:opinion.txt", because=" They agree. "
    )

    closed = view["conditions"][0]["closed"]
    assert (closed["evidence"], closed["because"]) == (
        "document:opinion.txt",
        "They agree.",
    )
    assert (closed["by"], closed["identity"]) == ("Bea Maro", "account")
    with home.store() as store:
        assert blobs.read(store.blobs, closed["digest"]) == b"We agree.\n"
    assert integrity.verify(home)["ok"]
    blobs.path(home.path / "blobs", closed["digest"]).unlink()
    assert not integrity.verify(home)["ok"]


@pytest.mark.parametrize(
    ("evidence", "message"),
    [
        ("it is fine", "evidence: 'it is fine' does not say what it is"),
        ("assumed:", "does not say what it is"),
        ("document:", "does not say what it is"),
        ("run:r-none", "evidence: the run 'r-none' is not recorded here"),
        ("decision:d-none", "evidence: the decision 'd-none' is not recorded here"),
    ],
)
def test_a_condition_is_not_closed_by_nothing(
    conditional: tuple[Home, str], evidence: str, message: str
) -> None:
    home, id = conditional

    with pytest.raises(FactError, match=message):
        decisions.close_condition(home, id, 1, evidence=evidence, because="x")

    assert decisions.show(home, id)["conditions"][0]["closed"] is None


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({}, "condition 1: nothing is said"),
        ({"owner": " "}, "condition 1: nothing is said"),
        ({"due": "soon"}, "due: 'soon' is not a date"),
    ],
)
def test_an_assignment_says_something(
    conditional: tuple[Home, str], more: dict[str, str], message: str
) -> None:
    home, id = conditional

    with pytest.raises(StatusError, match=message):
        decisions.assign_condition(home, id, 1, **more)


ESCAPE = "fine\x1b[2J"
SPOKEN: dict[str, Callable[[Home, str], object]] = {
    "title": lambda home, _: decisions.propose(home, {}, title=ESCAPE),
    "because": lambda home, id: decisions.accept(home, id, because=ESCAPE),
    "condition": lambda home, id: decisions.accept(home, id, conditions=[ESCAPE]),
    "role": lambda home, id: decisions.sign(home, id, role=ESCAPE),
    "comment": lambda home, id: decisions.sign(home, id, role="r", comment=ESCAPE),
    "owner": lambda home, id: decisions.assign_condition(home, id, 1, owner=ESCAPE),
    "evidence": lambda home, id: decisions.close_condition(
        home, id, 1, evidence=f"person:{ESCAPE}", because="x"
    ),
}


@pytest.mark.parametrize("what", SPOKEN)
def test_nothing_that_a_terminal_would_obey_is_put_on_record(
    conditional: tuple[Home, str], what: str
) -> None:
    home, id = conditional
    head = integrity.verify(home)["head"]

    with pytest.raises(StatusError, match=rf"{what}: .* holds a control character"):
        SPOKEN[what](home, id)

    assert integrity.verify(home)["head"] == head


def test_decisions_are_found_by_facts_conditions_and_comments(
    conditional: tuple[Home, str],
) -> None:
    home, id = conditional
    decisions.sign(home, id, role="owner", comment="read the appendix")
    decisions.assign_condition(home, id, 1, owner="Lena Roth")

    for words in ("must cite sources", "Ada Byron", "legal", "appendix", "Lena Roth"):
        assert [hit["id"] for hit in history.search(home, words)] == [id], words

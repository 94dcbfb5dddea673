"""Days and conditions of a decision that nobody could keep are refused."""

from typing import Any

import pytest

from tunewise.domain.errors import StatusError
from tunewise.workflow import decisions, history
from tunewise.workflow.home import Home

CITED = {"must_cite_sources": {"value": True, "evidence": "person:Ada Byron"}}
EARLIER = {"retrospective": True, "decided_at": "2025-03-01", "source": "minutes"}
PAST = "2026-11-21"  # it is 22 November


def propose(home: Home, **more: Any) -> dict[str, Any]:
    return decisions.propose(home, CITED, title="HR answers", **more)


def test_a_review_in_the_past_is_refused(home: Home) -> None:
    with pytest.raises(StatusError, match=f"review-on: {PAST} is in the past, today"):
        propose(home, review_on=PAST)
    assert not home.path.exists()

    id = propose(home, review_on="2026-11-22")["id"]
    with pytest.raises(StatusError, match=f"review-on: {PAST} is in the past"):
        decisions.accept(home, id, review_on=PAST)
    with pytest.raises(StatusError, match=f"review-on: {PAST} is in the past"):
        decisions.supersede(home, id, CITED, review_on=PAST)
    assert decisions.show(home, id)["status"] == "proposed"


def test_a_decision_recorded_later_may_have_its_review_behind_it(home: Home) -> None:
    proposed = propose(home, review_on="2025-09-01", **EARLIER)
    accepted = decisions.accept(home, proposed["id"], review_on="2025-10-01")

    assert (proposed["review_on"], proposed["review_in_past"]) == ("2025-09-01", True)
    assert (accepted["review_on"], accepted["review_in_past"]) == ("2025-10-01", True)
    assert propose(home, review_on="2027-01-01")["review_in_past"] is False


@pytest.mark.parametrize("again", ["ask legal", " Ask  Legal "])
def test_a_condition_is_named_once(home: Home, again: str) -> None:
    id = propose(home)["id"]

    with pytest.raises(StatusError, match=r"^condition: '.* is named twice"):
        decisions.accept(home, id, conditions=["ask legal", "quote", again])

    assert decisions.show(home, id)["status"] == "proposed"


def test_an_assignment_that_changes_nothing_is_not_recorded(home: Home) -> None:
    id = propose(home)["id"]
    decisions.accept(home, id, conditions=["ask legal"])
    decisions.assign_condition(home, id, 1, owner="Lena", due="2027-01-31")
    before = len(history.history(home))

    for said in ({"owner": "Lena"}, {"owner": "Lena", "due": "2027-01-31"}):
        with pytest.raises(StatusError, match="is what the record says already"):
            decisions.assign_condition(home, id, 1, **said)

    assert len(history.history(home)) == before

import datetime as dt
import re
import shutil
from dataclasses import replace
from typing import Any

import pytest

from tunewise import resources
from tunewise.domain.errors import FactError, NotRecorded, StatusError
from tunewise.workflow import decisions, history
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

from .conftest import as_bea

EARLIER = {"retrospective": True, "decided_at": "2025-03-01", "source": "minutes"}
CITED = {"must_cite_sources": {"value": True, "evidence": "person:Ada Byron"}}
# DESIGN section 5
KEYS = {
    "id",
    "status",
    "title",
    "facts",
    "verdict",
    "choice",
    "justification",
    "conditions",
    "signatures",
    "evidence",
    "experiments",
    "model",
    "supersedes",
    "superseded_by",
    "review_on",
    "by",
    "at",
    "accepted_by",
    "rule_set",
    "prices",
    "engine",
    "audit_head",
}


def propose(home: Home, **more: Any) -> dict[str, Any]:
    return decisions.propose(home, CITED, **{"title": "HR answers", **more})


def actions(home: Home) -> list[str]:
    return [event["action"] for event in history.history(home)]


def test_a_proposal_records_the_verdict_and_what_it_rests_on(home: Home) -> None:
    view = propose(home, review_on="2027-01-31")

    assert set(view) >= KEYS
    assert (view["status"], view["choice"], view["model"]) == ("proposed", None, None)
    assert (view["by"], view["at"]) == ("Ada Byron", "2026-11-22T12:00:00.000+00:00")
    assert view["verdict"]["ruled_out"]["finetune"] == ["must-cite-sources"]
    assert view["facts"]["must_cite_sources"]["value"] is True
    assert view["evidence"] == ["person:Ada Byron"]
    assert view["review_on"] == "2027-01-31"
    assert re.fullmatch(r"d-hr-answers-[a-z2-9]{6}", view["id"])
    assert view == decisions.show(home, view["id"])


def test_a_record_keeps_the_text_of_every_rule_file_that_decided(home: Home) -> None:
    view = propose(home)

    assert set(view["rule_files"]) == set(home.rules().texts)
    assert view["prices"] == view["rule_files"]["prices.toml"]
    assert integrity.verify(home)["ok"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"title": " "}, "title: nothing is said"),
        ({"review_on": "soon"}, "review-on: 'soon' is not a date"),
        ({"supersedes": "d-none"}, "No decision 'd-none'"),
        ({"retrospective": True}, "needs all three\n  --retrospective --decided-at"),
        ({"decided_at": "2025-03-01", "source": "minutes"}, "needs all three"),
        ({"retrospective": True, "decided_at": "2025-03-01"}, "needs all three"),
        ({**EARLIER, "source": " "}, "needs all three"),
        ({**EARLIER, "decided_at": "March"}, "decided-at: 'March' is not a date"),
        ({**EARLIER, "decided_at": "2026-11-23"}, "is still to come, today is 2026"),
    ],
)
def test_a_proposal_that_is_refused_leaves_no_record(
    home: Home, more: dict[str, str], message: str
) -> None:
    propose(home)

    with pytest.raises((StatusError, NotRecorded), match=message):
        propose(home, **more)

    assert len(decisions.list_all(home)) == 1


def test_unknown_facts_are_refused_before_anything_is_written(home: Home) -> None:
    with pytest.raises(FactError, match="must_cite_sorces"):
        decisions.propose(home, {"must_cite_sorces": True}, title="HR")

    assert not home.path.exists()


def test_evidence_of_a_run_that_is_not_recorded_here_is_refused(home: Home) -> None:
    facts = {"prompt_score": {"value": 0.9, "evidence": "run:r-elsewhere"}}

    with pytest.raises(FactError, match="'r-elsewhere' is not recorded here"):
        decisions.propose(home, facts, title="HR")

    assert not home.path.exists()  # not even an empty database


def test_an_accepted_decision_takes_the_verdict_and_names_who_did_it(
    home: Home,
) -> None:
    proposed = propose(home)

    view = decisions.accept(
        as_bea(home),
        proposed["id"],
        conditions=["every answer quotes its passage"],
        review_on="2027-06-30",
    )

    assert view["status"] == "accepted"
    assert view["choice"] == view["verdict"]["recommended"]
    assert (view["accepted_by"], view["accepted_identity"]) == ("Bea Maro", "account")
    assert (view["by"], view["identity"]) == ("Ada Byron", "stated")
    (condition,) = view["conditions"]
    assert condition == {
        "n": 1,
        "text": "every answer quotes its passage",
        "owner": "",
        "due": "",
        "closed": None,
    }
    assert view["review_on"] == "2027-06-30"
    assert view["model"] is None  # nothing was measured
    assert actions(home) == ["decision.proposed", "decision.accepted"]


def test_a_choice_that_differs_stands_beside_the_verdict_with_its_reason(
    home: Home,
) -> None:
    proposed = propose(home)
    verdict = proposed["verdict"]["recommended"]
    assert verdict != "prompt"

    view = decisions.accept(
        home, proposed["id"], choice="prompt", because="the pilot ends in May"
    )

    assert view["choice"] == "prompt"
    assert view["verdict"]["recommended"] == verdict
    assert view["justification"] == "the pilot ends in May"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"choice": "prompt"}, "Say why: --because"),
        ({"choice": "prompt", "because": "  "}, "Say why: --because"),
        ({"choice": "tuning"}, "'tuning' is not an option\n.*prompt, rag"),
        ({"conditions": [""]}, "condition: nothing is said"),
        ({"review_on": "2027-13-45"}, "is not a date"),
    ],
    ids=["no reason", "blank reason", "no option", "blank condition", "no date"],
)
def test_an_acceptance_that_is_refused_leaves_the_decision_open(
    home: Home, more: dict[str, Any], message: str
) -> None:
    id = propose(home)["id"]

    with pytest.raises(StatusError, match=message):
        decisions.accept(home, id, **more)

    assert decisions.show(home, id)["status"] == "proposed"


def test_rejecting_and_withdrawing_close_a_decision_with_a_reason(home: Home) -> None:
    first, second = propose(home)["id"], propose(home)["id"]

    rejected = decisions.reject(home, first, because="no budget")
    withdrawn = decisions.withdraw(home, second, because="asked too early")

    assert (rejected["status"], rejected["closed_because"]) == ("rejected", "no budget")
    assert (withdrawn["status"], withdrawn["closed_because"]) == (
        "withdrawn",
        "asked too early",
    )
    assert decisions.portfolio(home) == []


def test_closing_needs_a_reason(home: Home) -> None:
    id = propose(home)["id"]

    for step in (decisions.reject, decisions.withdraw):
        with pytest.raises(StatusError, match="because: nothing is said"):
            step(home, id, because=" ")


def test_only_a_proposed_decision_is_accepted_rejected_or_withdrawn(home: Home) -> None:
    id = propose(home)["id"]
    decisions.accept(home, id)

    for step in (
        lambda: decisions.accept(home, id),
        lambda: decisions.reject(home, id, because="x"),
        lambda: decisions.withdraw(home, id, because="x"),
    ):
        with pytest.raises(StatusError, match=f"{id} is accepted and cannot"):
            step()


def test_an_old_decision_holds_until_its_successor_is_accepted(home: Home) -> None:
    old = decisions.accept(home, propose(home)["id"])

    new = decisions.supersede(home, old["id"], {"must_cite_sources": False})

    assert (new["status"], new["supersedes"]) == ("proposed", old["id"])
    assert new["title"] == old["title"]
    waiting = decisions.show(home, old["id"])
    assert (waiting["status"], waiting["superseded_by"]) == ("accepted", None)
    assert waiting["to_be_superseded_by"] == new["id"]
    assert [d["to_be_superseded_by"] for d in decisions.portfolio(home)] == [new["id"]]

    decisions.accept(home, new["id"])

    replaced = decisions.show(home, old["id"])
    assert (replaced["status"], replaced["superseded_by"]) == ("superseded", new["id"])
    assert replaced["to_be_superseded_by"] is None
    assert replaced["facts"] == old["facts"]
    assert [d["id"] for d in decisions.portfolio(home)] == [new["id"]]
    assert actions(home)[-2:] == ["decision.accepted", "decision.superseded"]


def test_a_successor_that_is_withdrawn_leaves_the_old_one_in_force(home: Home) -> None:
    old = decisions.accept(home, propose(home)["id"])["id"]
    new = decisions.supersede(home, old, CITED)["id"]

    decisions.withdraw(home, new, because="asked too early")

    assert [d["id"] for d in decisions.portfolio(home)] == [old]
    assert decisions.show(home, old)["to_be_superseded_by"] is None


def test_a_decision_is_superseded_once_and_a_refusal_leaves_no_successor(
    home: Home,
) -> None:
    old = propose(home)["id"]
    decisions.supersede(home, old, CITED)

    with pytest.raises(StatusError, match="is superseded and cannot"):
        decisions.supersede(home, old, CITED)
    with pytest.raises(NotRecorded, match="No decision 'd-none'"):
        decisions.supersede(home, "d-none", CITED)

    assert len(decisions.list_all(home)) == 2


def test_an_unknown_decision_is_met_with_those_that_come_close(home: Home) -> None:
    id = propose(home)["id"]

    with pytest.raises(NotRecorded, match=f"Did you mean {id}"):
        decisions.show(home, id[:-1])


def test_the_check_is_quiet_while_nothing_is_due_and_nothing_changed(
    home: Home,
) -> None:
    decisions.accept(home, propose(home, review_on="2026-11-23")["id"])

    assert decisions.check(home) == {"ok": True, "decisions": 1, "problems": []}


def test_the_check_names_a_review_that_is_due(home: Home) -> None:
    id = decisions.accept(home, propose(home)["id"], review_on="2026-11-23")["id"]
    later = replace(home, clock=lambda: dt.datetime(2026, 11, 23, tzinfo=dt.UTC))

    view = decisions.check(later)

    assert not view["ok"]
    assert view["problems"] == [
        {"decision": id, "message": "review was due on 2026-11-23"}
    ]


def test_the_check_names_a_decision_that_todays_rule_set_would_not_give(
    home: Home,
) -> None:
    id = decisions.accept(home, propose(home)["id"])["id"]
    house = home.path / "house" / "criteria"
    house.mkdir(parents=True)
    (house / "prompt-first.toml").write_text(
        'title = "Prompt first"\nsince = 2026-11-22\nsource = "A test"\n'
        "[when]\nmust_cite_sources = true\n"
        '[[then]]\noption = "prompt"\nweight = 3\nbecause = "A test."\n'
        '[[then]]\noption = "rag"\nweight = -3\nbecause = "A test."\n'
        '[[then]]\noption = "hybrid"\nweight = -3\nbecause = "A test."\n'
    )

    (problem,) = decisions.check(home)["problems"]

    assert problem["decision"] == id
    assert "today's rule set says prompt" in problem["message"]
    assert "prompt-first.toml" not in str(decisions.show(home, id)["rule_files"])


def test_a_record_is_read_when_a_fact_has_left_the_dictionary(home: Home) -> None:
    id = decisions.accept(home, propose(home)["id"])["id"]
    rules = home.path / "house"
    shutil.copytree(resources.rules_dir(), rules)
    facts = rules / "facts.toml"
    renamed = facts.read_text().replace("must_cite_sources", "must_quote")
    facts.write_text(renamed)
    for path in [*rules.glob("c*/*.toml"), rules / "options.toml"]:
        path.write_text(path.read_text().replace("must_cite_sources", "must_quote"))

    (problem,) = decisions.check(home)["problems"]

    assert problem["message"].startswith("today's rule set does not take its facts")
    assert decisions.show(home, id)["facts"]["must_cite_sources"]["value"] is True


CONTRADICTORY = {
    "prompt_tried": False,
    "prompt_score": 0.5,
    "rag_tried": False,
    "rag_score": 0.4,
}
OTHER = """
[[contradiction]]
because = "Where nothing is tuned, nothing was measured on it."
when = { base_model_tunable = false, finetune_score = { known = true } }
"""


def test_facts_that_contradict_each_other_are_not_proposed(home: Home) -> None:
    with pytest.raises(FactError) as told:
        decisions.propose(home, CONTRADICTORY, title="HR answers")

    assert str(told.value).count("contradict each other") == 2
    assert not home.has_records()


def test_an_old_decision_is_shown_though_its_facts_now_contradict_each_other(
    home: Home,
) -> None:
    house = home.path / "house"
    house.mkdir(parents=True)
    other = house / "contradictions.toml"
    other.write_text(OTHER)
    id = decisions.propose(home, CONTRADICTORY, title="HR answers")["id"]
    other.unlink()

    view = decisions.show(home, id)

    assert view["facts"]["prompt_score"]["value"] == 0.5
    assert decisions.list_all(home)[0]["id"] == id
    assert decisions.check(home)["ok"]


def test_a_decision_recorded_later_is_marked_so(home: Home) -> None:
    view = propose(home, **EARLIER)
    accepted = decisions.accept(home, view["id"], decided_at="2025-03-05")

    assert view["retrospective"] == {
        "decided_at": "2025-03-01",
        "recorded_at": "2026-11-22T12:00:00.000+00:00",
        "source": "minutes",
        "source_digest": "",
        "source_checked": "not checked: files are read on the command line only",
    }
    assert accepted["retrospective"]["decided_at"] == "2025-03-05"
    (row,) = decisions.list_all(home)
    assert (row["decided_at"], row["source"]) == ("2025-03-05", "minutes")
    assert decisions.show(home, propose(home)["id"])["retrospective"] is None


def test_an_acceptance_is_not_dated_back_without_a_source(home: Home) -> None:
    plain, earlier = propose(home)["id"], propose(home, **EARLIER)["id"]

    with pytest.raises(StatusError, match="it was not recorded as decided earlier"):
        decisions.accept(home, plain, decided_at="2025-03-05")
    with pytest.raises(StatusError, match="2026-11-23 is still to come"):
        decisions.accept(home, earlier, decided_at="2026-11-23")

    assert [row["status"] for row in decisions.list_all(home)] == ["proposed"] * 2

"""A review puts what was realised beside what the decision promised."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tracker import experiments
from tunewise.domain.errors import StatusError
from tunewise.workflow import decisions, history
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.overview import attention
from tunewise.workflow.reports import files as reports

from .on_heldout import begin, register, run

RAG = {"value": 2.0, "low": 1.0, "high": 4.0, "currency": "EUR", "per": "1000 requests"}


@pytest.fixture
def desk(home: Home) -> Home:
    """A home where the rag arm of e-1 scored 0.8 and costs 2 EUR per 1000 requests."""
    register(home)
    made = run(home, begin(home, "e-1", "desk@1"), score=0.8)
    arm = {"run": made, "metrics": {"accuracy": {"value": 0.8}}, "cost": RAG}
    report = {"arms": {"rag": arm}, "primary_metric": "accuracy"}
    who = {"actor": home.actor, "at": home.now()}
    with home.store() as store:
        experiments.start(store, "e-1", **who)
        experiments.finish(store, "e-1", report=report, **who)
    return home


def accepted(home: Home, choice: str = "rag", **facts: Any) -> str:
    id = str(decisions.propose(home, facts, title="Desk")["id"])
    decisions.accept(home, id, choice=choice, because="Cheap.", review_on="2027-05-22")
    return id


FACTS = {
    "rag_score": {
        "value": 0.8,
        "low": 0.75,
        "high": 0.85,
        "evidence": "run:r-e-1-rag-0",
    },
    "request_volume_per_day": {"low": 600, "high": 1200, "evidence": "person:Ada"},
}


def figures(view: dict[str, Any], n: int = -1) -> dict[str, dict[str, Any]]:
    return {f["what"]: f for f in view["reviews"][n]["figures"]}


def test_an_accepted_decision_promises_score_cost_and_volume(desk: Home) -> None:
    view = decisions.show(desk, accepted(desk, **FACTS))

    score, cost, volume = view["promised"]
    assert (score["promised"], score["low"], score["high"]) == (0.8, 0.75, 0.85)
    assert score["rests_on"] == "rag_score (run:r-e-1-rag-0)"
    # 600 requests a day at 1 EUR per 1000, 1200 at 4, and 365/12 days in a month
    assert cost["low"] == pytest.approx(0.6 * 365 / 12)
    assert cost["high"] == pytest.approx(1.2 * 4 * 365 / 12)
    assert (cost["promised"], cost["unit"]) == (None, "EUR a month")
    assert (volume["low"], volume["high"]) == (600, 1200)
    assert view["reviews"] == []


def test_a_proposal_promises_nothing_yet(desk: Home) -> None:
    view = decisions.propose(desk, FACTS, title="Desk")

    assert (view["promised"], view["reviews"]) == ([], [])


def test_without_a_score_the_target_is_what_was_promised(home: Home) -> None:
    id = accepted(home, target_score=0.7, monthly_cost_limit=900)

    score, cost, volume = decisions.show(home, id)["promised"]

    assert (score["promised"], score["low"], score["high"]) == (0.7, 0.7, None)
    assert (cost["promised"], cost["high"], cost["rests_on"]) == (
        900,
        900,
        "monthly_cost_limit",
    )
    assert (volume["promised"], volume["rests_on"]) == (None, "")


def test_a_review_says_what_kept_its_promise(desk: Home) -> None:
    id = accepted(desk, **FACTS)

    view = decisions.review(
        desk, id, score=0.7, cost=10, volume=1500, because="Three months of logs."
    )

    found = figures(view)
    assert {what: f["standing"] for what, f in found.items()} == {
        "score": "worse",  # below 0.75
        "cost": "better",  # below 0.6 * 365 / 12 = 18.25
        "volume": "more",
    }
    assert found["score"]["realised"] == 0.7
    assert view["reviews"][0]["because"] == "Three months of logs."
    assert view["reviews"][0]["by"] == "Ada Byron"


def test_a_month_is_promised_as_its_experiment_reckoned_it(desk: Home) -> None:
    month = {"value": 90.0, "low": 60.0, "high": 200.0}
    option = {"option": "rag", "once": month, "monthly": month, "three_years": month}
    costs = {"currency": "EUR", "options": [option], "today": None}
    with desk.store() as store:
        report = {**(experiments.get(store, "e-1").report or {}), "costs": costs}
        experiments.finish(store, "e-1", report=report, actor=desk.actor, at=desk.now())

    cost = decisions.show(desk, accepted(desk, **FACTS))["promised"][1]

    assert (cost["promised"], cost["low"], cost["high"]) == (90.0, 60.0, 200.0)
    assert cost["rests_on"] == "what e-1 reckoned of a month of rag"


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ({"score": 0.75}, "as promised"),
        ({"score": 0.9}, "better"),
        ({"cost": 146.1}, "worse"),  # above 1.2 * 4 * 365 / 12 = 146
        ({"volume": 100}, "less"),
    ],
)
def test_standing_is_by_the_bounds_of_the_promise(
    desk: Home, said: dict[str, float], standing: str
) -> None:
    (found,) = figures(
        decisions.review(desk, accepted(desk, **FACTS), because="Logs.", **said)
    ).values()

    assert found["standing"] == standing


def test_nothing_promised_nothing_held(home: Home) -> None:
    view = decisions.review(home, accepted(home), because="Logs.", score=0.7)

    assert figures(view)["score"]["standing"] == ""


def test_a_review_meets_the_day_that_was_due(desk: Home) -> None:
    id = accepted(desk, **FACTS)
    early = decisions.review(desk, id, score=0.8, because="A first look.")
    later = dt.datetime(2027, 5, 23, 9, tzinfo=dt.UTC)
    on_time = replace(desk, clock=lambda: later)

    due = decisions.check(on_time)
    met = decisions.review(on_time, id, score=0.8, because="As planned.")
    again = decisions.review(
        on_time, id, score=0.8, because="Next.", review_on="2027-11-22"
    )

    assert early["review_on"] == "2027-05-22"
    assert "review was due on 2027-05-22" in [p["message"] for p in due["problems"]]
    assert met["review_on"] is None
    assert again["review_on"] == "2027-11-22"
    assert len(again["reviews"]) == 3


def test_what_turned_out_worse_raises_the_flag_until_a_review_says_otherwise(
    desk: Home,
) -> None:
    id = accepted(desk, **FACTS)

    def flags() -> list[str]:
        found = [p["message"] for p in decisions.check(desk)["problems"]]
        assert [m for m in found if "worse" in m] == [
            f["message"] for f in attention(desk)["due"] if "worse" in f["message"]
        ]
        return [m.split(" found a ")[1] for m in found if "worse" in m]

    decisions.review(desk, id, score=0.75, cost=146, volume=9, because="As promised.")
    assert flags() == []
    decisions.review(desk, id, score=0.7, cost=150, because="Worse.")
    # 600 requests a day at 1 EUR per 1000 and 1,200 at 4 are 18.25 and 146 a month
    assert flags() == [
        "score worse than promised: 0.70, promised 0.80 (0.75–0.85)",
        "cost worse than promised: 150 EUR a month, promised 18–146 EUR a month",
    ]
    decisions.review(desk, id, score=0.76, because="The score is mended.")
    assert [flag[:4] for flag in flags()] == ["cost"]


def test_what_cannot_be_a_review_is_refused(desk: Home) -> None:
    id = accepted(desk, **FACTS)
    draft = str(decisions.propose(desk, {}, title="Other")["id"])

    for more, message in (
        ({}, "nothing was realised\n.*--score, --cost"),
        ({"score": 1.2}, "score: 1.2 must be between 0 and 1"),
        ({"cost": -1}, "cost: -1 must be 0 or more"),
        ({"volume": float("nan")}, "volume: nan must be 0 or more"),
        ({"score": 0.8, "review_on": "2026-01-01"}, "2026-01-01 is in the past"),
    ):
        with pytest.raises(StatusError, match=message):
            decisions.review(desk, id, because="Logs.", **more)
    with pytest.raises(StatusError, match="because: nothing is said"):
        decisions.review(desk, id, because=" ", score=0.8)
    with pytest.raises(StatusError, match="is proposed and cannot be reviewed"):
        decisions.review(desk, draft, because="Logs.", score=0.8)
    assert decisions.show(desk, id)["reviews"] == []


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_a_report_with_reviews_verifies(desk: Home, tmp_path: Path, form: str) -> None:
    id = accepted(desk, target_score=0.7, monthly_cost_limit=900)
    decisions.review(desk, id, score=0.71, cost=1000, because="The invoice of March.")

    path = reports.write_decision(desk, id, tmp_path / f"r.{form}", form=form)

    assert "The invoice of March." in path.read_text(encoding="utf-8")
    assert integrity.verify(desk, path)["problems"] == []
    assert [hit["id"] for hit in history.search(desk, "invoice")] == [id]

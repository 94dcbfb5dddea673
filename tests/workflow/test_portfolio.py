"""Decisions in force, a row each: how strong the evidence is, and what is due."""

from dataclasses import replace

import pytest

from tunewise.workflow import decisions
from tunewise.workflow.home import Home

FACTS = {"task_type": "classification"}


def accepted(home: Home, facts: dict[str, object], **more: object) -> str:
    id = str(decisions.propose(home, facts, title="Support desk")["id"])
    decisions.accept(home, id, choice="finetune", because="x", **more)  # type: ignore[arg-type]
    return id


@pytest.mark.parametrize(
    ("evidence", "strength"),
    [("person:Ada", "stated"), (None, "assumed"), ("document:eval.pdf", "stated")],
)
def test_the_score_of_the_choice_says_how_strong_it_is(
    home: Home, evidence: str | None, strength: str
) -> None:
    score = {"value": 0.7, "low": 0.6, "high": 0.8}
    if evidence:
        score["evidence"] = evidence  # type: ignore[assignment]
    accepted(home, {**FACTS, "finetune_score": score})

    (row,) = decisions.portfolio(home)

    assert row["evidence"] == strength
    assert (row["score"]["value"], row["score"]["low"]) == (0.7, 0.6)


def test_without_a_score_it_rests_on_rules_only(home: Home) -> None:
    accepted(home, FACTS, conditions=["measure it"])

    (row,) = decisions.portfolio(home)

    assert (row["evidence"], row["score"]) == ("rules only", None)
    assert row["open_conditions"] == 1
    assert any("has no owner" in message for message in row["attention"])
    assert row["accepted_by"] == home.actor.name
    assert row["products"] == []


def test_a_formula_stays_text_in_a_spreadsheet(home: Home) -> None:
    from tunewise.web.app import create_app

    id = decisions.propose(home, FACTS, title="=HYPERLINK(1)")["id"]
    decisions.accept(replace(home), id)

    response = create_app(home).test_client().get("/portfolio.csv")

    assert response.mimetype == "text/csv"
    assert ",'=HYPERLINK(1)," in response.text

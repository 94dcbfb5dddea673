"""What a decision's report says beside its record, and what verify makes of it."""

from pathlib import Path

from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.reports import files as reports

FACTS = {"must_cite_sources": True, "task_type": "extractive_qa"}
HOUSE = """
title = "House rule"
since = 2026-11-22
source = "The house"

[when]
must_cite_sources = true

[[then]]
option = "rag"
weight = 1
because = "{because}"
"""


def house_rule(home: Home, because: str) -> None:
    path = home.path / "house" / "criteria" / "house-rule.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HOUSE.format(because=because), encoding="utf-8")


def test_criteria_stand_as_the_decision_recorded_them(home: Home) -> None:
    house_rule(home, "The house likes sources.")
    id = decisions.propose(home, FACTS, title="Handbook")["id"]
    path = home.path / "house" / "criteria" / "house-rule.toml"
    path.write_text(path.read_text().replace("House rule", "Renamed"))

    criteria = decisions.full(home, id)["criteria"]

    assert criteria["house-rule"]["title"] == "House rule"
    assert criteria["house-rule"]["origin"] == "house"
    assert "must_cite_sources" in criteria["house-rule"]["when"]
    matched = {f["criterion"] for f in decisions.show(home, id)["verdict"]["findings"]}
    assert set(criteria) == matched


def test_a_decision_without_a_score_rests_on_rules_only(home: Home) -> None:
    id = decisions.propose(home, FACTS, title="Handbook")["id"]

    assert decisions.full(home, id)["strength"] == "rules only"


def test_a_report_says_what_the_rules_of_today_recommend(home: Home) -> None:
    id = decisions.propose(home, FACTS, title="Handbook")["id"]
    before = decisions.show(home, id)
    house_rule(home, "The house likes sources.")

    again = reports.decision_report(home, id)["asked_again"]

    assert again["recommended"] == before["verdict"]["recommended"]
    assert again["on"] == home.today().isoformat()
    assert again["rule_set"] == home.rules().digest != before["rule_set"]


def test_a_report_stays_true_when_the_house_changes_its_rules(
    home: Home, tmp_path: Path
) -> None:
    id = decisions.propose(home, FACTS, title="Handbook")["id"]
    report = reports.write_decision(home, id, tmp_path / "report.html")
    house_rule(home, "The house likes sources.")

    assert integrity.verify(home, report)["problems"] == []


def test_rules_that_cannot_be_read_today_do_not_stop_a_report(home: Home) -> None:
    id = decisions.propose(home, FACTS, title="Handbook")["id"]
    path = home.path / "house" / "criteria" / "broken.toml"
    path.parent.mkdir(parents=True)
    path.write_text("title =", encoding="utf-8")

    again = reports.decision_report(home, id)["asked_again"]

    assert again["recommended"] is None
    assert "broken.toml" in again["error"]

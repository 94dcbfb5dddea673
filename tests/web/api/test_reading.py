"""What else is read over HTTP: rules, experiments, runs, history, integrity."""

from tunewise.domain.formats import FORMATS
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.rules import records as rules

OURS = """
title = "Ours"
since = 2026-11-23
source = "Our own rule"

[when]
must_cite_sources = true

[[then]]
option = "rag"
weight = 1
because = "We say so."
"""


def test_facts_come_with_what_is_still_open(api):
    new = api.get("/facts/new").json["content"]
    asked = api.post("/facts/questions", facts='task_type = "classification"')

    assert "# task_type = " in new
    names = {row["fact"] for row in asked.json["items"]}
    assert "task_type" not in names
    assert "must_cite_sources" in names


def test_an_unknown_fact_names_the_nearest_one(api):
    refused = api.post("/advice", facts={"tusk_type": "classification"})

    assert refused.status_code == 422
    assert "Did you mean 'task_type'?" in refused.json["hint"]
    assert "recommended" in api.post("/advice", facts={}).json


def test_a_fact_file_that_is_none_is_refused_without_a_folder(api):
    refused = api.post("/advice", facts="task_type = ")

    assert refused.status_code == 422
    assert "neither TOML nor JSON" in refused.json["detail"]
    assert "/tmp" not in refused.text


def test_every_schema_is_served(api):
    for kind in FORMATS:
        assert api.get(f"/schemas/{kind}").json["title"]
    assert api.get("/schemas/other").status_code == 404


def test_the_rules_are_listed_shown_and_checked(api):
    one = api.get("/criteria/must-cite-sources").json

    assert one == rules.show(api.home, "must-cite-sources")
    assert api.get("/criteria?limit=1&after=must-cite-sources").json["next"]
    assert api.get("/rules/coverage").json["criteria"] > 50


def test_a_rule_set_is_checked_anew_once_a_text_of_it_has_changed(api):
    shipped = api.get("/rules/check").json
    again = api.get("/rules/check").json
    ours = api.home.path / "house" / "criteria" / "ours.toml"
    ours.parent.mkdir(parents=True)

    ours.write_text(OURS)
    changed = api.get("/rules/check").json

    assert shipped == again
    assert changed["rule_set"] != shipped["rule_set"]
    assert changed["criteria"] == shipped["criteria"] + 1
    assert "ours" in str(changed["problems"])  # no worked case is about it
    assert "ours" not in str(shipped["problems"])


def test_published_cases_are_scored_and_a_broken_line_is_named(api):
    case = '{"id": "a", "facts": {}, "acceptable": ["prompt", "defer"]}\n'

    scored = api.post("/rules/score", cases=case)
    broken = api.post("/rules/score", cases=case + "{}\n")

    assert scored.json["n"] == 1
    assert broken.status_code == 422
    assert broken.json["detail"].startswith("cases.jsonl:2:")


def test_an_experiment_its_answers_and_its_runs_are_read(read, filled):
    at = f"/experiments/{filled.experiment}"
    first = read.get(f"{at}/answers?limit=4").json
    second = read.get(f"{at}/answers?limit=4&after={first['next']}").json

    assert read.get(at).json == experiments.show(read.home, filled.experiment)
    assert len(first["items"]) == len(second["items"]) == 4
    assert first["items"][0]["id"] != second["items"][0]["id"]
    runs = read.get("/runs?where=status = failed").json["items"]
    assert [run["run"] for run in runs] == [filled.failed]
    assert read.get(f"/runs/{filled.run}").json["status"] == "finished"
    assert "n" in read.get("/predictions").json or read.get("/predictions").json


def test_what_has_ended_is_not_cancelled(read, filled):
    refused = read.post(f"/experiments/{filled.experiment}/cancel", by="Ada")

    assert refused.status_code == 409
    assert "nothing to cancel" in refused.json["detail"]


def test_the_log_comes_by_pages_with_the_state_on_a_date(api):
    api.propose("One")
    api.propose("Two")

    first = api.get("/history?limit=1").json
    second = api.get(f"/history?limit=1&after={first['next']}").json
    today = api.get(f"/history?at={api.home.today()}").json
    ahead = api.get("/history?at=2999-01-01")

    assert first["items"][0]["seq"] == second["items"][0]["seq"] + 1
    assert len(today["state"]["decisions"]) == 2
    assert ahead.status_code == 422
    assert "lies ahead" in ahead.json["detail"]


def test_records_are_found_by_words(api):
    id = api.propose("Sorting letters").json["id"]

    found = api.get("/search?q=letters").json["items"]

    assert [hit["id"] for hit in found] == [id]
    assert api.get("/search").status_code == 400


def test_a_report_is_held_against_the_records(api):
    id = api.propose().json["id"]
    page = api.get(f"/decisions/{id}/report.html").text

    holds = api.post("/verify", by="Ada", report=page)
    edited = api.post("/verify", by="Ada", report=page.replace("Support", "Supper"))
    none = api.post("/verify", by="Ada", report="a letter")

    assert api.get("/verify").json["ok"] is True
    assert holds.json["ok"] is True, holds.json["problems"]
    assert edited.json["ok"] is False
    assert none.status_code == 422
    assert "/tmp" not in none.text


def test_the_indexes_are_made_anew_under_a_name(api):
    api.propose()

    made = api.post("/verify", by="Ada", rebuild=True).json

    assert made["ok"] is True
    assert made["rebuilt"]["lacking"] == []
    assert api.get("/history").json["items"][0]["actor"] == "Ada"
    assert api.get("/anchors").json == {"items": [], "next": None}

"""What rests on a record, and which decisions resemble each other."""

import pytest

from tunewise.workflow import decisions
from tunewise.workflow.home import Home

from .conftest import INES

CITED = {
    "task_type": "classification",
    "must_cite_sources": True,
    "training_examples": 1200,
    "latency_sensitive": True,
}


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home", INES)


def accepted(home, facts, title):
    id = decisions.propose(home, facts, title=title)["id"]
    return decisions.accept(home, id)["id"]


def test_a_decision_rests_on_dataset_run_and_model(filled):
    for kind, id in (
        ("dataset", "triage@2"),
        ("run", filled.run),
        ("experiment", filled.experiment),
        ("model", filled.model),
        ("base", "tiny"),
    ):
        found = decisions.rests_on(filled.home, kind, id)

        assert filled.decision in [row["id"] for row in found["decisions"]], kind
    assert decisions.rests_on(filled.home, "dataset", "triage@1")["decisions"] == []


def test_without_a_criterion_the_verdicts_are_those_of_rules_without_it(home):
    id = accepted(home, CITED, "Cited")
    shown = decisions.show(home, id)
    turned = []
    for criterion in {f["criterion"] for f in shown["verdict"]["findings"]}:
        alters = decisions.rests_on(home, "criterion", criterion)["alters"]

        assert (alters["asked"], alters["of"]) == (1, 1)
        for row in alters["changed"]:
            assert row["now"] == shown["verdict"]["recommended"] != row["without"]
            turned.append(criterion)
    assert "must-cite-sources" in turned  # all that speaks for retrieval


def test_the_page_says_what_would_alter_and_unknown_kinds_are_refused(client):
    assert client.get("/rests-on/criterion/must-cite-sources").status_code == 200
    assert client.get("/rests-on/nothing/x").status_code == 404
    assert "No decision rests on it" in client.get("/rests-on/run/r-none").text


def test_similar_decisions_say_what_is_equal_and_what_differs(home):
    mine = accepted(home, CITED, "Mine")
    near = accepted(home, {**CITED, "training_examples": 90}, "Near")
    other = accepted(home, {**CITED, "task_type": "extraction"}, "Other task")
    decisions.propose(home, {"task_type": "classification"}, title="Little known")

    found = decisions.similar(home, mine)

    # by hand: both are equal in 3 of 4 facts; the same task type comes first
    assert [row["id"] for row in found] == [near, other]
    assert [(row["equal"], row["both"]) for row in found] == [(3, 4), (3, 4)]
    assert found[0]["differs"] == [
        {"fact": "training_examples", "here": 1200, "there": 90}
    ]

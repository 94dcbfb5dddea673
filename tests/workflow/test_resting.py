"""What rests on a record, and which verdicts would alter without it."""

from dataclasses import replace

import pytest

from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError
from tunewise.engine.intake import fact_sheet
from tunewise.engine.verdict import advise
from tunewise.workflow import decisions
from tunewise.workflow.decisions.resting import moves, resting_on, without
from tunewise.workflow.decisions.shown import Listed
from tunewise.workflow.home import Home

CITES = {"task_type": "knowledge_qa", "must_cite_sources": True, "error_cost": 12}


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home", Actor("Ines Okafor"))


def propose(home, title, facts):
    return decisions.propose(home, facts, title=title)["id"]


def test_a_criterion_is_taken_away_and_the_rules_asked_again(home):
    cited = propose(home, "Cites", CITES)
    propose(home, "Other", {"task_type": "classification"})
    rules = home.rules()
    sheet = fact_sheet(CITES, rules.facts).sheet
    findings = decisions.show(home, cited)["verdict"]["findings"]

    for criterion in {f["criterion"] for f in findings}:
        found = resting_on(home, "criterion", criterion)
        (row,) = [row for row in found["decisions"] if row["id"] == cited]
        less = [c for c in rules.criteria if c.id != criterion]
        # the whole way to a verdict, as the command line takes it
        asked = advise(replace(rules, criteria=tuple(less)), sheet, today=home.today())
        assert row["how"] == ["a finding of it matched"]
        assert row["without"] == asked.recommended.value
        assert row["alters"] is (row["without"] != "rag")


def test_without_an_imported_run_its_score_and_what_compared_it_are_gone(home):
    def score(value, run):
        bounds = {"low": value - 0.05, "high": value + 0.05}
        return {"value": value, **bounds, "evidence": f"imported:{run}"}

    scores = {"prompt_score": score(0.6, "r-p"), "finetune_score": score(0.9, "r-f")}
    beaten = {"a": "finetune", "b": "prompt", "metric": "accuracy", "conclusion": "win"}
    beaten |= {"difference": 0.3, "low": 0.2, "high": 0.4, "p_value": 0.001}
    raw = {"facts": {"task_type": "classification", **scores}, "comparisons": [beaten]}

    left = without(raw, {"imported:r-f": "", "run:r-f": ""})

    assert list(left["facts"]) == ["task_type", "prompt_score"]
    assert left["comparisons"] == []
    assert without(raw, {"run:r-p": ""}) == raw


def test_facts_that_rest_on_a_document_are_unknown_without_it(home):
    facts = {**CITES, "must_cite_sources": {"value": True, "evidence": "person:Bo"}}
    of_person = propose(home, "By a person", facts)
    cited = {"value": True, "evidence": "document:minutes"}
    of_paper = propose(home, "By a paper", {**CITES, "must_cite_sources": cited})

    found = resting_on(home, "document", "minutes")

    (row,) = found["decisions"]
    assert row["id"] == of_paper
    assert of_person != row["id"]
    assert row["how"] == ["evidence of must_cite_sources"]
    bare = {k: v for k, v in CITES.items() if k != "must_cite_sources"}
    without = decisions.show(home, propose(home, "Bare", bare))["verdict"]
    assert row["without"] == without["recommended"]
    assert row["alters"] is (row["today"] != row["without"])


def test_a_base_model_says_what_is_left_of_the_shortlist(home):
    id = propose(home, "Cites", {**CITES, "knowledge_changes": "static"})
    models = decisions.show(home, id)["verdict"]["base_models"]
    listed = [m["id"] for m in models if not m["ruled_out_by"]]

    for name in listed:
        (row,) = resting_on(home, "base", name)["decisions"]
        left = [other for other in listed if other != name]
        assert row["note"].endswith(", ".join(left[:5]) if left else "none is left")


def test_what_was_withdrawn_rests_on_nothing(home):
    id = propose(home, "Cites", CITES)
    criterion = decisions.show(home, id)["verdict"]["findings"][0]["criterion"]
    decisions.withdraw(home, id, because="a mistake")

    assert resting_on(home, "criterion", criterion) == {
        "kind": "criterion",
        "id": criterion,
        "total": 0,
        "decisions": [],
    }


def test_another_kind_is_refused_and_the_kinds_are_named(home):
    propose(home, "Cites", CITES)

    with pytest.raises(StatusError, match="Kinds are criterion, base"):
        resting_on(home, "weather", "x")


def test_a_price_moves_each_decision_by_the_experiment_that_it_rests_on():
    prices = {
        f"experiment:{id}": {"low": low, "high": high, "currency": "EUR"}
        for id, low, high in (("e-1", 100.0, 200.0), ("e-2", 9000.0, 9999.0))
    }

    def said(*experiments):
        rests_on = {f"experiment:{id}": "rests on the experiment" for id in experiments}
        row = Listed("d", "proposed", "", None, {}, facts={}, rests_on=rests_on)
        return moves(row, prices)

    assert said("e-1") == "within its range it moves three years from 100 to 200 EUR"
    assert said("e-2").endswith("from 9,000 to 9,999 EUR")
    assert said("e-3") == ""

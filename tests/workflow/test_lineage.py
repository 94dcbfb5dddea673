import pytest

from tunewise.domain.errors import NotRecorded
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models import versions as models

from .conftest import Measured, as_bea


@pytest.fixture
def tuned(measured: Measured) -> Measured:
    """The experiment with a decision accepted against the verdict: toy-desk@1."""
    home, facts = measured.home, measured.report["facts_after"]
    id = decisions.propose(home, facts, title="Toy desk")["id"]
    decisions.accept(as_bea(home), id, choice="finetune", because="labels of our own")
    decisions.sign(home, id, role="owner")
    return measured


@pytest.mark.model
def test_why_says_everything_that_led_to_a_model_version(tuned: Measured) -> None:
    view = lineage.why(tuned.home, "toy-desk@1")

    assert set(view) >= {
        "asked",
        "deployments",
        "runs_today",
        "model",
        "decision",
        "run",
        "dataset",
        "base_model",
        "alternatives",
        "people",
        "events",
        "missing",
        "completeness",
    }
    assert view["decision"]["justification"] == "labels of our own"
    assert view["decision"]["findings"]
    assert view["run"]["id"] == tuned.report["arms"]["finetune"]["run"]
    assert (view["run"]["seed"], view["run"]["status"]) == ("0", "finished")
    assert view["run"]["training"]["method"] == "lora"
    assert view["dataset"]["version"] == "toy-desk@1"
    assert view["base_model"]["digest"].startswith("sha256:")


@pytest.mark.model
def test_why_misses_what_nobody_has_said_yet(tuned: Measured) -> None:
    view = lineage.why(tuned.home, "toy-desk@1")

    known = {e["name"] for e in view["expected"] if e["known"]}
    assert known >= {
        "the decision",
        "the adapter",
        "the prompt",
        "the base model's digest",
        "the dataset's quality report",
        "the seed",
        "what training took",
        "the intervals of the scores",
    }
    # a local folder tells neither, and nobody said the rest
    assert set(view["missing"]) >= {
        "the base model's licence",
        "the base model's revision",
        "its known limits",
    }
    assert view["completeness"] == round(len(known) / len(view["expected"]), 3)


@pytest.mark.model
def test_why_names_what_was_measured_and_not_taken(tuned: Measured) -> None:
    others = lineage.why(tuned.home, "toy-desk@1")["alternatives"]

    assert [a["arm"] for a in others] == ["prompt", "rag", "hybrid"]
    for other in others:
        assert other["score"]["n"] == 6
        assert {other["comparison"]["a"], other["comparison"]["b"]} == {
            other["arm"],
            "finetune",
        }


@pytest.mark.model
def test_why_names_everybody_and_what_they_did(tuned: Measured) -> None:
    people = lineage.why(tuned.home, "toy-desk@1")["people"]

    assert {(p["name"], p["did"]) for p in people} == {
        ("Bea Maro", "registered the model version"),
        ("Bea Maro", "accepted it"),
        ("Ada Byron", "ran the experiment"),
        ("Ada Byron", "registered the dataset"),
        ("Ada Byron", "proposed the decision"),
        ("Ada Byron", "signed it as owner"),
    }


@pytest.mark.model
def test_why_lists_the_events_of_its_records_in_order(tuned: Measured) -> None:
    events = lineage.why(tuned.home, "toy-desk@1")["events"]

    actions = [e["action"] for e in events]
    assert actions[0] == "dataset.registered"
    assert actions.index("decision.accepted") < actions.index("model.registered")
    assert [e["seq"] for e in events] == sorted(e["seq"] for e in events)


@pytest.mark.model
def test_why_of_a_version_without_a_decision_says_what_is_missing(
    measured: Measured,
) -> None:
    models.register(measured.home, measured.report["experiment"], "rag", name="bare")

    view = lineage.why(measured.home, "bare@1")

    assert view["decision"] is None
    assert set(view["missing"]) >= {"the decision", "who accepted it"}
    assert view["completeness"] < 1


@pytest.mark.model
def test_why_still_answers_when_the_content_was_deleted(tuned: Measured) -> None:
    datasets.delete(tuned.home, "toy-desk@1", because="a customer asked")

    view = lineage.why(tuned.home, "toy-desk@1")

    assert view["dataset"]["deleted"] == "a customer asked"
    assert view["dataset"]["digest"].startswith("sha256:")


@pytest.mark.model
def test_why_of_an_unknown_version_is_refused(tuned: Measured) -> None:
    with pytest.raises(NotRecorded, match="Did you mean toy-desk@1"):
        lineage.why(tuned.home, "toy-desk@2")

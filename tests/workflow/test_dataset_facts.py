from pathlib import Path

import pytest

from tunewise.domain.errors import FactError, NotRecorded
from tunewise.workflow.advice import give_advice
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.datasets.facts import with_dataset
from tunewise.workflow.home import Home

Paths = dict[str, Path]


@pytest.fixture
def registered(home: Home, paths: Paths) -> Home:
    """A home with desk@1, whose quality is mixed: it has 8 train examples."""
    datasets.register(home, "desk", paths)
    return home


def test_a_deleted_version_gives_no_facts(registered: Home) -> None:
    datasets.delete(registered, "desk@1", because="a customer asked")

    with pytest.raises(NotRecorded, match=r"desk@1 was deleted: a customer asked"):
        with_dataset(registered, {}, "desk@1", rules=registered.rules())


def test_a_report_becomes_facts_with_itself_as_evidence(registered: Home) -> None:
    raw = with_dataset(
        registered, {"must_cite_sources": True}, "desk", rules=registered.rules()
    )

    assert raw["facts"]["data_quality"] == {
        "value": "mixed",
        "evidence": "dataset:desk@1",
        "on": "2026-11-22",
    }
    assert raw["facts"]["training_examples"]["value"] == 8
    assert raw["facts"]["heldout_examples"]["value"] == 6
    assert raw["facts"]["must_cite_sources"] is True
    assert "data_quality" not in give_advice(registered, raw)["assumed"]


def test_a_guess_gives_way_to_the_report(registered: Home) -> None:
    rules = registered.rules()

    raw = with_dataset(registered, {"data_quality": "high"}, "desk@1", rules=rules)

    assert raw["facts"]["data_quality"]["value"] == "mixed"


def test_a_person_is_not_overruled_in_silence(registered: Home) -> None:
    said = {"data_quality": {"value": "high", "evidence": "person:Ada Byron"}}

    with pytest.raises(FactError, match=r"the facts say high, .* of desk@1 says mixed"):
        with_dataset(registered, said, "desk@1", rules=registered.rules())
    agreed = {"data_quality": {"value": "mixed", "evidence": "person:Ada Byron"}}
    with_dataset(registered, agreed, "desk@1", rules=registered.rules())

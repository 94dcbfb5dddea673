"""Similar decisions are counted by facts that are alike, and can be counted again."""

import pytest

from tunewise.domain.decision import Actor
from tunewise.domain.errors import NotRecorded
from tunewise.workflow import decisions
from tunewise.workflow.decisions.similar import MOST, similar
from tunewise.workflow.home import Home

FACTS = {
    "task_type": "knowledge_qa",
    "must_cite_sources": True,
    "training_examples": 300,
    "error_cost": 12,
}


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home", Actor("Ines Okafor"))


def propose(home, title, **facts):
    return decisions.propose(home, {**FACTS, **facts}, title=title)["id"]


def test_the_most_alike_comes_first_and_says_what_differs(home):
    asked = propose(home, "Asked")
    same = propose(home, "Same", training_examples=500)  # within a factor of two
    other = propose(home, "Other", must_cite_sources=False, data_quality="high")

    found = similar(home, asked)

    assert [view["id"] for view in found] == [same, other]
    assert (found[0]["alike"], found[0]["of"], found[0]["differs"]) == (4, 4, [])
    # three of the four are alike, and the other one has one fact more
    assert (found[1]["alike"], found[1]["of"]) == (3, 5)
    assert found[1]["differs"] == ["must_cite_sources"]


def test_the_same_kind_of_task_comes_before_more_alike_facts(home):
    asked = propose(home, "Asked", data_quality="high")
    summary = propose(home, "Summaries", data_quality="high", task_type="summarisation")
    asks = propose(home, "Questions", error_cost=200)

    assert [view["id"] for view in similar(home, asked)] == [asks, summary]


def test_few_facts_alike_are_not_similar(home):
    asked = propose(home, "Asked")
    decisions.propose(home, {"task_type": "knowledge_qa"}, title="Bare")

    assert similar(home, asked) == []


def test_a_draft_that_it_supersedes_and_what_was_withdrawn_are_no_past(home):
    draft = propose(home, "Draft")
    asked = decisions.supersede(home, draft, FACTS)["id"]
    gone = propose(home, "Gone")
    decisions.withdraw(home, gone, because="a mistake")

    assert similar(home, asked) == []


def test_no_more_than_a_reader_takes_in(home):
    asked = propose(home, "Asked")
    for n in range(MOST + 2):
        propose(home, f"No. {n}")

    assert len(similar(home, asked)) == MOST


def test_an_unknown_decision_is_told(home):
    propose(home, "Asked")
    with pytest.raises(NotRecorded):
        similar(home, "d-nothing")

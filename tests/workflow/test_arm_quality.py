from typing import Any

import pytest

from tunewise.domain.dataset import Dataset, Document, Example, Message, Split
from tunewise.evidence.intervals import mid_p
from tunewise.workflow.experiments.arm_quality import quality_of

DOCUMENTS = (Document("a", "A", "Up."), Document("b", "B", "Down."))


def example(question: str, reference: str, **metadata: Any) -> Example:
    turns = (Message("user", question), Message("assistant", reference))
    return Example(turns, **metadata)


def content(*heldout: Example, train: tuple[Example, ...] = ()) -> Dataset:
    return Dataset({Split.TRAIN: train, Split.HELDOUT: heldout}, DOCUMENTS)


def rows(*answers: str, **more: Any) -> list[dict[str, Any]]:
    return [{"answer": a, **more} for a in answers]


LABELLED = content(
    *(example(f"q{n}", label) for n, label in enumerate(["x", "x", "y", "y"])),
    train=tuple(example(f"t{n}", "xyz"[n % 3]) for n in range(12)),
)


def test_labels_are_scored_one_by_one() -> None:
    found = quality_of(
        LABELLED, [rows("x", "y", "y", "why?")], task_type="classification"
    )

    labels = found["labels"]
    x, y = labels["scores"]
    assert (x["label"], x["support"], x["precision"]["value"]) == ("x", 2, 1.0)
    assert (y["label"], y["recall"]["value"], y["f1"]["value"]) == ("y", 0.5, 0.5)
    assert labels["wrong"] == 2
    assert labels["confusions"] == [
        {"expected": "x", "answered": "y", "count": 1.0},
        {"expected": "y", "answered": None, "count": 1.0},
    ]
    low, high = mid_p(1, 4)
    assert labels["invented"] == {"value": 0.25, "low": low, "high": high, "n": 4}
    assert [k for k, v in found.items() if v] == ["labels"]


def test_texts_that_are_no_labels_are_not_kept_as_labels() -> None:
    told = [example(f"q{n}", f"a story of {n}") for n in range(9)]

    found = quality_of(content(*told), [rows(*["x"] * 9)], task_type="classification")

    assert found["labels"] is None


def test_retrieval_is_judged_by_the_gold_documents_whatever_was_answered() -> None:
    asked = content(
        example("1", "up", gold_doc_ids=("a",)),
        example("2", "down", gold_doc_ids=("b",)),
        example("3", "left"),  # names none: says nothing
    )
    found = [
        {"passages": ["a"], "ranked": ["a", "b"], "answer_shown": True},
        {"passages": ["a"], "ranked": ["a", "b"], "answer_shown": False},
        {"passages": ["b"], "ranked": ["b", "a"], "answer_shown": False},
    ]
    answers = [{"answer": "wrong", "supported": None, **row} for row in found]

    retrieval = quality_of(asked, [answers], task_type="knowledge_qa")["retrieval"]

    assert retrieval["shown"] == 1
    assert [(r["k"], r["value"], r["n"]) for r in retrieval["recall"]] == [
        (1, 0.5, 2),
        (2, 1.0, 2),
    ]
    assert (retrieval["mrr"]["value"], retrieval["depth"]) == (0.75, 2)
    assert retrieval["answer_shown"]["value"] == pytest.approx(1 / 3)


def test_the_gold_passage_has_no_retrieval_to_judge() -> None:
    asked = content(example("1", "up", gold_doc_ids=("a",)))
    answers = rows("up", passages=["a"], ranked=[], answer_shown=True, supported=1.0)

    retrieval = quality_of(asked, [answers], task_type="knowledge_qa")["retrieval"]

    assert retrieval["recall"] == []
    assert retrieval["mrr"] is None
    assert retrieval["answer_shown"]["value"] == 1.0


def test_what_an_imported_answer_was_shown_is_its_ranking() -> None:
    asked = content(example("1", "up", gold_doc_ids=("b",)))

    found = quality_of(
        asked, [rows("up", passages=["a", "b"])], task_type="knowledge_qa"
    )

    assert found["retrieval"]["mrr"]["value"] == 0.5
    assert found["retrieval"]["answer_shown"] is None
    assert found["grounding"]["faithfulness"] is None


def test_citations_are_held_against_what_was_shown_and_what_is_right() -> None:
    asked = content(
        example("1", "up", gold_doc_ids=("a",)),
        example("2", "down", gold_doc_ids=("b",)),
    )
    answers = [
        {"answer": "up [a] [z9]", "passages": ["a"], "supported": 1.0},
        {"answer": "down", "passages": ["a"], "supported": 0.5},
    ]

    grounding = quality_of(asked, [answers], task_type="knowledge_qa")["grounding"]

    assert grounding["citing"]["value"] == 0.5
    assert (grounding["cited_shown"]["value"], grounding["cited_shown"]["n"]) == (
        0.5,
        1,
    )
    assert grounding["cited_gold"]["value"] == 0.5
    assert grounding["faithfulness"]["value"] == 0.75


def test_where_nobody_cites_nothing_is_said_of_citations() -> None:
    asked = content(example("1", "up", gold_doc_ids=("a",)))
    answers = rows("see [1]", passages=["a"], supported=None)

    grounding = quality_of(asked, [answers], task_type="knowledge_qa")["grounding"]

    assert grounding["citing"] is None
    assert grounding["cited_shown"] is None
    assert grounding["faithfulness"] is None


def test_abstaining_is_right_where_nothing_answers_and_wrong_elsewhere() -> None:
    asked = content(
        example("1", "n/a", unanswerable=True),
        example("2", "n/a", unanswerable=True),
        example("3", "up"),
        example("4", "down"),
    )
    answers = rows("N/A.", "I don't know", "n/a", "down")

    found = quality_of(asked, [answers], task_type="knowledge_qa")["abstention"]

    assert (found["unanswerable"]["value"], found["unanswerable"]["n"]) == (1.0, 2)
    assert (found["answerable"]["value"], found["answerable"]["n"]) == (0.5, 2)


def test_without_unanswerable_examples_nothing_is_said_of_abstention() -> None:
    found = quality_of(
        content(example("1", "up")), [rows("up")], task_type="knowledge_qa"
    )

    assert found["abstention"] is None


def test_answers_are_described() -> None:
    asked = content(example("1", "one two"), example("2", "one two three four"))
    answers = rows("I cannot help you with", "no no no no no no")

    found = quality_of(asked, [answers], task_type="summarisation")["described"]

    # 5 words for 2, 6 for 4; two of six 4-grams (all alike: three) are said again
    assert found["length_ratio"]["p50"] == pytest.approx((2.5 + 1.5) / 2)
    assert found["repetition"]["value"] == pytest.approx((0 + 2 / 3) / 2)
    assert found["refusal"]["value"] == 0.5


def test_seeds_are_averaged_for_each_example() -> None:
    asked = content(example("1", "up"), example("2", "down"))
    seeds = [rows("up", "Sorry, I can not"), rows("Sorry, I can not", "down")]

    found = quality_of(asked, seeds, task_type="dialogue")["described"]["refusal"]

    assert (found["value"], found["n"]) == (0.5, 2)


@pytest.mark.parametrize("task", ["extraction", "classification"])
def test_what_a_task_has_nothing_of_is_none(task: str) -> None:
    found = quality_of(content(example("1", "{}")), [rows("{}")], task_type=task)

    assert set(found.values()) == {None}

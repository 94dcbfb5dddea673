"""The conclusion from the gold passage is told wherever an experiment is shown."""

from typing import Any

import pytest

from tunewise.report import documents
from tunewise.report.reading import complete_reading

SCORE = {"value": 0.11, "low": 0.08, "high": 0.15, "n": 100}


def compared(a: str, b: str, difference: float, conclusion: str) -> dict[str, Any]:
    return {
        "a": a,
        "b": b,
        "metric": "token_f1",
        "difference": difference,
        "low": difference - 0.05,
        "high": difference + 0.05,
        "p_value": 0.0004,
        "conclusion": conclusion,
        "needs_n": None,
    }


def reading(**more: Any) -> dict[str, Any]:
    return {
        "conclusion": "weak_reader",
        "retriever": "open",
        "reader": "weak",
        "distracted": False,
        "comparisons": [
            compared("gold_passage", "rag", 0.01, "inconclusive"),
            compared("hybrid", "gold_passage", 0.25, "win"),
        ],
        "gold": SCORE,
        "recall": {"k": 2, "value": 0.61, "low": 0.51, "high": 0.7, "n": 100},
        "answer_shown": {"rag": None, "gold_passage": None},
        "target": 0.6,
        "wanted": 0.6,
        "needs_n": 900,
        "unlike": "",
        **more,
    }


def test_a_weak_reader_is_named_with_what_it_rests_on() -> None:
    told = complete_reading(reading())

    assert told is not None
    assert told["title"] == "Retriever or reader? A weak reader"
    assert told["sentences"] == [
        "No difference shown between gold passage and RAG: token F1 +0.01 "
        "(−0.04 to 0.06), p < 0.001",
        "Hybrid beats gold passage: token F1 +0.25 (0.20–0.30), p < 0.001",
        "Whether the right passage would help is open (recall of the right documents "
        "among the 2 shown 0.61 (0.51–0.70, n = 100))",
        "The reader is weak: given the right passage it scores 0.11 (0.08–0.15, n = "
        "100), below the target 0.6; taught to read, hybrid does better than that",
        "About 900 held-out examples would settle what is open",
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"retriever": "weak"}, "The retriever is weak: the right passage helps"),
        ({"retriever": "enough"}, "with the right passage it does not do better"),
        (
            {"retriever": "enough", "distracted": True},
            "other passages distract the reader",
        ),
        ({"reader": "enough"}, "The reader is good enough: given"),
        ({"reader": "open"}, "Whether the reader is good enough is open"),
        ({"target": None, "wanted": 0.5}, "below 0.5 (no target is stated)"),
        ({"unlike": "RAG picked 0"}, "RAG picked 0: the passages are not all that"),
    ],
)
def test_what_is_shown_is_said_in_words(more: dict[str, Any], said: str) -> None:
    told = complete_reading(reading(**more))

    assert told is not None
    assert any(said in sentence for sentence in told["sentences"])


def test_an_older_experiment_says_nothing_of_it(views: Any) -> None:
    assert complete_reading(None) is None
    assert "Retriever or reader?" not in documents.experiment_html(
        views.experiment_view()
    )


def test_page_and_reports_tell_it(views: Any) -> None:
    view = views.experiment_view() | {"reading": reading()}
    decision = views.decision_view() | {"experiment_views": [view]}

    page = documents.experiment_html(view)
    report = documents.decision_html(decision)
    text = documents.decision_markdown(decision)

    for told in (page, report, text):
        assert "Retriever or reader? A weak reader" in told
        assert "taught to read, hybrid does better" in told

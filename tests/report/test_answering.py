import pytest

from tunewise.report import answering, documents
from tunewise.report.answering import PARTS, notes, speed, tables, timed


def score(value: float, n: int = 10) -> dict[str, float]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1, "n": n}


RETRIEVAL = {
    "shown": 2,
    "recall": [{"k": k, **score(v)} for k, v in ((1, 0.5), (2, 0.6), (5, 0.8))],
    "mrr": score(0.55),
    "depth": 5,
    "answer_shown": score(0.6),
}
LABELS = {
    "scores": [
        {"label": label, "support": 10, "precision": None, "f1": score(f1)}
        for label, f1 in (("a", 0.9), ("b", 0.2), ("c", 0.4), ("d", 0.8))
    ],
    "wrong": 3.0,
    "confusions": [{"expected": "b", "answered": "c", "count": 2.5}],
    "invented": score(0.2),
}


def test_notes_name_the_worst_labels_first() -> None:
    [note] = notes({"labels": LABELS})

    assert note.startswith(
        "F1 is lowest on b 0.20 (0.10–0.30, n = 10), c 0.40 (0.30–0.50, n = 10), d "
    )
    assert "most often taken for another: b as c (2.5)" in note
    assert note.endswith("no label at all: 0.20 (0.10–0.30, n = 10) of the answers")


def test_notes_tell_recall_where_passages_are_shown_and_at_the_end() -> None:
    [note] = notes({"retrieval": RETRIEVAL})

    assert "recall@2 0.60" in note
    assert "recall@5 0.80" in note
    assert "recall@1" not in note
    assert "MRR@5 0.55" in note


def test_an_arm_without_any_of_it_has_no_note() -> None:
    assert notes({"metrics": {}}) == []
    assert tables([{"labels": None}]) == {
        **{part: [] for part in PARTS},
        "ks": [],
    }


def test_every_k_of_any_arm_is_a_column() -> None:
    other = {**RETRIEVAL, "recall": [{"k": 3, **score(0.7)}]}

    found = tables([{"retrieval": RETRIEVAL}, {"retrieval": other}, {}])

    assert found["ks"] == [1, 2, 3, 5]
    assert len(found["retrieval"]) == 2


def test_older_latencies_are_not_said_to_be_taken_as_todays() -> None:
    older = {"latency_seconds": {"p50": 0.4, "p95": 1.0}}

    assert timed([older, {"latency_seconds": None}]) == ""
    assert speed(older) == "– / 400 ms / 1.0 s"
    assert speed({"latency_seconds": None}) == "–"


def test_how_many_passages_were_picked_is_told_on_the_page_and_in_markdown(views):
    tried = [
        {"k": 1, "found": 0.5, "passage_tokens_mean": 40.0},
        {"k": 2, "found": 0.9, "passage_tokens_mean": 81.0},
    ]
    picked = {"k": 2, "questions": 30, "least_gain": 0.02, "tried": tried}
    view = views.experiment_view()
    view["arms"]["hybrid"]["passages_tried"] = picked
    decision = views.decision_view() | {"experiment_views": [view]}
    said = "assages shown: 2, picked on 30 validation questions"

    assert said in documents.experiment_html(view)
    assert said in documents.decision_html(decision)
    assert said in documents.decision_markdown(decision)


@pytest.mark.parametrize(
    ("tried", "questions", "said"),
    [
        (1, 30, "passages shown: 1, the only number that was tried"),
        (2, 0, "the fewest: no right passage is known of validation"),
    ],
)
def test_where_nothing_was_picked_it_says_why(tried, questions, said):
    each = [
        {"k": n + 1, "found": None, "passage_tokens_mean": 4.0} for n in range(tried)
    ]
    picked = {"k": 1, "questions": questions, "least_gain": 0.02, "tried": each}

    assert said in answering.passages_picked(picked)


def test_the_prompt_of_an_arm_is_shown_in_its_form(views, parse):
    text = parse(documents.experiment_html(views.experiment_view())).text

    assert "Name the queue." in text
    assert "‹question›" in text

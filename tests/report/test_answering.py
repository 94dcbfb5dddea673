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

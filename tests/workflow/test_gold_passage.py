"""The gold passage tells a weak retriever from a weak reader, or says it cannot."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainer.scoring import MetricCounts
from tunewise.workflow.experiments import gold_passage, results
from tunewise.workflow.experiments.one_run import Task, config_of
from tunewise.workflow.experiments.planning import make_plan
from tunewise.workflow.home import Home

from .answered import conclude_with, write_task

N = 200
TERMS = results.Terms("token_f1", margin=0.02, heldout_digest="sha256:1", groups=None)
QA = 'type = "knowledge_qa", metric = "exact_match"'


def counts(right: int, n: int = N) -> MetricCounts:
    values = np.array([1.0] * right + [0.0] * (n - right))
    return MetricCounts(right / n, np.column_stack([values, np.ones(n)]), "mean")


def view(found: MetricCounts, **more: Any) -> dict[str, Any]:
    metrics = results.metrics_view({"token_f1": found}, None)
    return {"model": "tiny", "metrics": metrics, "retrieval": None, **more}


def retrieved(right: int, shown: int, n: int = N) -> dict[str, Any]:
    """Return retrieval of which so many right documents, and answers, were shown."""
    recall, answer = (
        results.metrics_view({"m": counts(each, n)}, None)["m"]
        for each in (right, shown)
    )
    return {"shown": 1, "recall": [{"k": 1, **recall}], "answer_shown": answer}


def conclude(
    scores: Mapping[str, int],
    *,
    target: float | None = None,
    found: int = 100,
    n: int = N,
    shots: Mapping[str, int] | None = None,
    model: str = "tiny",
) -> dict[str, Any]:
    """Conclude from how many answers each was right in; rag finds ``found``."""
    by_arm = {arm: counts(right, n) for arm, right in scores.items()}
    views = {arm: view(c) for arm, c in by_arm.items()}
    views["rag"]["retrieval"] = retrieved(found, found, n)
    views["gold_passage"] |= {"retrieval": retrieved(n, n, n), "model": model}
    gold = by_arm.pop("gold_passage")
    reading = gold_passage.concluded(
        by_arm,
        gold,
        views,
        TERMS,
        shots=shots or dict.fromkeys(views, 2),
        target=target,
    )
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    ("scores", "more", "conclusion"),
    [
        ({"rag": 90, "gold_passage": 180}, {"target": 0.8}, "weak_retriever"),
        ({"rag": 90, "gold_passage": 180}, {}, "weak_retriever"),
        ({"rag": 20, "gold_passage": 20}, {"target": 0.8}, "weak_reader"),
        ({"rag": 20, "gold_passage": 22}, {}, "weak_reader"),
        ({"rag": 20, "gold_passage": 60}, {"target": 0.8}, "both"),
        ({"rag": 20, "gold_passage": 60}, {}, "both"),
        ({"rag": 180, "gold_passage": 180}, {"target": 0.8}, "neither"),
        ({"rag": 180, "gold_passage": 180}, {}, "neither"),
        ({"rag": 176, "gold_passage": 180}, {"target": 0.8}, "inconclusive"),
        ({"rag": 160, "gold_passage": 160}, {"target": 0.8}, "inconclusive"),
        # all was found: what the gold passage brings is that it stands alone
        ({"rag": 90, "gold_passage": 180}, {"found": N}, "weak_reader"),
    ],
)
def test_conclusions(
    scores: dict[str, int], more: dict[str, Any], conclusion: str
) -> None:
    assert conclude(scores, **more)["conclusion"] == conclusion


def test_what_is_open_says_about_how_many_examples_would_settle_it() -> None:
    # n = 12: 8 against 6 right is far from shown
    reading = conclude({"rag": 6, "gold_passage": 8}, n=12, found=6)

    assert (reading["retriever"], reading["reader"]) == ("open", "open")
    assert reading["conclusion"] == "inconclusive"
    assert reading["needs_n"] > 12


def test_a_taught_reader_shows_that_the_untaught_one_is_weak() -> None:
    scores = {"rag": 104, "gold_passage": 120, "hybrid": 170}

    reading = conclude(scores, found=190)

    assert reading["reader"] == "weak"
    pairs = [(c["a"], c["b"]) for c in reading["comparisons"]]
    assert pairs == [("gold_passage", "rag"), ("hybrid", "gold_passage")]
    assert reading["comparisons"][1]["difference"] == pytest.approx(0.25)


def test_a_reader_that_meets_the_target_is_not_weak_because_another_is_better() -> None:
    scores = {"rag": 180, "gold_passage": 180, "hybrid": 198}

    assert conclude(scores, target=0.8)["reader"] == "enough"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"shots": {"rag": 0, "gold_passage": 2}}, "with 2 shots, RAG picked 0"),
        ({"model": "other"}, "read by other, RAG's by tiny"),
    ],
)
def test_nothing_follows_about_the_retriever_where_more_than_it_differs(
    more: dict[str, Any], why: str
) -> None:
    reading = conclude({"rag": 90, "gold_passage": 180}, **more)

    assert reading["conclusion"] == "unlike"
    assert why in reading["unlike"]
    assert reading["needs_n"] is None


def test_without_rag_or_the_gold_passage_nothing_is_concluded() -> None:
    shots = {"rag": 0}

    alone = gold_passage.concluded(
        {"prompt": counts(9)}, counts(9), {}, TERMS, shots=shots, target=None
    )
    without = gold_passage.concluded(
        {"rag": counts(9)}, None, {}, TERMS, shots=shots, target=None
    )

    assert (alone, without) == (None, None)


@pytest.mark.parametrize(
    ("details", "k", "shots"),
    [({"k": 1}, [1], 0), ({"k": 2, "shots": [[], [], []]}, [2], 3)],
)
def test_the_gold_passage_is_read_with_the_set_up_that_rag_picked(
    home: Home, tmp_path: Path, details: dict[str, Any], k: list[int], shots: int
) -> None:
    extra = 'arms = ["rag"]\nbase_model = "none"\nrag = { k = [1, 2], shots = 3 }'
    spec = write_task(tmp_path, [f"answer {n}" for n in range(30)], QA, extra)
    plan = make_plan(home, spec, tell=lambda _: None, here=False)
    rag, gold = (Task(plan, arm, 0) for arm in ("rag", "gold_passage"))

    before = config_of(gold)["rag"]
    rag.folder.mkdir(parents=True)
    result = {"status": "finished", "details": details}
    (rag.folder / "result.json").write_text(json.dumps(result))
    after = config_of(gold)["rag"]

    assert (before["k"], before["shots"]) == ((1, 2), 3)
    assert (after["k"], after["shots"]) == (k, shots)
    assert config_of(rag)["rag"] == before


def test_an_experiment_concludes_from_its_own_runs(home: Home, tmp_path: Path) -> None:
    references = [f"answer {n}" for n in range(120)]
    extra = 'arms = ["rag", "hybrid"]\nbase_model = "none"'
    spec = write_task(tmp_path, references, QA, extra)

    def said(right: int) -> list[str]:
        return [*references[:right], *["no idea"] * (len(references) - right)]

    def rows(found: int) -> Sequence[dict[str, Any]]:
        right = [{"passages": [f"d{n % 5}"], "answer_shown": True} for n in range(120)]
        wrong = {"passages": ["elsewhere"], "answer_shown": False}
        return [*right[:found], *[wrong] * (120 - found)]

    report = conclude_with(
        home,
        spec,
        {"rag": said(30), "hybrid": said(60), "gold_passage": said(90)},
        {"rag": rows(50), "hybrid": rows(50), "gold_passage": rows(120)},
    )

    reading = report["reading"]
    assert reading["conclusion"] == "weak_retriever"
    assert reading["recall"]["value"] == pytest.approx(50 / 120)
    assert reading["recall"]["k"] == 1
    assert reading["answer_shown"]["gold_passage"]["value"] == 1.0
    assert reading["gold"]["value"] == 0.75

"""What the rules alone foresaw is kept beside what was measured, and counted."""

from pathlib import Path
from typing import Any

import pytest

from tunewise.domain.facts import (
    Comparison,
    Conclusion,
    Evidence,
    EvidenceKind,
    Fact,
    FactSheet,
)
from tunewise.workflow.experiments import predictions
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments.prediction import blind, judged
from tunewise.workflow.home import Home

from .conftest import write_spec
from .elsewhere import RIGHT, WRONG, import_arm
from .on_heldout import measure, register

SCORES = {"prompt": 0.6, "rag": 0.8, "finetune": 0.9}


def compared(a: str, b: str, conclusion: Conclusion, difference: float) -> Comparison:
    low, high = difference - 0.05, difference + 0.05
    return Comparison(a, b, "accuracy", difference, low, high, 0.01, conclusion)


def says(option: str) -> dict[str, Any]:
    return {"recommended": option, "reconstructed": False}


def test_the_best_arm_has_no_regret() -> None:
    found = judged(says("finetune"), SCORES, ())

    assert (found["outcome"], found["best"]) == ("best", ["finetune"])
    assert found["regret"]["value"] == 0.0


def test_of_equal_scores_each_is_the_best() -> None:
    found = judged(says("prompt"), {"prompt": 0.9, "rag": 0.9}, ())

    assert (found["outcome"], found["best"]) == ("best", ["prompt", "rag"])


def test_regret_is_seen_from_the_best_arm_with_its_interval() -> None:
    lost = compared("rag", "finetune", Conclusion.LOSE, -0.1)

    found = judged(says("rag"), SCORES, [lost])

    assert found["outcome"] == "not_best"
    assert found["regret"] == {
        "value": 0.1,
        "low": pytest.approx(0.05),
        "high": pytest.approx(0.15),
        "conclusion": "win",
    }


def test_equivalent_to_the_best_counts_as_right() -> None:
    same = compared("rag", "finetune", Conclusion.EQUIVALENT, -0.01)

    assert judged(says("rag"), SCORES, [same])["outcome"] == "equivalent"


@pytest.mark.parametrize(
    ("option", "scores", "outcome"),
    [
        ("defer", SCORES, "defer"),
        ("hybrid", SCORES, "unmeasured"),
        ("prompt", {"prompt": 0.6}, "one_arm"),
        ("rag", {}, "unmeasured"),
    ],
)
def test_what_nothing_can_be_held_against_is_called_so(
    option: str, scores: dict[str, float], outcome: str
) -> None:
    found = judged(says(option), scores, ())

    assert (found["outcome"], found["regret"]) == (outcome, None)


def test_the_rules_alone_see_no_score_and_nothing_that_a_run_set() -> None:
    ran, said = Evidence(EvidenceKind.RUN, "r-1"), Evidence(EvidenceKind.PERSON, "Ada")
    sheet = FactSheet(
        {
            fact.name: fact
            for fact in (
                Fact("rag_score", 0.8, evidence=ran),
                Fact("prompt_score", 0.5),
                Fact("rag_tried", True, evidence=ran),
                Fact("prompt_tried", True, evidence=said),
                Fact("target_score", 0.7),
            )
        },
        (compared("rag", "prompt", Conclusion.WIN, 0.3),),
    )

    seen = blind(sheet)

    assert set(seen.facts) == {"prompt_tried", "target_score"}
    assert seen.comparisons == ()


@pytest.fixture
def spec(toy: Path) -> Path:
    """The toy's specification; its facts state a score that decides, if it is seen."""
    stated = (
        "facts.must_cite_sources = true\n"
        'facts.prompt_score = { value = 0.99, evidence = "person:Ada" }'
    )
    return write_spec(toy, "no-such-model", stated)


def test_an_experiment_records_what_the_rules_alone_say_before_it_measures(
    home: Home, spec: Path
) -> None:
    import_arm(home, spec, "prompt", WRONG)

    report = import_arm(home, spec, "rag", RIGHT)

    found = report["prediction"]
    # to cite sources rules tuning out and asks for retrieval
    assert (found["recommended"], found["outcome"]) == ("rag", "best")
    assert found["left_out"] == ["prompt_score"]
    assert found["reconstructed"] is False
    assert experiments.show(home, report["experiment"])["prediction"] == found


def test_the_home_keeps_score_and_counts_apart_what_cannot_be_held(
    home: Home, spec: Path
) -> None:
    import_arm(home, spec, "prompt", WRONG)
    import_arm(home, spec, "rag", RIGHT)  # rag foreseen, rag best
    import_arm(home, spec, "prompt", RIGHT, new=True)
    import_arm(home, spec, "rag", WRONG)  # rag foreseen, prompt best by 1
    import_arm(home, spec, "prompt", RIGHT, new=True)  # rag foreseen, not measured

    view = predictions.of_home(home)

    assert (view["n"], view["best"], view["equivalent"]) == (2, 1, 0)
    assert view["right"]["value"] == 0.5
    # Wilson for 1 of 2
    assert view["right"]["low"] == pytest.approx(0.0945, abs=1e-3)
    assert (view["regret_mean"], view["regret_mean_when_not"]) == (0.5, 1.0)
    assert view["apart"] == {"defer": 0, "unmeasured": 1, "one_arm": 0}
    assert view["heldout_splits"] == 1
    assert len(view["experiments"]) == 3


def test_an_experiment_of_older_software_is_reconstructed_and_marked(
    home: Home,
) -> None:
    register(home)
    measure(home, "e-1", "desk@1")

    (row,) = predictions.of_home(home)["experiments"]

    assert row["reconstructed"] is True
    assert row["outcome"] in ("defer", "unmeasured")


def test_a_home_without_records_has_foreseen_nothing(home: Home) -> None:
    view = predictions.of_home(home)

    assert (view["n"], view["right"], view["regret_mean"]) == (0, None, None)

from typing import Any

import pytest

from tunewise.report.trainings import complete_trainings


def point(arm: str, examples: int, value: float) -> dict[str, Any]:
    ends = {"value": value, "low": value - 0.1, "high": value + 0.1, "n": 100}
    return {"arm": arm, "run": f"r-{arm}", "examples": examples, **ends}


def compared(conclusion: str, difference: float, needs_n: int | None) -> dict[str, Any]:
    return {
        "conclusion": conclusion,
        "difference": difference,
        "low": difference - 0.06,
        "high": difference + 0.06,
        "p_value": 0.0004,
        "needs_n": needs_n,
    }


def curve(
    conclusion: str = "win", difference: float = 0.08, needs_n: int | None = None
) -> dict[str, Any]:
    points = [
        point("finetune_quarter", 40, 0.5),
        point("finetune_half", 80, 0.61),
        point("finetune", 160, 0.69),
    ]
    return {
        "metric": "accuracy",
        "seed": 0,
        "points": points,
        "comparison": compared(conclusion, difference, needs_n),
    }


def unflagged(conclusion: str, flagged: int = 14) -> dict[str, Any]:
    return {
        **curve(conclusion, -0.08),
        "points": [
            point("finetune_unflagged", 146, 0.77),
            point("finetune", 160, 0.69),
        ],
        "flagged": flagged,
        "left_out": {"exact_duplicates": 5, "refusals": 9},
    }


def test_a_curve_that_still_rises_says_that_more_would_help() -> None:
    (found,) = complete_trainings({"curve": curve()})

    assert found["title"] == "Would more examples help?"
    assert found["sentence"] == (
        "more examples would probably help (half 0.61, all 0.69: accuracy +0.08, "
        "0.02 to 0.14, p < 0.001, n = 100)"
    )
    assert [p["label"] for p in found["points"]] == ["a quarter", "half", "all"]
    assert [row["label"] for row in found["chart"]["rows"]] == [
        "a quarter: 40",
        "half: 80",
        "all: 160",
    ]


def test_what_is_not_shown_is_not_called_a_no() -> None:
    (found,) = complete_trainings({"curve": curve("inconclusive", 0.01, 430)})

    assert (
        "no sign that more examples would help, and none that they would not"
        in (found["sentence"])
    )
    assert found["sentence"].endswith("about 430 held-out examples would settle it")


@pytest.mark.parametrize(
    ("conclusion", "said"),
    [
        ("lose", "more examples would probably not help"),
        ("equivalent", "more examples would hardly help"),
    ],
)
def test_a_curve_that_falls_or_is_flat_is_said(conclusion: str, said: str) -> None:
    (found,) = complete_trainings({"curve": curve(conclusion)})

    assert found["sentence"].startswith(said)


@pytest.mark.parametrize(
    ("conclusion", "said"),
    [
        ("win", "without the 14 flagged examples the score is lower"),
        ("lose", "without the 14 flagged examples the score is higher"),
        ("equivalent", "without the 14 flagged examples the score is the same"),
        ("inconclusive", "whether it is better without the 14 flagged examples is not"),
    ],
)
def test_quality_over_quantity_is_said_in_words(conclusion: str, said: str) -> None:
    (found,) = complete_trainings({"unflagged": unflagged(conclusion)})

    assert found["sentence"].startswith(said)
    assert "without 14 0.77, all 0.69" in found["sentence"]
    assert found["because"] == "flagged for exact duplicates (5), refusals (9)"


def test_one_flagged_example_is_one() -> None:
    (found,) = complete_trainings({"unflagged": unflagged("lose", 1)})

    assert found["sentence"].startswith("without the flagged example the score")


def test_a_training_that_failed_leaves_the_scores_of_the_others() -> None:
    view = {**curve(), "comparison": None}

    (found,) = complete_trainings({"curve": view})

    assert found["sentence"] == "not compared: one of the two trainings did not finish"
    assert len(found["points"]) == 3


def test_older_reports_measured_nothing_of_it() -> None:
    assert complete_trainings({}) == []
    assert complete_trainings({"curve": None, "unflagged": None}) == []

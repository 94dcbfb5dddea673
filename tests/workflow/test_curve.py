"""Which parts of train are measured, and what the finetune arm shows beside them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from trainer.scoring import MetricCounts
from tunewise.domain.dataset import Dataset, Example, Message, Split
from tunewise.domain.experiment import ExperimentSpec, FinetuneSpec, TaskSpec
from tunewise.workflow.experiments.curve import Trained, curve_view, unflagged_view
from tunewise.workflow.experiments.parts import Part, parts_of
from tunewise.workflow.experiments.results import Terms

TERMS = Terms("accuracy", margin=0.02, heldout_digest="sha256:1", groups=None)
SPEC = ExperimentSpec(
    title="Toy",
    dataset="toy@1",
    dataset_files={},
    facts={},
    task=TaskSpec("classification", "accuracy"),
    arms=("prompt", "finetune"),
)


def dataset(number: int) -> Dataset:
    examples = tuple(
        Example((Message("user", f"q{n}"), Message("assistant", "a")), line=n)
        for n in range(1, number + 1)
    )
    return Dataset({Split.TRAIN: examples})


def sizes(
    number: int, flagged: dict[str, Any] | None, **changed: Any
) -> dict[str, int]:
    data = dataset(number)
    spec = replace(SPEC, finetune=FinetuneSpec(**changed))
    return {
        name: len(part.examples)
        for name, part in parts_of(spec, data, data, flagged).items()
    }


def trained(right: int, examples: int = 80, of: int = 100) -> Trained:
    values = np.array([1.0] * right + [0.0] * (of - right))
    counts = np.column_stack([values, np.ones(of)])
    return Trained("r-1", 0, examples, MetricCounts(right / of, counts, "mean"))


# --- which parts there are


def test_a_quarter_a_half_and_what_is_not_flagged_are_measured() -> None:
    assert sizes(64, {"refusals": [1, 2], "exact_duplicates": [2]}) == {
        "finetune_quarter": 16,
        "finetune_half": 32,
        "finetune_unflagged": 62,
    }


def test_parts_of_fewer_than_sixteen_examples_are_not_measured() -> None:
    assert sizes(63, {}) == {"finetune_half": 31}
    assert sizes(31, {"refusals": list(range(1, 20))}) == {}


@pytest.mark.parametrize("flagged", [{}, None], ids=["nothing flagged", "not known"])
def test_without_flagged_examples_nothing_is_left_out(flagged: Any) -> None:
    assert list(sizes(64, flagged)) == ["finetune_quarter", "finetune_half"]


def test_either_question_may_be_left_out() -> None:
    flagged = {"refusals": [1]}

    assert list(sizes(64, flagged, curve=False)) == ["finetune_unflagged"]
    assert "finetune_unflagged" not in sizes(64, flagged, without_flagged=False)


def test_only_the_finetune_arm_is_measured_on_parts() -> None:
    data = dataset(64)

    assert parts_of(replace(SPEC, arms=("prompt", "hybrid")), data, data, {}) == {}


def test_a_training_without_one_in_two_hundred_is_not_worth_its_time() -> None:
    flagged = {"refusals": [1]}

    assert "finetune_unflagged" in sizes(100, flagged)
    assert "finetune_unflagged" not in sizes(200, flagged)


def test_flagged_examples_are_found_in_what_a_limit_leaves_of_train() -> None:
    whole = dataset(100)
    content = Dataset({Split.TRAIN: whole.split(Split.TRAIN)[40:]})  # lines 41 to 100

    part = parts_of(SPEC, content, whole, {"refusals": [1, 41], "marks": [41, 2]})

    assert part["finetune_unflagged"].flagged == 1
    assert part["finetune_unflagged"].left_out == {"refusals": 1, "marks": 1}
    assert [e.line for e in part["finetune_unflagged"].examples] == [*range(42, 101)]


def test_diagnostics_run_on_the_base_of_the_finetune_arm() -> None:
    spec = replace(SPEC, finetune=FinetuneSpec(model="other"))

    assert spec.model_of("finetune_half") == "other"
    assert spec.endpoint_of("finetune_half") is None


# --- what they show


def test_all_examples_are_compared_with_half_of_them() -> None:
    found = curve_view(
        {
            "finetune": trained(90, 160),
            "finetune_half": trained(60, 80),
            "finetune_quarter": trained(40, 40),
        },
        TERMS,
    )

    assert found is not None
    shown = [(p["arm"], p["examples"], p["value"], p["n"]) for p in found["points"]]
    assert shown == [
        ("finetune_quarter", 40, 0.4, 100),
        ("finetune_half", 80, 0.6, 100),
        ("finetune", 160, 0.9, 100),
    ]
    assert all(p["low"] < p["value"] < p["high"] for p in found["points"])
    compared = found["comparison"]
    assert (compared["a"], compared["b"]) == ("finetune", "finetune_half")
    assert compared["difference"] == pytest.approx(0.3)
    assert compared["conclusion"] == "win"


@pytest.mark.parametrize("missing", ["finetune", "finetune_half"])
def test_a_training_that_failed_leaves_the_others_and_no_comparison(
    missing: str,
) -> None:
    every = {
        "finetune": trained(90),
        "finetune_half": trained(60),
        "finetune_quarter": trained(40),
    }

    found = curve_view({k: v for k, v in every.items() if k != missing}, TERMS)

    assert found is not None
    assert found["comparison"] is None
    assert len(found["points"]) == 2


def test_there_is_no_curve_of_the_finetune_arm_alone() -> None:
    assert curve_view({"finetune": trained(90)}, TERMS) is None


def test_what_is_left_out_is_counted_beside_the_comparison() -> None:
    part = Part((), flagged=14, left_out={"refusals": 9, "exact_duplicates": 6})
    measured = {"finetune": trained(60, 160), "finetune_unflagged": trained(80, 146)}

    found = unflagged_view(measured, {"finetune_unflagged": part}, TERMS)

    assert found is not None
    assert (found["flagged"], found["left_out"]["refusals"]) == (14, 9)
    assert found["comparison"]["conclusion"] == "lose"
    assert unflagged_view({"finetune": trained(60)}, {}, TERMS) is None

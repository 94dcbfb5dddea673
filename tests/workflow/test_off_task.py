"""What tuned weights lost elsewhere: the examples, what they show, the record."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tunewise.datasets import canonical, chat
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import ExperimentSpec, RegressionSpec
from tunewise.resources import off_task_file
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import planning
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments.off_task import (
    described,
    examples_again,
    examples_of,
    off_task_view,
    warned,
)
from tunewise.workflow.experiments.planned import plan_again
from tunewise.workflow.experiments.specs import read_spec
from tunewise.workflow.home import Home
from tunewise.workflow.models import exporting, versions

from .conftest import Measured, write_jsonl, write_spec

CHECKED = RegressionSpec()


def spec_of(regression: RegressionSpec = CHECKED, **changed: Any) -> ExperimentSpec:
    said = {"title": "Desk", "dataset": "desk@1", "dataset_files": {}, "facts": {}}
    task: Any = None
    return ExperimentSpec(
        **said, task=task, regression=regression, **{"arms": ("finetune",)} | changed
    )


def a_line(question: str, answer: str) -> dict[str, Any]:
    asked = {"role": "user", "content": question}
    return {"messages": [asked, {"role": "assistant", "content": answer}]}


def result(
    base: Sequence[float],
    tuned: Sequence[float],
    f1: tuple[Sequence[float], Sequence[float]] | None = None,
) -> dict[str, Any]:
    """A run's result with the losses of both models, and perhaps their token F1."""
    before, after = f1 or ([0.5] * len(base), [0.5] * len(base))
    found = {
        "base": {"loss": [*base], "token_f1": [*before]},
        "tuned": {"loss": [*tuned], "token_f1": [*after]},
        "left_out": 0,
        "seconds": 1.0,
    }
    return {"off_task": found}


# --- which examples


def test_shipped_examples_are_few_short_and_of_every_kind() -> None:
    found = chat.parse(off_task_file().read_bytes(), file="off-task.jsonl")

    assert found.findings == ()
    assert 48 <= len(found.examples) <= 64
    kinds = {e.id.rpartition("-")[0] for e in found.examples}
    assert kinds == {
        "knowledge",
        "arithmetic",
        "instruction",
        "rewriting",
        "classification",
        "explanation",
    }
    assert len({e.question for e in found.examples}) == len(found.examples)
    assert max(len(e.reference.split()) for e in found.examples) == 14
    assert all(not e.answers or e.reference in e.answers for e in found.examples)
    assert examples_of(spec_of()) == found.examples


@pytest.mark.parametrize(
    "spec",
    [spec_of(RegressionSpec(check=False)), spec_of(arms=("prompt", "rag"))],
    ids=["switched off", "nothing is trained"],
)
def test_nothing_is_checked_where_nothing_is_to_be(spec: ExperimentSpec) -> None:
    assert examples_of(spec) == ()
    assert described(spec, ()) is None


def test_a_specification_names_examples_of_its_own(toy: Path) -> None:
    write_jsonl(toy / "own.jsonl", [a_line("1 + 1?", "2"), a_line("Red?", "Yes")])

    spec = read_spec(write_spec(toy, extra='regression.examples = "own.jsonl"'))

    found = examples_of(spec)
    assert [e.reference for e in found] == ["2", "Yes"]
    kept = described(spec, found)
    assert kept == {
        "examples": "own.jsonl",
        "n": 2,
        "digest": canonical.split_digest(found).digest,
    }


WRONG = {
    "no file": (None, "regression.examples: no such file: .*own.jsonl"),
    "no chat": (["3\n"], r"own.jsonl:1: the line is a number, not an object"),
    "no reference": (
        [json.dumps(a_line("1 + 1?", "2")) + "\n", '{"messages": []}\n'],
        r"own.jsonl:2: there is no list of messages",
    ),
    "one": ([json.dumps(a_line("1 + 1?", "2"))], "1 examples say nothing of others"),
    "empty": ([""], "own.jsonl: the file is empty"),
}


@pytest.mark.parametrize(("lines", "message"), WRONG.values(), ids=WRONG)
def test_a_file_that_cannot_be_taken_is_refused_before_anything_is_written(
    home: Home, toy: Path, lines: list[str] | None, message: str
) -> None:
    if lines is not None:
        (toy / "own.jsonl").write_text("".join(lines))
    spec = write_spec(toy, extra='regression.examples = "own.jsonl"')

    with pytest.raises(SpecError, match=message):
        planning.make_plan(home, spec, tell=lambda _: None, here=False)

    assert not home.path.exists()


def test_an_experiment_goes_on_with_the_examples_that_it_began_with(
    tmp_path: Path,
) -> None:
    spec, kept = spec_of(), tmp_path / "off-task.jsonl"
    began = examples_of(spec)[:3]
    recorded = described(spec, began)
    kept.write_bytes(canonical.to_jsonl(began))

    assert [e.id for e in examples_again(spec, kept, recorded)] == [e.id for e in began]
    # others are shipped since, and the copy is gone: nothing is mixed up
    assert examples_again(spec, tmp_path / "gone", recorded) == ()
    # recorded before there was a check, or without one
    assert examples_again(spec, kept, None) == ()
    # the file that was named is not there any more
    own = replace(spec, regression=RegressionSpec(examples=str(tmp_path / "no.jsonl")))
    assert examples_again(own, tmp_path / "gone", recorded) == ()


# --- what they show


def test_a_loss_that_rises_is_called_worse_and_warned_of() -> None:
    base = [2.0 + n / 100 for n in range(48)]
    tuned = [b + 0.5 + (n % 5) / 50 for n, b in enumerate(base)]

    found = off_task_view("finetune", [result(base, tuned)], CHECKED)

    assert found is not None
    # by hand: 2 + 0.235; half a nat, and of 48 remainders of 5 the mean 1.9375 / 50
    assert found["loss"]["before"] == pytest.approx(2.235)
    assert found["loss"]["difference"] == pytest.approx(0.53875, abs=1e-4)
    assert 0.5 < found["loss"]["low"] < found["loss"]["high"] < 0.6
    assert (found["worse"], found["examples"], found["not_checked"]) == (
        True,
        "shipped",
        "",
    )
    [warning] = warned({"finetune": {"off_task": found}, "prompt": {}})
    assert "nats a token (+0.54, 0.5" in warning
    assert "it got worse at other things. Serve it for this task only." in warning


def test_answers_that_get_worse_are_enough() -> None:
    same = [1.0] * 40
    f1 = ([0.8] * 40, [0.1 * (n % 4) for n in range(40)])

    found = off_task_view("hybrid", [result(same, same, f1)], CHECKED)

    assert found is not None
    assert found["loss"]["difference"] == 0.0
    assert found["token_f1"]["high"] < 0
    assert found["worse"]


def test_where_nothing_changed_no_regression_is_shown() -> None:
    same = [1.0, 2.0, 3.0]

    found = off_task_view("finetune", [result(same, same)], CHECKED)

    assert found is not None
    assert {found["loss"][k] for k in ("difference", "low", "high")} == {0.0}
    assert not found["worse"]
    assert warned({"finetune": {"off_task": found}}) == []


def test_seeds_are_averaged_for_each_example_first() -> None:
    runs = [result([1.0, 1.0], [1.0, 2.0]), result([1.0, 1.0], [3.0, 2.0])]

    found = off_task_view("finetune", runs, CHECKED)

    assert found is not None
    assert (found["loss"]["after"], found["loss"]["n"]) == (2.0, 2)
    assert found["loss"]["low"] == found["loss"]["high"] == 1.0  # both rose by one


@pytest.mark.parametrize(
    ("given", "regression", "why"),
    [
        ({"imported": {"n": 6}}, CHECKED, "imported, and its weights are not here"),
        ({"off_task": None}, RegressionSpec(check=False), "switches it off"),
        ({}, CHECKED, "older software ran it"),
        (result([], []), CHECKED, "fewer than 2 are left"),
    ],
    ids=["imported", "off", "old", "too long"],
)
def test_what_was_not_checked_says_why(
    given: dict[str, Any], regression: RegressionSpec, why: str
) -> None:
    found = off_task_view("finetune", [given], regression)

    assert found is not None
    assert why in found["not_checked"]
    assert warned({"finetune": {"off_task": found}}) == []


def test_an_arm_that_does_not_train_has_nothing_to_check() -> None:
    assert off_task_view("prompt", [{}], CHECKED) is None


# --- in an experiment that was run


@pytest.mark.model
def test_every_arm_that_trains_is_checked_and_the_others_are_not(
    measured: Measured,
) -> None:
    arms = measured.report["arms"]

    for arm in ("finetune", "hybrid"):
        found = arms[arm]["off_task"]
        assert (found["examples"], found["not_checked"]) == ("shipped", "")
        for key in ("loss", "token_f1"):
            assert found[key]["n"] == 48
            assert found[key]["low"] <= found[key]["difference"] <= found[key]["high"]
            change = found[key]["after"] - found[key]["before"]
            assert found[key]["difference"] == pytest.approx(change)
    assert arms["prompt"]["off_task"] is None
    shown = experiments.show(measured.home, measured.report["experiment"])
    assert shown["arms"]["finetune"]["off_task"] == arms["finetune"]["off_task"]
    said = [w for w in shown["warnings"] if "Serve it for this task only" in w]
    worse = [a for a in ("finetune", "hybrid") if arms[a]["off_task"]["worse"]]
    assert len(said) == len(worse)


@pytest.mark.model
def test_the_base_is_measured_alike_in_every_run(measured: Measured) -> None:
    runs = [measured.report["arms"][a]["run"] for a in ("finetune", "hybrid")]

    found = [experiments.show_run(measured.home, run)["result"] for run in runs]

    first, second = (f["off_task"]["base"] for f in found)
    assert first == second


@pytest.mark.model
def test_it_is_kept_with_the_model_version_and_its_card(
    measured: Measured, tmp_path: Path
) -> None:
    home, report = measured.home, measured.report
    found = report["arms"]["finetune"]["off_task"]

    version = versions.register(home, report["experiment"], "finetune")

    assert version["off_task"] == found
    exporting.export(home, version["model"], tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "Off the task: loss " in card
    assert "nats a token" in card


@pytest.mark.model
def test_a_plan_on_record_has_its_examples_and_their_digest(measured: Measured) -> None:
    home = measured.home
    with home.store() as store:
        row = experiments.records.get(store, measured.report["experiment"])

    again = plan_again(home, row, tell=lambda _: None)

    assert row.body["off_task"] == described(again.spec, again.off_task)
    assert len(again.off_task) == 48
    assert datasets.list_all(home)  # and they are no dataset of their own
    assert {d["name"] for d in datasets.list_all(home)} == {"toy-desk"}

"""The finetune arm on parts of its examples: run, failed, resumed, estimated."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tracker import blobs
from tracker import datasets as dataset_records
from tracker import experiments as records
from tunewise.domain.errors import SpecError
from tunewise.workflow import processes
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import estimating, planned, planning, running
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments.telling import Event
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.models import versions

from .conftest import ADA, NOON, write_jsonl, write_spec, write_toy

PARTS = ["finetune_quarter", "finetune_half", "finetune_unflagged"]
ROLES = ("train", "validation", "heldout")
EXTRA = 'arms = ["finetune"]\nseeds = [0]'


def ignore(_: Event) -> None:
    """Take what a run has to tell."""


def write_larger(folder: Path) -> Path:
    """Write the toy with 66 training examples, two of them with an unfilled mark."""
    write_toy(folder)
    rows = []
    for n in range(66):
        words = "".join(Random(n).choices("abcdefghijklmno    ", k=30))
        asked = words + (" for {{name}}" if n in (3, 40) else "")
        label = ("card", "refund")[n % 2]
        messages = [
            {"role": "system", "content": "Answer card or refund."},
            {"role": "user", "content": asked},
            {"role": "assistant", "content": label},
        ]
        rows.append({"messages": messages, "metadata": {"id": f"t{n}"}})
    write_jsonl(folder / "train.jsonl", rows)
    return folder


@dataclass(frozen=True)
class Twice:
    """An experiment whose half failed at first, and the same when it was resumed."""

    home: Home
    first: dict[str, Any]
    resumed: dict[str, Any]


@pytest.fixture(scope="module")
def twice(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Twice:
    folder = tmp_path_factory.mktemp("trainings")
    spec = write_spec(
        write_larger(folder / "toy"), tiny_model, EXTRA, without="documents"
    )
    home = Home(folder / "home", ADA, clock=lambda: NOON)
    with failing_half():
        first = running.run(home, spec, tell=ignore)
    return Twice(home, first, running.resume(home, first["experiment"], tell=ignore))


@contextmanager
def failing_half() -> Iterator[None]:
    """Let the training on half of the examples fail, and no other."""
    train = processes.train

    def broken(folder: Path, *how: Any) -> processes.Ended:
        if folder.name == "finetune_half-0":
            return processes.Ended(1, "a cable was pulled")
        return train(folder, *how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "train", broken)
        yield


@pytest.mark.model
def test_a_part_that_fails_does_not_fail_the_experiment(twice: Twice) -> None:
    half = twice.first["diagnostics"]["finetune_half"]

    assert twice.first["status"] == "finished"
    assert (half["status"], half["error"].split("\n")[0]) == (
        "failed",
        "a cable was pulled",
    )
    assert twice.first["curve"]["comparison"] is None
    assert [p["arm"] for p in twice.first["curve"]["points"]] == [
        "finetune_quarter",
        "finetune",
    ]


@pytest.mark.model
def test_resumed_it_shows_what_more_examples_would_do(twice: Twice) -> None:
    shown = experiments.show(twice.home, twice.first["experiment"])

    assert list(shown["diagnostics"])[-3:] == PARTS
    assert shown["curve"] == twice.resumed["curve"]
    points = {p["arm"]: p for p in shown["curve"]["points"]}
    assert [p["examples"] for p in points.values()] == [16, 33, 66]
    assert points["finetune"]["run"] == shown["arms"]["finetune"]["run"]
    compared = shown["curve"]["comparison"]
    assert (compared["a"], compared["b"]) == ("finetune", "finetune_half")
    assert compared["difference"] == pytest.approx(
        points["finetune"]["value"] - points["finetune_half"]["value"]
    )
    assert shown["unflagged"]["flagged"] == 2
    assert shown["unflagged"]["left_out"] == {"template_marks": 2}
    assert shown["unflagged"]["points"][0]["examples"] == 64
    # no family of the verdict's: one arm has nobody to be compared with
    assert shown["comparisons"] == []


@pytest.mark.model
def test_parts_are_trained_as_the_arm_and_are_not_timed(twice: Twice) -> None:
    for name in PARTS:
        run = twice.resumed["diagnostics"][name]["run"]
        shown = experiments.show_run(twice.home, run)
        config, result = shown["config"], shown["result"]
        arm = experiments.show_run(twice.home, twice.resumed["arms"]["finetune"]["run"])
        for same in ("finetune", "model_dir", "seed", "train", "validation"):
            assert config[same] == arm["config"][same]
        assert config["train_on"] == f"../data/{name}.jsonl"
        assert result["latency_seconds"] is None
        assert result["checks"]["reloaded_from_disk"]


@pytest.mark.model
def test_weights_of_parts_are_not_kept(twice: Twice) -> None:
    folder = twice.home.runs / twice.first["experiment"]
    run = twice.resumed["diagnostics"]["finetune_quarter"]["run"]
    kept = experiments.show_run(twice.home, run)["result"]

    assert (kept["weights"], kept["weights_blobs"]) == ("", {})
    assert list((folder / "finetune_quarter-0" / "checkpoints").iterdir()) == []
    assert list((folder / "finetune-0" / "checkpoints").iterdir())


@pytest.mark.model
def test_every_part_is_in_the_estimate_and_beside_what_it_took(twice: Twice) -> None:
    with twice.home.store() as store:
        body = records.get(store, twice.first["experiment"]).body
    estimate = body["estimate"]

    assert set(estimate["arms"]) == {"finetune", *PARTS}
    assert [estimate["training"][name]["examples"] for name in PARTS] == [16, 33, 64]
    assert estimate["total"]["seconds"]["value"] == pytest.approx(
        sum(a["all"]["seconds"]["value"] for a in estimate["arms"].values())
    )
    assert {name: part["examples"] for name, part in body["parts"].items()} == {
        "finetune_quarter": 16,
        "finetune_half": 33,
        "finetune_unflagged": 64,
    }
    told = [row["arm"] for row in twice.resumed["forecasts"]]
    assert told == ["finetune", "finetune_quarter", "finetune_unflagged"]  # at once


@pytest.mark.model
def test_their_training_is_no_part_of_what_the_option_costs(twice: Twice) -> None:
    seconds = twice.resumed["arms"]["finetune"]["seconds"]
    (option,) = (
        o for o in twice.resumed["costs"]["options"] if o["option"] == "finetune"
    )

    said = [line for line in option["rests_on"] if "training" in line]
    assert said
    assert json.dumps(option).count("finetune_") == 0
    assert twice.first["arms"]["finetune"]["seconds"] == seconds
    assert twice.resumed["costs"]["options"] == twice.first["costs"]["options"]


@pytest.mark.model
def test_the_record_holds_and_a_model_version_names_settings_alone(
    twice: Twice,
) -> None:
    with twice.home.store() as store:
        body = versions.prepare(store, twice.first["experiment"], "finetune").body

    assert body["training"]["method"] == "lora"
    assert not {"curve", "without_flagged"} & body["training"].keys()
    assert integrity.verify(twice.home)["ok"]


@pytest.mark.model
def test_the_quarter_lies_in_the_half_on_disk(twice: Twice) -> None:
    data = twice.home.runs / twice.first["experiment"] / "data"
    lines = {
        name: set((data / f"{name}.jsonl").read_text().splitlines())
        for name in ("train", *PARTS)
    }

    assert lines["finetune_quarter"] < lines["finetune_half"] < lines["train"]
    assert not any("{{name}}" in line for line in lines["finetune_unflagged"])


# --- what is planned


@pytest.mark.model
def test_a_part_that_is_all_too_long_leaves_the_estimate_of_the_others(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    asked = [f"{n} {chr(97 + n) * 400}" for n in range(16)] + [
        "{{name}}",
        "my {{name}}",
    ]
    rows = [
        {
            "messages": [
                {"role": "user", "content": text},
                {"role": "assistant", "content": ("card", "refund")[n % 2]},
            ]
        }
        for n, text in enumerate(asked)
    ]
    write_jsonl(toy / "train.jsonl", rows)
    spec = write_spec(toy, tiny_model, EXTRA, without="documents")

    found = estimating.estimate(home, spec, tell=ignore)

    # bytes are tokens and 256 the most: two examples are left, both of them flagged
    assert found["training"]["finetune"]["examples"] == 2
    assert list(found["arms"]) == ["finetune"]


def test_a_dataset_says_which_examples_its_warnings_name(
    home: Home, tmp_path: Path
) -> None:
    folder = write_larger(tmp_path / "toy")

    train = folder / "train.jsonl"
    train.write_text("\n" + train.read_text())  # places are not lines of the file

    shown = datasets.register(
        home, "toy", {role: folder / f"{role}.jsonl" for role in ROLES}
    )

    stored = _stored(home, shown, "train")
    marked = [n for n, line in enumerate(stored, start=1) if "{{name}}" in line]
    assert shown["flagged"] == {"template_marks": marked} == {"template_marks": [4, 41]}


@pytest.mark.model
def test_a_version_of_older_software_is_trained_whole_and_that_is_said(
    home: Home, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_larger(tmp_path / "toy")
    register = dataset_records.register

    def older(*given: Any, body: dict[str, Any], **more: Any) -> Any:
        kept = {key: value for key, value in body.items() if key != "flagged"}
        return register(*given, body=kept, **more)

    monkeypatch.setattr(dataset_records, "register", older)
    datasets.register(home, "toy", {role: folder / f"{role}.jsonl" for role in ROLES})
    told: list[str] = []
    extra = EXTRA + '\ndataset = "toy@1"'
    spec = write_spec(folder, tiny_model, extra, without="dataset.")

    plan = planning.make_plan(home, spec, tell=lambda e: told.append(e.text))

    assert list(plan.parts) == ["finetune_quarter", "finetune_half"]
    assert any(text.startswith("toy@1 was registered by an older") for text in told)


def test_an_older_experiment_goes_on_without_parts(home: Home, tmp_path: Path) -> None:
    spec = write_spec(write_larger(tmp_path / "toy"), extra=EXTRA, without="documents")
    plan = planning.make_plan(home, spec, tell=ignore, here=False)
    with home.store(create=True) as store:
        planned.put_on_record(store, home, plan)
        row = records.get(store, plan.id)
    assert set(row.body["parts"]) == set(PARTS)
    said = dict(row.body["spec"])
    said["finetune"] = {
        key: value
        for key, value in said["finetune"].items()
        if key not in ("curve", "without_flagged")
    }

    again = planned.plan_again(
        home, replace(row, body={**row.body, "spec": said}), tell=ignore, here=False
    )

    assert again.parts == {}
    assert planned.plan_again(home, row, tell=ignore, here=False).parts == plan.parts


def test_a_question_is_a_wish_and_no_number(home: Home, tmp_path: Path) -> None:
    folder = write_toy(tmp_path / "toy")
    spec = write_spec(folder, extra="finetune = { curve = 0.25 }")

    with pytest.raises(SpecError, match=r"finetune\.curve must be true or false"):
        planning.make_plan(home, spec, tell=ignore, here=False)


def _stored(home: Home, shown: dict[str, Any], role: str) -> list[str]:
    with home.store() as store:
        path = blobs.path(store.blobs, shown["files"][role])
    return path.read_text().splitlines()

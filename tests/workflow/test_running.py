import json
import os
import signal
from itertools import combinations
from pathlib import Path

import pytest

from tracker import blobs
from tunewise.domain.errors import (
    DatasetError,
    EnvironmentProblem,
    FactError,
    ModelError,
    NotRecorded,
    RuleFileError,
    SpecError,
)
from tunewise.workflow import history
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import planning, running
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments.telling import Event
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

from .conftest import Measured, write_spec

ARMS = ["prompt", "rag", "finetune", "hybrid"]
needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
NO_MODEL = """
arms = ["prompt"]
endpoint = { base_url = "http://127.0.0.1:9/v1", model = "none" }
"""


def ignore(_: Event) -> None:
    """Take what a run has to tell."""


# --- what is refused before anything runs


def test_a_name_that_is_not_registered_is_refused(home: Home, toy: Path) -> None:
    datasets.register(home, "toy", {"train": toy / "train.jsonl"})
    extra = NO_MODEL + 'dataset = "toy@2"'

    with pytest.raises(NotRecorded, match="Did you mean toy@1"):
        running.run(home, write_spec(toy, extra=extra, without="."), tell=ignore)


@pytest.mark.parametrize(
    ("extra", "error", "message"),
    [
        ("facts.must_cite_sorces = true", FactError, r"experiment\.toml: unknown fact"),
        ("facts.must_cite_sources = 3", FactError, r"experiment\.toml: must_cite"),
        (
            'task = { type = "extraction", metric = "field_f1", schema = "no.json" }',
            DatasetError,
            r"no\.json: there is no such file",
        ),
        (
            'facts.task_type = "dialogue"',
            FactError,
            "the facts say dialogue, .task. say",
        ),
        ('base_model = "nosuch"', ModelError, "base model 'nosuch': no such folder"),
    ],
    ids=["unknown fact", "impossible fact", "no schema", "contradiction", "no base"],
)
def test_what_is_wrong_in_the_specification_is_refused_before_anything_is_written(
    home: Home, toy: Path, extra: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        running.run(home, write_spec(toy, extra=extra), tell=ignore)

    assert not home.path.exists()


def test_a_price_table_that_cannot_be_read_is_refused_before_anything_runs(
    home: Home, toy: Path
) -> None:
    (home.path / "house").mkdir(parents=True)
    (home.path / "house" / "prices.toml").write_text("currency = 3")

    with pytest.raises(RuleFileError, match=r"prices\.toml: unknown table 'currency'"):
        running.run(home, write_spec(toy, extra=NO_MODEL), tell=ignore)

    assert not home.has_records()


def test_a_metric_that_reads_json_needs_references_that_are(
    home: Home, toy: Path
) -> None:
    extra = NO_MODEL + 'task = { type = "extraction", metric = "field_f1" }'

    with pytest.raises(SpecError, match="train example 1 is none: 'card'"):
        running.run(home, write_spec(toy, extra=extra), tell=ignore)

    assert not home.path.exists()


def test_a_schema_that_is_none_is_named(home: Home, toy: Path) -> None:
    (toy / "bad.json").write_text('{"type": 12}')
    extra = (
        NO_MODEL
        + 'task = { type = "extraction", metric = "field_f1", schema = "bad.json" }'
    )

    with pytest.raises(DatasetError, match=r"bad\.json: at type: 12 is not"):
        running.run(home, write_spec(toy, extra=extra), tell=ignore)

    assert not home.path.exists()


def test_a_dataset_version_that_was_altered_on_disk_is_not_run(
    home: Home, toy: Path
) -> None:
    found = datasets.register(home, "toy", {"train": toy / "train.jsonl"})
    with home.store() as store:
        blob = blobs.path(store.blobs, found["files"]["train"])
    blob.chmod(0o644)
    blob.write_bytes(blob.read_bytes().replace(b"card", b"CARD"))
    extra = NO_MODEL + 'dataset = "toy@1"'

    with pytest.raises(EnvironmentProblem, match="not what was stored"):
        running.run(home, write_spec(toy, extra=extra, without="."), tell=ignore)


def test_a_run_folder_that_cannot_be_made_is_said_and_leaves_nothing(
    home: Home, toy: Path
) -> None:
    home.path.mkdir()
    home.runs.write_text("in the way")

    with pytest.raises(EnvironmentProblem, match="cannot be written"):
        running.run(home, write_spec(toy, extra=NO_MODEL), tell=ignore)

    assert experiments.list_all(home) == []


def test_arms_that_retrieve_need_documents(home: Home, toy: Path) -> None:
    extra = NO_MODEL.replace("prompt", "rag")
    spec = write_spec(toy, extra=extra, without="documents")

    with pytest.raises(SpecError, match="rag needs documents"):
        running.run(home, spec, tell=ignore)

    assert not home.path.exists()


def test_files_with_what_blocks_are_taken_for_a_reason_that_is_recorded(
    home: Home, toy: Path
) -> None:
    train = toy / "train.jsonl"
    train.write_text(train.read_text() + "{broken\n")
    with pytest.raises(DatasetError, match=r"\[dataset\] accept_because"):
        running.run(home, write_spec(toy, extra=NO_MODEL), tell=ignore)

    said = 'dataset.accept_because = "one line"'
    spec = write_spec(toy, extra=f"{NO_MODEL}\n{said}")
    plan = planning.make_plan(home, spec, tell=ignore)

    with home.store() as store:
        body = datasets.records.get(store, plan.dataset).body
    assert body["accepted_because"] == "one line"


def test_files_in_another_order_are_run_in_the_order_that_was_registered(
    home: Home, toy: Path
) -> None:
    spec = write_spec(toy, extra=NO_MODEL)
    first = planning.make_plan(home, spec, tell=ignore)
    for name in ("train", "validation", "heldout"):
        path = toy / f"{name}.jsonl"
        path.write_text("".join(reversed(path.read_text().splitlines(keepends=True))))

    again = planning.make_plan(home, spec, tell=ignore)

    assert again.dataset == first.dataset
    assert again.content == first.content


def test_a_split_without_examples_is_refused(home: Home, toy: Path) -> None:
    datasets.register(
        home, "few", {"train": toy / "documents.jsonl"}, accept_because="a test"
    )
    spec = write_spec(toy, extra=NO_MODEL + 'dataset = "few@1"', without="dataset.")

    with pytest.raises(SpecError, match="the train split is empty"):
        running.run(home, spec, tell=ignore)


def test_an_unknown_base_model_is_refused_before_anything_is_recorded(
    home: Home, toy: Path
) -> None:
    pytest.importorskip("torch", reason="needs the extra [train]")

    with pytest.raises(ModelError, match="'tiny': no such folder, and no known id"):
        running.run(home, write_spec(toy, "tiny"), tell=ignore)

    assert not home.path.exists()


# --- one experiment with every arm, measured once


@pytest.mark.model
def test_every_arm_and_diagnostic_is_run_with_its_seeds(measured: Measured) -> None:
    report = measured.report

    assert list(report["arms"]) == ARMS
    assert list(report["diagnostics"]) == [
        "gold_passage",
        "majority",
        "nearest_example",
    ]
    views = [*report["arms"].values(), *report["diagnostics"].values()]
    assert {v["status"] for v in views} == {"finished"}
    folders = {p.name for p in (measured.home.runs / report["experiment"]).iterdir()}
    assert folders == {
        *(f"{arm}-{seed}" for arm in ARMS for seed in (0, 1)),
        *(f"{name}-0" for name in report["diagnostics"]),
        "data",
        "facts.json",
        "lock",
    }


@pytest.mark.model
def test_every_score_has_an_interval_in_0_to_1_around_it(measured: Measured) -> None:
    report = measured.report

    for view in [*report["arms"].values(), *report["diagnostics"].values()]:
        assert set(view["metrics"]) >= {"accuracy", "macro_f1"}
        for score in view["metrics"].values():
            assert 0 <= score["low"] <= score["value"] <= score["high"] <= 1
            assert score["n"] == 6
    majority = report["diagnostics"]["majority"]["metrics"]["accuracy"]
    assert majority["value"] == 0.5  # three of the six held-out labels


@pytest.mark.model
def test_every_seed_keeps_its_score_and_their_spread_is_said(
    measured: Measured,
) -> None:
    report = measured.report

    for name, view in report["arms"].items():
        by_seed = view["by_seed"]
        values = [s["value"] for s in by_seed["scores"]]
        assert [s["seed"] for s in by_seed["scores"]] == [0, 1]
        runs = [
            experiments.show_run(measured.home, s["run"]) for s in by_seed["scores"]
        ]
        assert values == [r["result"]["metrics"]["accuracy"] for r in runs]
        assert {r["arm"] for r in runs} == {name}
        # of two numbers: their difference over the square root of two
        spread = abs(values[0] - values[1]) / 2**0.5
        assert by_seed["standard_deviation"] == pytest.approx(spread)
    assert report["diagnostics"]["majority"]["by_seed"] is None


@pytest.mark.model
def test_every_pair_of_arms_is_compared_on_the_same_examples(
    measured: Measured,
) -> None:
    report = measured.report

    pairs = [(c["a"], c["b"]) for c in report["comparisons"]]
    assert pairs == list(combinations(ARMS, 2))
    for c in report["comparisons"]:
        values = {a: report["arms"][a]["metrics"]["accuracy"]["value"] for a in ARMS}
        assert c["difference"] == pytest.approx(values[c["a"]] - values[c["b"]])
        assert c["low"] <= c["difference"] <= c["high"]
        assert c["conclusion"] in ("win", "lose", "equivalent", "inconclusive")


@pytest.mark.model
def test_arms_stand_beside_lookups_and_few_examples_are_called_so(
    measured: Measured,
) -> None:
    report = measured.report
    shown = experiments.show(measured.home, report["experiment"])

    pairs = [(c["a"], c["b"]) for c in report["beside_lookups"]]
    assert pairs == [(a, b) for a in ARMS for b in ("majority", "nearest_example")]
    assert any(
        "a lookup without a model may do as well" in w for w in shown["warnings"]
    )
    assert any("no difference below about" in w for w in shown["warnings"])
    said = "6 held-out examples rest on 2 documents"
    assert any(said in w for w in shown["warnings"])
    assert (shown["margin"], shown["margin_stated"]) == (0.02, False)
    assert shown["slices"]["least"] == 20
    assert all(arm["slices"] == [] for arm in report["arms"].values())


@pytest.mark.model
def test_tuned_arms_say_what_training_took(measured: Measured) -> None:
    arms = measured.report["arms"]

    assert arms["prompt"]["train"] is None
    assert arms["rag"]["train"] is None
    for arm in ("finetune", "hybrid"):
        assert arms[arm]["train"]["examples"] == 8
        assert arms[arm]["train"]["steps"] >= 1
        assert arms[arm]["checks"]["reloaded_from_disk"] is True


@pytest.mark.model
def test_the_facts_afterwards_carry_the_runs_as_evidence(measured: Measured) -> None:
    report = measured.report
    facts = report["facts_after"]["facts"]

    for arm in ARMS:
        score = report["arms"][arm]["metrics"]["accuracy"]
        fact = facts[f"{arm}_score"]
        assert fact["evidence"] == f"run:{report['arms'][arm]['run']}"
        assert (fact["value"], fact["model"]) == (round(score["value"], 4), "tiny")
        assert (fact["low"], fact["high"]) == (
            round(score["low"], 4),
            round(score["high"], 4),
        )
    assert facts["prompt_tried"]["value"] is True
    assert facts["training_examples"]["evidence"] == "dataset:toy-desk@1"
    written = measured.home.runs / report["experiment"] / "facts.json"
    assert json.loads(written.read_text()) == report["facts_after"]


@pytest.mark.model
def test_measuring_changes_the_verdict_and_what_it_rests_on(measured: Measured) -> None:
    before, after = measured.report["verdict_before"], measured.report["verdict"]

    assert (before["basis"], after["basis"]) == ("rules", "measured")
    # six held-out examples show nothing of an arm beside a lookup
    assert after["recommended"] == "defer"
    assert "a lookup without a model" in after["because"]


@pytest.mark.model
def test_an_experiment_tells_its_steps_progress_and_results(measured: Measured) -> None:
    steps = [e.text for e in measured.told if e.kind == "step"]

    assert steps[0] == "Check and register the dataset"
    assert "Run finetune, seed 1" in steps
    assert {e.kind for e in measured.told} == {"step", "progress", "result"}
    assert all(e.done <= e.total for e in measured.told if e.total)


@pytest.mark.model
def test_the_record_shows_what_the_run_reported(measured: Measured) -> None:
    report = measured.report

    shown = experiments.show(measured.home, report["experiment"])

    assert list(shown["arms"]) == ARMS
    assert {k: shown[k] for k in report if k in shown} == {
        k: v for k, v in json.loads(json.dumps(report)).items() if k in shown
    }
    assert shown["spec"]["finetune"] == {  # what was left out, the rules decided
        "method": "lora",
        "epochs": 1,  # stated, as max_length
        "learning_rate": 1e-3,  # the tiny model has far under half a billion parameters
        "rank": 16,
        "alpha": 32,
        "batch_size": 4,  # nobody said how much memory there is
        "max_length": 256,
        "too_long": "drop",
        "patience": 2,
        "model": "",
        "curve": True,
        "without_flagged": True,
    }
    assert integrity.verify(measured.home)["ok"]


@pytest.mark.model
def test_every_run_was_recorded_before_it_started(measured: Measured) -> None:
    actions = [
        (e["action"], e["subject"])
        for e in history.history(measured.home)
        if e["subject"].endswith("-finetune-1")
    ]

    assert [action for action, _ in actions] == [
        "run.queued",
        "run.claimed",
        "run.points-sealed",
        "run.finished",
    ]


@pytest.mark.model
def test_held_out_answers_stand_side_by_side(measured: Measured) -> None:
    rows = experiments.answers(measured.home, measured.report["experiment"])

    assert [row["reference"] for row in rows] == ["card", "refund"] * 3
    assert set(rows[0]["arms"]) == {*ARMS, *measured.report["diagnostics"]}
    majority = [row["arms"]["majority"]["correct"] for row in rows]
    assert sum(majority) == 3


@pytest.mark.model
def test_answers_can_be_read_in_pages(measured: Measured) -> None:
    id = measured.report["experiment"]

    page = experiments.answers(measured.home, id, limit=2, offset=4)

    assert page == experiments.answers(measured.home, id)[4:6]


@pytest.mark.model
def test_a_run_is_shown_with_its_progress_and_result(measured: Measured) -> None:
    run = measured.report["arms"]["finetune"]["run"]

    view = experiments.show_run(measured.home, run)

    assert (view["status"], view["seed"], view["arm"]) == ("finished", 0, "finetune")
    assert view["progress"]
    assert view["result"]["environment"]["packages"]["torch"]


# --- what fails is kept


def children_named(word: str) -> list[int]:
    """Return the ids of this process's children whose command has the word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            command = (folder / "cmdline").read_text()
        except OSError:
            continue
        if int(parent) == os.getpid() and word in command:
            found.append(int(folder.name))
    return found


def kill_children() -> None:
    for child in children_named("trainer"):
        os.kill(child, signal.SIGKILL)


@needs_proc
@pytest.mark.model
def test_an_arm_that_is_killed_is_kept_as_failed_and_does_not_end_the_others(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    extra = 'arms = ["prompt", "finetune"]\nseeds = [3]'
    spec = write_spec(toy, tiny_model, extra, without="documents")
    steps: list[str] = []

    def kill_finetune(event: Event) -> None:
        if event.kind == "step":
            steps.append(event.text)
        elif event.kind == "progress" and steps[-1].startswith("Run finetune"):
            kill_children()

    report = running.run(home, spec, tell=kill_finetune)

    arms = report["arms"]
    assert {a: v["status"] for a, v in arms.items()} == {
        "prompt": "finished",
        "finetune": "failed",
    }
    assert "SIGKILL" in arms["finetune"]["error"]
    assert report["comparisons"] == []
    assert report["diagnostics"]["majority"]["status"] == "finished"
    assert "finetune_score" not in report["facts_after"]["facts"]
    run = experiments.show_run(home, arms["finetune"]["run"])
    assert (run["status"], run["seed"]) == ("failed", 3)
    shown = experiments.answers(home, report["experiment"])
    assert set(shown[0]["arms"]) == {"prompt", "majority", "nearest_example"}


def test_an_interruption_is_recorded_as_cancelled_and_ends_the_child(
    home: Home, toy: Path
) -> None:
    def interrupt(event: Event) -> None:
        if event.kind == "progress":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        running.run(home, write_spec(toy, extra=NO_MODEL), tell=interrupt)

    (row,) = experiments.list_all(home)
    view = experiments.show(home, row["experiment"])
    assert (view["status"], view["error"]) == ("cancelled", "interrupted")
    assert view["arms"]["prompt"]["status"] == "cancelled"
    assert children_named("trainer") == []


@needs_proc
def test_an_experiment_without_a_finished_arm_fails_and_says_why(
    home: Home, toy: Path
) -> None:
    def kill(event: Event) -> None:
        if event.kind == "progress":
            kill_children()

    with pytest.raises(SpecError, match=r"every arm failed\n  .*\(SIGKILL\)"):
        running.run(home, write_spec(toy, extra=NO_MODEL), tell=kill)

    (row,) = experiments.list_all(home)
    view = experiments.show(home, row["experiment"])
    assert view["status"] == "failed"
    assert "every arm failed" in view["error"]
    assert view["arms"]["prompt"]["status"] == "failed"
    assert integrity.verify(home)["ok"]


def test_a_mistake_of_ours_leaves_no_experiment_running(home: Home, toy: Path) -> None:
    def stumble(event: Event) -> None:
        if event.kind == "progress":
            raise ZeroDivisionError("ours")

    with pytest.raises(ZeroDivisionError):
        running.run(home, write_spec(toy, extra=NO_MODEL), tell=stumble)

    (row,) = experiments.list_all(home)
    view = experiments.show(home, row["experiment"])
    assert (view["status"], view["error"]) == ("failed", "ours")
    assert view["arms"]["prompt"]["status"] == "cancelled"

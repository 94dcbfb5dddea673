"""The child process as the workflow starts it: ``python -m trainer RUN_DIR``."""

import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from trainer.files import read_examples
from trainer.scoring import score
from tunewise.datasets import canonical

pytestmark = pytest.mark.model

WITH_MODEL = ("prompt", "rag", "finetune", "hybrid", "gold_passage")
WITHOUT_MODEL = ("majority", "nearest_example")
ARMS = (*WITH_MODEL, *WITHOUT_MODEL)
KEYS = [
    "status",
    "arm",
    "seed",
    "model",
    "setup",
    "setups",
    "details",
    "metrics",
    "n",
    "latency_seconds",
    "answers_per_second",
    "prompt_tokens_mean",
    "prompt_tokens_shared",
    "prompt",
    "answer_tokens_mean",
    "train",
    "checks",
    "off_task",
    "weights",
    "environment",
    "answering_memory_bytes",
    "peak_memory_bytes",
    "seconds",
]

Child = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Ended:
    """A child that ended, and the files that it left."""

    status: int
    errors: str
    folder: Path

    @property
    def result(self) -> dict[str, Any]:
        return json.loads((self.folder / "result.json").read_text(encoding="utf-8"))

    def lines(self, name: str) -> list[dict[str, Any]]:
        text = (self.folder / name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, toy) -> Path:
    """A folder with the toy's data, where runs are put beside it."""
    folder = tmp_path_factory.mktemp("runs")
    data = folder / "data"
    data.mkdir()
    for name in ("train", "validation", "heldout"):
        (data / f"{name}.jsonl").write_bytes(canonical.to_jsonl(toy[name]))
    documents = canonical.documents_to_jsonl(toy["documents"])
    (data / "documents.jsonl").write_bytes(documents)
    return folder


@pytest.fixture(scope="module")
def finished(runs: Path, toy_config) -> dict[str, Ended]:
    """Every arm, all run to their end at the same time."""
    no_model = {"model_dir": "", "model_name": ""}
    folders = {
        arm: prepared(runs, toy_config(arm, **no_model if arm in WITHOUT_MODEL else {}))
        for arm in ARMS
    }
    children = {arm: start(folder) for arm, folder in folders.items()}
    return {arm: end(child, folders[arm]) for arm, child in children.items()}


def prepared(runs: Path, config: dict[str, Any], *, name: str = "") -> Path:
    folder = runs / (name or config["arm"])
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(config))
    return folder


def start(folder: Path, *, largest_file: int = 0) -> Child:
    """Start a run; no file of it may grow beyond ``largest_file`` bytes."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    return subprocess.Popen(
        [sys.executable, "-P", "-m", "trainer", str(folder)],
        preexec_fn=limited if largest_file else None,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"},
    )


def end(child: Child, folder: Path) -> Ended:
    """Wait with the pipe held open, as a living parent does."""
    assert child.stderr
    assert child.stdin
    errors = child.stderr.read().decode()
    child.stderr.close()
    status = child.wait(timeout=300)
    child.stdin.close()
    return Ended(status, errors, folder)


@pytest.mark.parametrize("arm", ARMS)
def test_an_arm_runs_to_its_end_and_writes_all_of_its_result(finished, arm) -> None:
    ended = finished[arm]

    assert ended.status == 0, ended.errors
    assert sorted(ended.result) == sorted(KEYS)
    assert ended.result["status"] == "finished"
    assert ended.result["arm"] == arm
    assert ended.result["model"] == ("tiny" if arm in WITH_MODEL else "")
    assert ended.result["n"] == 4
    assert ended.result["peak_memory_bytes"] > 10**6
    assert not list(ended.folder.glob("*.tmp"))


@pytest.mark.parametrize("arm", ARMS)
def test_nothing_but_errors_is_written_to_standard_error(finished, arm) -> None:
    assert finished[arm].errors == ""


@pytest.mark.parametrize("arm", ARMS)
def test_answers_stand_in_the_order_of_held_out(finished, toy, arm) -> None:
    answers = finished[arm].lines("answers.jsonl")

    assert [a["id"] for a in answers] == [e.id for e in toy["heldout"]]
    rested_on = ("passages", "ranked", "answer_shown", "supported")
    with_passages = arm in ("rag", "hybrid", "gold_passage")
    assert {tuple(a) for a in answers} == {
        ("id", "answer", "prompt_tokens", "answer_tokens")
        + (rested_on if with_passages else ())
    }


@pytest.mark.parametrize("arm", ARMS)
def test_metrics_are_those_of_the_answers_written(finished, runs, arm) -> None:
    given = [a["answer"] for a in finished[arm].lines("answers.jsonl")]
    heldout = read_examples(runs / "data" / "heldout.jsonl")

    metrics = finished[arm].result["metrics"]

    assert metrics == {
        m: score(m, heldout, given).value for m in ("accuracy", "macro_f1")
    }


def test_diagnostics_without_a_model_answer_by_hand(finished) -> None:
    majority, nearest = finished["majority"], finished["nearest_example"]

    # half of the held-out cases are "late"; that label's F1 is 2 * 2 / (4 + 2), of
    # three labels
    assert majority.result["metrics"]["accuracy"] == 0.5
    assert majority.result["metrics"]["macro_f1"] == pytest.approx(2 / 9)
    assert majority.result["environment"]["device"] == "none"
    assert majority.result["prompt_tokens_mean"] == 0
    answers = [a["answer"] for a in nearest.lines("answers.jsonl")]
    assert answers[1:3] == ["lost", "pin"]


@pytest.mark.parametrize("arm", ARMS)
def test_only_arms_are_timed(finished, arm) -> None:
    timed = finished[arm].result["latency_seconds"]

    if arm in ("prompt", "rag", "finetune", "hybrid"):
        assert 0 < timed["p50"] <= timed["p95"]
        assert 0 < timed["first_token"]["p50"] < timed["p50"]
        assert 0 <= timed["build"]["p50"] < timed["first_token"]["p50"]
        assert timed["n"] == 2
    else:
        assert timed is None


@pytest.mark.parametrize("arm", WITH_MODEL)
def test_the_memory_of_answering_is_told_apart(finished, arm) -> None:
    result = finished[arm].result

    if sys.platform == "linux":
        # the kernel counts the two in its own way, some pages apart
        most = 1.01 * result["peak_memory_bytes"]
        assert 10**7 < result["answering_memory_bytes"] <= most


def test_answers_name_the_passages_that_they_were_shown(finished) -> None:
    [first, *_] = finished["rag"].lines("answers.jsonl")
    [gold, *_] = finished["gold_passage"].lines("answers.jsonl")

    assert len(first["passages"]) == 1  # k=1
    assert first["ranked"][:1] == first["passages"]
    assert sorted(first["ranked"]) == ["d-late", "d-lost", "d-pin"]  # all there are
    assert gold["passages"] == ["d-late"]
    assert gold["ranked"] == []  # nothing was searched


@pytest.mark.parametrize(
    ("arm", "tried"),
    [
        ("prompt", ["zero-shot", "few-shot 2", "retrieved-shots 2"]),
        ("rag", ["k=1", "k=1, 1 shots"]),
        ("finetune", ["epoch 1", "epoch 2"]),
        ("hybrid", ["epoch 1", "epoch 2"]),
        ("gold_passage", []),
        ("majority", []),
    ],
)
def test_every_set_up_tried_is_told_with_its_score(finished, arm, tried) -> None:
    setups = finished[arm].result["setups"]

    assert [s["setup"] for s in setups] == tried
    assert all(0 <= s["score"] <= 1 for s in setups)


@pytest.mark.parametrize("arm", ["finetune", "hybrid"])
def test_what_was_trained_is_kept_and_told(finished, arm) -> None:
    result, folder = finished[arm].result, finished[arm].folder

    assert result["train"].keys() == {
        "examples",
        "dropped",
        "truncated",
        "steps",
        "seconds",
        "tokens",
        "trained_tokens",
        "pack_tokens",
        "ended",
        "peak_memory_bytes",
    }
    assert (folder / result["weights"] / "adapter_model.safetensors").exists()
    assert result["checks"]["reloaded_from_disk"]
    assert result["setup"].startswith("lora, epoch ")


@pytest.mark.parametrize("arm", ARMS)
def test_progress_begins_with_loading_and_ends_with_all_answered(finished, arm) -> None:
    told = finished[arm].lines("progress.jsonl")

    assert told[0]["stage"] == "load"
    assert [e["at"] for e in told] == sorted(e["at"] for e in told)
    if arm in WITH_MODEL:
        heldout = [e for e in told if e["stage"] == "heldout" and "total" in e]
        assert (heldout[-1]["done"], heldout[-1]["total"]) == (4, 4)


def test_a_run_tells_what_it_ran_on(finished) -> None:
    environment = finished["prompt"].result["environment"]

    assert environment["device"] in ("cpu", "cuda", "mps")
    assert environment["precision_training"]
    assert all(environment["packages"].values())


@pytest.mark.parametrize(
    ("arm", "changed", "message"),
    [
        ("guess", {}, "arm: 'guess' is not one of prompt, rag"),
        ("rag", {"documents": ""}, "arm rag: the dataset has no documents"),
        ("prompt", {"epochs": 3}, "unknown key 'epochs'"),
        ("prompt", {"model_dir": "nowhere"}, "there is no base model here"),
    ],
    ids=["bad-arm", "no-documents", "unknown-key", "no-model"],
)
def test_what_the_user_can_mend_ends_with_status_2_and_one_message(
    runs, toy_config, request, arm, changed, message
) -> None:
    name = request.node.callspec.id
    folder = prepared(runs, toy_config(arm, **changed), name=name)

    ended = end(start(folder), folder)

    assert ended.status == 2
    assert ended.result["status"] == "failed"
    assert message in ended.result["error"]
    assert ended.errors == f"{ended.result['error']}\n"
    assert not (folder / "answers.jsonl").exists()


def test_a_folder_without_a_run_ends_with_status_2(tmp_path: Path) -> None:
    ended = end(start(tmp_path), tmp_path)

    assert ended.status == 2
    assert "there is no run.json in this folder" in ended.result["error"]


def test_a_run_ends_soon_after_its_parents_pipe_closes(runs, toy_config) -> None:
    endless = {"epochs": 10**6, "learning_rate": 1e-4, "rank": 4}
    config = toy_config("finetune", finetune=endless)
    folder = prepared(runs, config, name="orphan")
    child = start(folder)
    patience = time.monotonic() + 120
    while not list(folder.glob("checkpoints/epoch-1")):  # it is in full work
        assert child.poll() is None
        assert time.monotonic() < patience
        time.sleep(0.05)

    assert child.stdin
    child.stdin.close()
    status = child.wait(timeout=10)

    assert status == 3
    assert not (folder / "result.json").exists()
    assert child.stderr
    child.stderr.close()


STEADY = {"epochs": 3, "batch_size": 1, "patience": 0}  # 24 steps


def steps_told(folder: Path) -> int:
    path = folder / "progress.jsonl"
    return path.read_text().count("step_loss") if path.exists() else 0


def weights_digest(folder: Path, epoch: int) -> str:
    path = folder / "checkpoints" / f"epoch-{epoch}" / "adapter_model.safetensors"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_run_killed_three_times_ends_with_the_same_weights(runs, toy_config) -> None:
    config = toy_config("finetune", finetune=STEADY)
    whole = prepared(runs, config, name="whole")
    killed = prepared(runs, config, name="killed")
    assert end(start(whole), whole).status == 0
    for after in (5, 9, 20):
        child = start(killed)
        patience = time.monotonic() + 120
        while steps_told(killed) < after:
            assert child.poll() is None
            assert time.monotonic() < patience
            time.sleep(0.002)
        child.kill()
        assert end(child, killed).status < 0

    ended = end(start(killed), killed)

    assert ended.status == 0, ended.errors
    for epoch in (1, 2, 3):
        assert weights_digest(killed, epoch) == weights_digest(whole, epoch)
    answers = [(folder / "answers.jsonl").read_text() for folder in (whole, killed)]
    assert answers[0] == answers[1]


def test_a_full_disk_ends_a_run_with_status_4_and_keeps_what_was_finished(
    runs, toy_config
) -> None:
    folder = prepared(runs, toy_config("finetune"), name="full")

    ended = end(start(folder, largest_file=20_000), folder)

    assert ended.status == 4
    assert "the disk is full" in ended.errors
    assert "Make room on it" in ended.errors
    assert not (folder / "result.json").exists()
    assert not list(folder.glob("checkpoints/*"))
    assert end(start(folder), folder).status == 0  # there is room again

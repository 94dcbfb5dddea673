"""What was interrupted goes on; what is cancelled ends at once."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tracker import runs as run_records
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem, SpecError, StatusError
from tunewise.workflow import (
    base_models,
    experiments,
    history,
    integrity,
    processes,
    running,
    stopping,
)
from tunewise.workflow.home import Home
from tunewise.workflow.telling import Event

from .conftest import as_bea, write_spec, write_toy

pytestmark = pytest.mark.model

COMMAND = (sys.executable, "-P", "-m", "tunewise.cli.main")
SERVICE = (sys.executable, "-P", "-m", "tunewise.web")
LONG = """
arms = ["finetune"]
seeds = [0]
finetune = { epochs = 40, max_length = 256, batch_size = 1, patience = 0 }
"""
ENDPOINT = """
arms = ["prompt"]
seeds = [0]
endpoint = { base_url = "http://127.0.0.1:9/v1", model = "none" }
"""


def ignore(_: Event) -> None:
    """Take what a run has to tell."""


def at_training_step(step: int, do: Callable[[], None]) -> Callable[[Event], None]:
    """Do something once, when so many steps are trained."""
    done = []

    def tell(event: Event) -> None:
        if event.loss is not None and event.done >= step and not done:
            done.append(event.done)
            do()

    return tell


def raise_interrupt() -> None:
    raise KeyboardInterrupt


def weights_of(home: Home, run: str) -> str:
    found = experiments.show_run(home, run)["result"]["weights_blobs"]
    return found["adapter_model.safetensors"]


def actions(home: Home, subject: str) -> list[str]:
    return [e["action"] for e in history.history(home) if e["subject"] == subject]


def the_only(home: Home) -> str:
    (row,) = experiments.list_all(home)
    return row["experiment"]


def trainers(folder: Path) -> list[int]:
    """The ids of processes that train below a folder, whoever started them."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_text()
        except OSError:
            continue
        if "trainer" in command and str(folder) in command:
            found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def whole(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The weights of the long run that nobody interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    spec = write_spec(write_toy(folder / "toy"), tiny_model, LONG)
    home = Home(folder / "home", Actor("Ada Byron"))
    report = running.run(home, spec, tell=ignore)
    return weights_of(home, report["arms"]["finetune"]["run"])


def start(home: Home, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, "--home", str(home.path), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(what: Callable[[], Any], *, seconds: float = 120) -> Any:
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def in_training(home: Home, *, steps: int) -> bool:
    told = list(home.runs.glob("*/finetune-0/progress.jsonl"))
    return bool(told) and told[0].read_text().count("step_loss") >= steps


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_after_kill_9_of_everything_it_goes_on_to_the_same_weights(
    home: Home, toy: Path, tiny_model: Path, whole: str
) -> None:
    spec = write_spec(toy, tiny_model, LONG)
    parent = start(home, "experiment", "run", str(spec))
    wait_for(lambda: in_training(home, steps=100))
    parent.kill()
    parent.wait()
    wait_for(lambda: not trainers(home.runs), seconds=10)  # no orphan is left
    id = the_only(home)
    assert experiments.show(home, id)["status"] == "running"  # as far as it is known
    assert stopping.interrupted(home) == [id]

    report = running.resume(home, id, tell=ignore)

    assert report["status"] == "finished"
    assert weights_of(home, report["arms"]["finetune"]["run"]) == whole
    assert stopping.interrupted(home) == []
    run = report["arms"]["finetune"]["run"]
    assert [a for a in actions(home, run) if "sealed" not in a] == [
        "run.queued",
        "run.claimed",
        "run.requeued",
        "run.claimed",
        "run.finished",
    ]
    assert actions(home, id) == [
        "experiment.created",
        "experiment.started",
        "experiment.failed",
        "experiment.started",
        "experiment.finished",
    ]
    assert integrity.verify(home)["ok"]


def test_after_ctrl_c_it_goes_on_to_the_same_weights(
    home: Home, toy: Path, tiny_model: Path, whole: str
) -> None:
    told: list[str] = []
    interrupt = at_training_step(60, raise_interrupt)

    def tell(event: Event) -> None:
        told.append(event.text)
        interrupt(event)

    with pytest.raises(KeyboardInterrupt):
        running.run(home, write_spec(toy, tiny_model, LONG), tell=tell)
    id = the_only(home)
    assert told[-1] == f"Interrupted. Go on with: tunewise experiment resume {id}"

    steps: list[int] = []
    report = running.resume(
        as_bea(home),
        id,
        tell=lambda e: steps.append(e.done) if e.loss is not None else None,
    )

    assert weights_of(home, report["arms"]["finetune"]["run"]) == whole
    assert min(steps) >= 60  # nothing that was finished is trained again


def test_runs_that_finished_are_not_run_again(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    extra = 'arms = ["prompt", "finetune"]\nseeds = [0]'
    spec = write_spec(toy, tiny_model, extra, without="documents")
    with pytest.raises(KeyboardInterrupt):
        running.run(home, spec, tell=at_training_step(1, raise_interrupt))
    id = the_only(home)
    before = experiments.show(home, id)["arms"]["prompt"]
    steps: list[str] = []

    report = running.resume(
        home, id, tell=lambda e: steps.append(e.text) if e.kind == "step" else None
    )

    assert before["status"] == "finished"
    assert steps[-3:] == ["Go on with finetune", "Run majority", "Run nearest example"]
    assert actions(home, report["arms"]["prompt"]["run"]).count("run.claimed") == 1
    assert {a["status"] for a in report["arms"].values()} == {"finished"}


def test_a_result_that_was_written_and_not_recorded_is_taken_as_it_is(
    home: Home, toy: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = write_spec(toy, tiny_model, 'arms = ["prompt"]\nseeds = [0]')
    train = processes.train

    def die_after(*args: Any, **kwargs: Any) -> Any:
        train(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(processes, "train", die_after)
    with pytest.raises(KeyboardInterrupt):
        running.run(home, spec, tell=ignore)
    began = []
    monkeypatch.setattr(
        processes,
        "train",
        lambda folder, *how: began.append(folder.name) or train(folder, *how),
    )

    report = running.resume(home, the_only(home), tell=ignore)

    assert report["arms"]["prompt"]["status"] == "finished"
    assert "prompt-0" not in began


def test_an_experiment_that_runs_is_not_resumed_beside_it_and_ends_when_cancelled(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    endless = LONG.replace("epochs = 40", "epochs = 100")
    child = start(home, "experiment", "run", str(write_spec(toy, tiny_model, endless)))
    wait_for(lambda: in_training(home, steps=5))
    id = the_only(home)
    assert stopping.interrupted(home) == []
    with pytest.raises(StatusError, match="is running in another process"):
        running.resume(home, id, tell=ignore)
    began = time.monotonic()

    view = stopping.cancel(as_bea(home), id, because="wrong data")

    assert time.monotonic() - began < 2
    assert trainers(home.runs) == []
    assert child.wait(timeout=10) == 2
    assert (view["status"], view["because"]) == ("cancelled", "wrong data")
    assert [r["status"] for r in view["runs"]] == ["cancelled"]
    last = [e for e in history.history(home) if e["subject"] == id][-1]
    assert (last["action"], last["actor"]) == ("experiment.cancelled", "Bea Maro")


def test_what_was_cancelled_can_be_resumed(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    def cancel() -> None:
        thread = threading.Thread(
            target=lambda: stopping.cancel(home, the_only(home), because="a pause")
        )
        thread.start()

    short = LONG.replace("epochs = 40", "epochs = 4")
    with pytest.raises(StatusError, match=r"cancelled by Ada Byron: a pause"):
        running.run(
            home, write_spec(toy, tiny_model, short), tell=at_training_step(1, cancel)
        )

    report = running.resume(home, the_only(home), tell=ignore)

    assert report["arms"]["finetune"]["status"] == "finished"


def test_one_whose_process_is_gone_is_cancelled_at_once(home: Home, toy: Path) -> None:
    id = abandoned(home, toy)

    view = stopping.cancel(home, id, because="not wanted")

    assert view["status"] == "cancelled"
    with pytest.raises(StatusError, match="there is nothing to cancel"):
        stopping.cancel(home, id, because="again")


def abandoned(home: Home, toy: Path) -> str:
    """An experiment that is running by its record, and by nothing else."""

    def stumble(event: Event) -> None:
        if event.kind == "progress":
            os._exit(9)

    pid = os.fork()
    if pid == 0:
        running.run(home, write_spec(toy, extra=ENDPOINT), tell=stumble)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    return the_only(home)


def test_a_finished_experiment_is_not_resumed(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    spec = write_spec(toy, tiny_model, 'arms = ["prompt"]\nseeds = [0]')
    report = running.run(home, spec, tell=ignore)

    with pytest.raises(StatusError, match="finished, and so is every run of it"):
        running.resume(home, report["experiment"], tell=ignore)


def test_an_arm_that_failed_is_run_again_and_reported(
    home: Home, toy: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = 'arms = ["prompt", "finetune"]\nseeds = [0]'
    spec = write_spec(toy, tiny_model, extra, without="documents")
    train = processes.train

    def failing(folder: Path, *how: Any) -> processes.Ended:
        if folder.name == "finetune-0":
            return processes.Ended(1, "a cable was pulled")
        return train(folder, *how)

    monkeypatch.setattr(processes, "train", failing)
    first = running.run(home, spec, tell=ignore)
    assert first["arms"]["finetune"]["error"].startswith("a cable was pulled")
    monkeypatch.setattr(processes, "train", train)

    report = running.resume(home, first["experiment"], tell=ignore)

    assert report["arms"]["finetune"]["status"] == "finished"
    assert [(c["a"], c["b"]) for c in report["comparisons"]] == [("prompt", "finetune")]
    assert experiments.show(home, first["experiment"])["status"] == "finished"


def test_a_full_disk_ends_the_experiment_and_says_how_to_go_on(
    home: Home, toy: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = write_spec(toy, tiny_model, LONG.replace("epochs = 40", "epochs = 1"))
    train = processes.train
    full = processes.Ended(4, "the disk is full\n  Make room")
    monkeypatch.setattr(processes, "train", lambda *_: full)
    with pytest.raises(EnvironmentProblem, match="the disk is full"):
        running.run(home, spec, tell=ignore)
    id = the_only(home)
    assert experiments.show(home, id)["status"] == "failed"
    monkeypatch.setattr(processes, "train", train)

    report = running.resume(home, id, tell=ignore)

    assert report["arms"]["finetune"]["status"] == "finished"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_a_training_that_the_kernel_killed_goes_on_with_half_at_a_time(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    told: list[str] = []

    def kill() -> None:
        for id in trainers(home.runs):
            os.kill(id, signal.SIGKILL)

    killing = at_training_step(3, kill)

    def tell(event: Event) -> None:
        told.append(event.text)
        killing(event)

    spec = write_spec(toy, tiny_model, LONG.replace("epochs = 40", "epochs = 4"))
    report = running.run(home, spec, tell=tell)

    run = experiments.show_run(home, report["arms"]["finetune"]["run"])
    assert run["status"] == "finished"
    assert run["result"]["train"]["pack_tokens"] == 512
    assert any("goes on with 512 tokens at a time" in text for text in told)


def test_another_base_model_in_the_same_place_is_refused(
    home: Home, toy: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Path
) -> None:
    spec = write_spec(toy, tiny_model, LONG)
    with pytest.raises(KeyboardInterrupt):
        running.run(home, spec, tell=at_training_step(1, raise_interrupt))
    fetch = base_models.fetch
    monkeypatch.setattr(
        base_models,
        "fetch",
        lambda *a, **k: replace(fetch(*a, **k), digest="sha256:" + "0" * 64),
    )

    with pytest.raises(Exception, match="has other weights than when it began"):
        running.resume(home, the_only(home), tell=ignore)

    assert experiments.show(home, the_only(home))["status"] == "cancelled"


def test_a_record_of_an_older_version_says_that_it_cannot_go_on(
    home: Home, toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tunewise.workflow import planned

    body = planned.record_body
    old = ("schema", "rule_set")
    monkeypatch.setattr(
        running,
        "record_body",
        lambda plan: {k: v for k, v in body(plan).items() if k not in old},
    )

    def interrupt(event: Event) -> None:
        if event.kind == "progress":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        running.run(home, write_spec(toy, extra=ENDPOINT), tell=interrupt)

    with pytest.raises(SpecError, match="recorded by an older version"):
        running.resume(home, the_only(home), tell=ignore)


def test_points_of_both_attempts_are_kept(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        running.run(
            home,
            write_spec(toy, tiny_model, LONG.replace("epochs = 40", "epochs = 4")),
            tell=at_training_step(10, raise_interrupt),
        )

    report = running.resume(home, the_only(home), tell=ignore)

    with home.store() as store:
        run = run_records.get(store, report["arms"]["finetune"]["run"])
        rows = store.rows(
            "SELECT DISTINCT step FROM points WHERE run = ? AND metric = 'step_loss'",
            [run.id],
        )
    assert {r["step"] for r in rows} == set(range(1, 33))
    assert run.attempt == 2


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_a_service_goes_on_with_what_was_cut_off_and_its_end_cuts_it_off_again(
    home: Home, toy: Path, tiny_model: Path, whole: str
) -> None:
    parent = start(home, "experiment", "run", str(write_spec(toy, tiny_model, LONG)))
    wait_for(lambda: in_training(home, steps=50))
    parent.kill()
    parent.wait()
    id = the_only(home)
    service = serve(home)
    wait_for(lambda: trainers(home.runs))
    wait_for(lambda: in_training(home, steps=120))
    service.kill()
    service.wait()
    wait_for(lambda: not trainers(home.runs), seconds=10)
    assert stopping.interrupted(home) == [id]

    service = serve(home)
    wait_for(lambda: experiments.show(home, id)["status"] == "finished")
    service.terminate()
    service.wait()

    run = experiments.show(home, id)["arms"]["finetune"]["run"]
    assert weights_of(home, run) == whole
    assert experiments.show_run(home, run)["by"] == experiments.show(home, id)["by"]


def serve(home: Home) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*SERVICE, str(home.path), "127.0.0.1", "0", "Ada Byron"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

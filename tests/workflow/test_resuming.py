"""What was interrupted goes on, to the same weights."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tracker import runs as run_records
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError
from tunewise.workflow import processes
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments import running, stopping
from tunewise.workflow.experiments.telling import Event
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

from .conftest import as_bea, write_spec, write_toy
from .interrupted import (
    LONG,
    actions,
    at_training_step,
    ignore,
    in_training,
    raise_interrupt,
    start,
    the_only,
    trainers,
    wait_for,
    weights_of,
)

pytestmark = pytest.mark.model

SERVICE = (sys.executable, "-P", "-m", "tunewise.web")


@pytest.fixture(scope="module")
def whole(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The weights of the long run that nobody interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    spec = write_spec(write_toy(folder / "toy"), tiny_model, LONG)
    home = Home(folder / "home", Actor("Ada Byron"))
    report = running.run(home, spec, tell=ignore)
    return weights_of(home, report["arms"]["finetune"]["run"])


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
    (saved,) = (home.runs / id / "finetune-0" / "checkpoints").glob("step-*")
    at = int(saved.name.removeprefix("step-"))
    assert told[-1] == f"Interrupted. Go on with: tunewise experiment resume {id}"

    steps: list[int] = []
    report = running.resume(
        as_bea(home),
        id,
        tell=lambda e: steps.append(e.done) if e.loss is not None else None,
    )

    assert weights_of(home, report["arms"]["finetune"]["run"]) == whole
    assert min(steps) > at > 0  # nothing that was saved is trained again
    kept = sorted((home.runs / id / "finetune-0" / "checkpoints").iterdir())
    assert [p.name.partition("-")[0] for p in kept] == ["epoch"] * 40


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


def test_a_finished_experiment_is_not_resumed(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    spec = write_spec(toy, tiny_model, 'arms = ["prompt"]\nseeds = [0]')
    report = running.run(home, spec, tell=ignore)

    with pytest.raises(StatusError, match="finished, and so is every run of it"):
        running.resume(home, report["experiment"], tell=ignore)


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

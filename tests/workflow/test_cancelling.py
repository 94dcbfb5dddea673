"""What is cancelled ends at once, in whatever process it runs."""

import os
import threading
import time
from pathlib import Path

import pytest

from tunewise.domain.errors import StatusError
from tunewise.workflow import history
from tunewise.workflow.experiments import running, stopping
from tunewise.workflow.experiments.telling import Event
from tunewise.workflow.home import Home

from .conftest import as_bea, write_spec
from .interrupted import (
    ENDPOINT,
    LONG,
    at_training_step,
    ignore,
    in_training,
    start,
    the_only,
    trainers,
    wait_for,
)

pytestmark = pytest.mark.model


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

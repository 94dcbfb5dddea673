"""What failed is run again once its cause is gone, or says why it cannot go on."""

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tunewise.domain.errors import EnvironmentProblem, SpecError
from tunewise.workflow import processes
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments import running
from tunewise.workflow.experiments.telling import Event
from tunewise.workflow.home import Home
from tunewise.workflow.models import bases as base_models

from .conftest import write_spec
from .interrupted import (
    ENDPOINT,
    LONG,
    at_training_step,
    ignore,
    raise_interrupt,
    the_only,
    trainers,
)

pytestmark = pytest.mark.model


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
    elsewhere = replace(home, named=True)
    with pytest.raises(EnvironmentProblem) as raised:
        running.run(elsewhere, spec, tell=ignore)
    id = the_only(home)
    assert str(raised.value) == (
        "the disk is full\n  Make room\n"
        f"  Then go on with: tunewise --home {home.path} experiment resume {id}"
    )
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
    from tunewise.workflow.experiments import planned

    body = planned.record_body
    old = ("schema", "rule_set")
    monkeypatch.setattr(
        planned,
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

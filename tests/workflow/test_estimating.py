"""What an experiment would take: before it starts, beside what it took, and after."""

import json
import math
import os
import signal
from pathlib import Path

import psutil
import pytest

from tracker import experiments as records
from tunewise.domain.errors import EnvironmentProblem, SpecError
from tunewise.evidence.corrections import correction
from tunewise.workflow import processes
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import estimating, forecasts, machine_load, running
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments.estimating import in_words
from tunewise.workflow.experiments.telling import Event
from tunewise.workflow.home import Home

from .conftest import Measured, write_spec

ENDPOINT = """
arms = ["prompt"]
endpoint = { base_url = "http://localhost:1/v1", model = "toy" }
"""


def ignore(_: Event) -> None:
    """Take what it has to tell."""


@pytest.fixture
def estimated(home: Home, toy: Path, tiny_model: Path) -> dict:
    return estimating.estimate(home, write_spec(toy, tiny_model), tell=ignore)


@pytest.mark.model
def test_every_local_run_gets_time_memory_and_cost_between_bounds(estimated) -> None:
    arms = estimated["arms"]

    assert list(arms) == ["prompt", "rag", "finetune", "hybrid", "gold_passage"]
    for arm in arms.values():
        seconds, memory = arm["each"]["seconds"], arm["each"]["memory_bytes"]
        assert 0 < seconds["low"] < seconds["value"] < seconds["high"]
        assert 0 < memory["low"] < memory["value"] < memory["high"]
        cost = arm["all"]["cost"]
        assert cost["low"] < cost["value"] < cost["high"]
        assert "own-machine" in cost["rests_on"][0]
    assert arms["finetune"]["runs"] == 2  # two seeds
    assert arms["gold_passage"]["runs"] == 1
    together = estimated["total"]["seconds"]["value"]
    assert together == pytest.approx(
        sum(a["all"]["seconds"]["value"] for a in arms.values())
    )


@pytest.mark.model
def test_what_is_trained_is_shown_and_counted(estimated) -> None:
    counted = estimated["training"]["finetune"]

    assert (counted["examples"], counted["dropped"]) == (8, 0)
    assert counted["steps"] == math.ceil(8 / 4)  # one epoch
    assert counted["end_of_turn_trained"] == 8
    assert counted["tokens"] < counted["tokens_without_packing"]
    trained = [s["text"] for s in estimated["shown"][0] if s["trained"]]
    assert trained == ["card<|im_end|>"]
    whole = "".join(s["text"] for s in estimated["shown"][0])
    assert "Answer card or refund." in whole


@pytest.mark.model
def test_the_machine_and_each_precision_have_a_reason(estimated) -> None:
    assert estimated["machine"]["device"]
    assert set(estimated["because"]) == {"training", "answering"}
    assert estimated["available_bytes"] > 0
    assert estimated["pack_tokens"] <= estimated["largest_pass_tokens"]


@pytest.mark.model
def test_an_estimate_records_nothing(home: Home, toy: Path, tiny_model: Path) -> None:
    estimating.estimate(home, write_spec(toy, tiny_model), tell=ignore)

    assert datasets.list_all(home) == []
    assert experiments.list_all(home) == []


@pytest.mark.model
def test_what_cannot_be_trained_is_refused_as_a_run_would(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    spec = write_spec(toy, tiny_model, "finetune = { epochs = 1, max_length = 10 }")

    with pytest.raises(SpecError, match="longer than max_length = 10"):
        estimating.estimate(home, spec, tell=ignore)


@pytest.mark.model
def test_predicted_and_actual_stand_side_by_side_and_correct_the_next(
    measured: Measured, toy: Path, tiny_model: Path
) -> None:
    rows = experiments.show(measured.home, measured.report["experiment"])["forecasts"]

    assert len(rows) == 9  # four arms with two seeds, the gold passage
    for row in rows:
        for what in ("seconds", "memory_bytes"):
            assert row[what]["low"] < row[what]["value"] < row[what]["high"]
            assert row[what]["actual"] > 0
    assert not any(row["busy"] for row in rows)
    again = estimating.estimate(measured.home, write_spec(toy, tiny_model), tell=ignore)
    learned = again["corrected_by"]
    assert learned["training"]["seconds"]["runs"] == 4
    assert learned["answering"]["seconds"]["runs"] == 5
    before, after = correction([]), learned["training"]["seconds"]
    assert after["high"] / after["low"] < before.high / before.low


@pytest.mark.model
def test_what_was_forecast_on_a_busy_machine_says_so_and_teaches_nothing(
    home: Home, toy: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (99.04, 3.0, 3.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(psutil, "cpu_percent", lambda interval: 90.0)
    spec = write_spec(toy, tiny_model, 'arms = ["prompt"]\nseeds = [0]')
    told: list[str] = []

    report = running.run(home, spec, tell=lambda event: told.append(event.text))

    said = "The machine was busy: 99.0 processes ran or waited on its 4 cores"
    assert any(said in text for text in told)
    with home.store() as store:
        kept = records.get(store, report["experiment"]).body
        found = forecasts.corrections(
            store,
            base=kept["base_model"]["digest"],
            machine=kept["estimate"]["machine"],
        )
    assert kept["estimate"]["load"] == {
        "one_minute": 99.04,
        "cores": 4,
        "in_use": 0.9,
        "busy": True,
    }
    assert found[False].seconds.runs == 0
    assert all(row["busy"] for row in report["forecasts"])


@pytest.mark.parametrize(
    ("one_minute", "in_use", "busy"),
    [
        (2.8, 1.0, False),  # not above 0.7 for each of four cores
        (2.9, 0.36, True),
        (2.9, 0.35, False),  # what made the load has ended
    ],
)
def test_a_machine_is_busy_where_its_load_is_high_and_lasts(
    one_minute: float, in_use: float, busy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (one_minute, 0.0, 0.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(psutil, "cpu_percent", lambda interval: 100 * in_use)

    found = machine_load.measured()

    assert found["busy"] is busy
    assert bool(machine_load.in_words(found)) is busy


def test_where_the_system_tells_no_load_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "getloadavg")

    found = machine_load.measured()

    assert (found["one_minute"], found["busy"]) == (None, False)
    assert machine_load.in_words(None) == machine_load.in_words(found) == ""


@pytest.mark.model
def test_the_record_keeps_no_example_of_the_dataset(measured: Measured) -> None:
    with measured.home.store() as store:
        kept = records.get(store, measured.report["experiment"]).body["estimate"]

    assert "The card was stolen" not in json.dumps(kept)
    assert kept["training"]["finetune"]["examples"] == 8


@pytest.mark.model
def test_a_run_on_another_machine_or_base_teaches_nothing(measured: Measured) -> None:
    with measured.home.store() as store:
        kept = records.get(store, measured.report["experiment"]).body
        base, machine = kept["base_model"]["digest"], kept["estimate"]["machine"]
        counts = {
            name: forecasts.corrections(store, base=b, machine=m)[True].seconds.runs
            for name, b, m in (
                ("same", base, machine),
                ("other base", "sha256:0", machine),
                ("other machine", base, {**machine, "cores": 999}),
            )
        }

    assert counts == {"same": 4, "other base": 0, "other machine": 0}


@pytest.mark.model
def test_a_run_goes_on_where_its_estimate_was_killed(
    home: Home, toy: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = processes.Ended(-signal.SIGKILL, "")
    monkeypatch.setattr(processes, "call_until_we_end", lambda _: killed)
    told: list[str] = []
    extra = 'arms = ["prompt"]\nseeds = [0]'
    spec = write_spec(toy, tiny_model, extra, without="documents")

    report = running.run(home, spec, tell=lambda e: told.append(e.text))

    assert report["arms"]["prompt"]["status"] == "finished"
    assert report["forecasts"] == []
    (said,) = [text for text in told if "no estimate" in text]
    assert "ended from outside (SIGKILL)" in said


def test_an_endpoint_alone_is_not_estimated(home: Home, toy: Path) -> None:
    spec = write_spec(toy, extra=ENDPOINT, without="documents")

    with pytest.raises(EnvironmentProblem, match="every arm runs on an endpoint"):
        estimating.estimate(home, spec, tell=ignore)


FORECAST = {
    "load": 5.0,
    "epoch": 60.0,
    "epochs": 4,
    "least_epochs": 3,
    "once": 20.0,
    "once_most": 50.0,
}


def test_a_time_has_the_bounds_of_early_stopping_and_long_answers() -> None:
    found = forecasts.seconds_of("finetune", FORECAST, minutes=0)

    assert found.low == 5 + 3 * 60 + 20
    assert found.value == 5 + 4 * 60 + 20
    assert found.high == 5 + 4 * 60 + 50


def test_a_limit_in_minutes_ends_training_earlier() -> None:
    found = forecasts.seconds_of("finetune", FORECAST, minutes=1.5)

    assert found.high == 5 + 2 * 60 + 50  # the second epoch starts after one minute
    assert found.low <= found.value <= found.high


def test_answers_of_a_model_that_was_not_trained_lie_halfway_to_the_limit() -> None:
    asked = {**FORECAST, "epoch": 0.0, "epochs": 0, "least_epochs": 0}

    assert forecasts.seconds_of("prompt", asked, minutes=0).value == 5 + 35


def test_the_sentence_names_time_and_memory() -> None:
    found = {
        "total": {"seconds": {"low": 100.0, "high": 600.0}},
        "arms": {
            "prompt": {"each": {"memory_bytes": {"high": 2e9}}},
            "rag": {"each": {"memory_bytes": {"high": 3.5e9}}},
        },
        "available_bytes": 8e9,
        "load": None,
    }

    assert in_words(found) == (
        "It takes 1.7 min to 10.0 min, and up to 3.5 GB of memory; 8.0 GB are free."
    )

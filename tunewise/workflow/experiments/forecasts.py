"""Forecasts of runs, and what became of them.

An experiment's record keeps what was forecast for each arm (``estimate``); the
results of its runs say what it took. Both together correct the next estimate.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tracker import experiments as records
from tracker import runs as run_records
from tracker.experiments import ExperimentRow
from tracker.store import Store
from tunewise.domain.experiment import TRAINED
from tunewise.evidence.corrections import Correction, correction
from tunewise.evidence.costs import Quantity
from tunewise.workflow.experiments.arm_runs import is_imported

View = dict[str, Any]

REMEMBERED = 20  # former experiments that an estimate learns from
# What must be alike in the machine of a former run.
_ALIKE = ("processor", "cores", "device", "precision_training", "precision_answering")


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that went through in one go: what was forecast, and what it took."""

    run: str
    arm: str
    seconds: tuple[float, float]  # forecast for the epochs that it had, actual
    bytes: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Corrections:
    """What former runs say about the forecasts of one kind of run."""

    seconds: Correction
    bytes: Correction


def corrections(
    store: Store, *, base: str, machine: Mapping[str, Any]
) -> dict[bool, Corrections]:
    """Return what to correct, by whether a run trains.

    What was forecast while the machine was busy with other work teaches nothing.

    Parameters
    ----------
    base : digest of the base model's weights
    machine : as a run records it; only runs on one like it count
    """
    found: list[Ended] = []
    for row in records.list_all(store)[::-1][:REMEMBERED]:
        kept = row.body.get("estimate") or {}
        known = row.body.get("base_model") or {}
        if not kept or _was_busy(kept):
            continue
        if known["digest"] == base and _like(kept["machine"], machine):
            found += ended(store, row)
    return {
        trains: Corrections(
            correction([e.seconds for e in found if (e.arm in TRAINED) is trains]),
            correction([e.bytes for e in found if (e.arm in TRAINED) is trains]),
        )
        for trains in (True, False)
    }


def ended(store: Store, row: ExperimentRow) -> Iterator[Ended]:
    """Yield the runs of an experiment that were forecast and finished at once."""
    forecasts = (row.body.get("estimate") or {}).get("runs", {})
    for run in run_records.list_all(store, experiment=row.id):
        if (
            run.arm not in forecasts
            or not run.result
            or run.attempt > 1
            or is_imported(run)
        ):
            continue
        forecast = forecasts[run.arm]
        epochs = len(run.result["setups"]) if run.arm in TRAINED else 0
        yield Ended(
            run=run.id,
            arm=run.arm,
            seconds=(
                likely_seconds(run.arm, forecast, epochs=epochs),
                run.result["seconds"],
            ),
            bytes=(forecast["bytes"], run.result["peak_memory_bytes"]),
        )


def compared(store: Store, row: ExperimentRow) -> list[View]:
    """Return predicted and actual of each run, as ``experiment show`` prints it.

    ``busy`` says that the forecast was made while the machine had other work.
    """
    estimate = row.body.get("estimate") or {}
    shown, busy = estimate.get("arms", {}), _was_busy(estimate)
    return [
        {
            "run": one.run,
            "arm": one.arm,
            "busy": busy,
            "seconds": {**shown[one.arm]["each"]["seconds"], "actual": one.seconds[1]},
            "memory_bytes": {
                **shown[one.arm]["each"]["memory_bytes"],
                "actual": one.bytes[1],
            },
        }
        for one in ended(store, row)
    ]


def likely_seconds(arm: str, forecast: Mapping[str, Any], *, epochs: int) -> float:
    """Return the forecast before it is corrected.

    An untrained model's answers are taken to lie halfway between the references'
    length and the limit; one that was trained answers as the references do.
    """
    once = forecast["once"]
    if arm not in TRAINED:
        once = (once + forecast["once_most"]) / 2
    return float(forecast["load"] + epochs * forecast["epoch"] + once)


def seconds_of(arm: str, forecast: Mapping[str, Any], *, minutes: float) -> Quantity:
    """Return a run's time between bounds, before it is corrected.

    Parameters
    ----------
    minutes : no epoch but the first starts after them; 0 means no limit
    """
    epochs, least = forecast["epochs"], forecast["least_epochs"]
    if minutes and forecast["epoch"]:
        epochs = min(epochs, 1 + int(minutes * 60 / forecast["epoch"]))
        least = min(least, epochs)
    missing = forecast["once_most"] - forecast["once"]
    return Quantity(
        value=likely_seconds(arm, forecast, epochs=epochs),
        low=forecast["load"] + least * forecast["epoch"] + forecast["once"],
        high=forecast["load"] + epochs * forecast["epoch"] + forecast["once"] + missing,
    )


def correction_view(found: Mapping[bool, Corrections]) -> View:
    """Return what was learned from former runs, by kind."""
    return {
        "training" if trains else "answering": {
            "seconds": asdict(each.seconds),
            "memory_bytes": asdict(each.bytes),
        }
        for trains, each in found.items()
    }


def _was_busy(estimate: Mapping[str, Any]) -> bool:
    return bool((estimate.get("load") or {}).get("busy"))


def _like(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(key) == other.get(key) for key in _ALIKE)

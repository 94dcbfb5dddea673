"""What an experiment would take, before it starts: time, memory, money, each a range.

    plan -> trainer.estimate in a child -> forecasts of every run
         -> corrected by former runs with the same base -> costs by the price table

The estimate is kept with the experiment, so that it stands beside what was measured
when its runs have ended (forecasts.py).
"""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from tunewise.domain.errors import EnvironmentProblem, SpecError
from tunewise.evidence.costs import Quantity, scaled, time_cost
from tunewise.evidence.price_table import parse_prices
from tunewise.evidence.prices import Prices
from tunewise.report.numbers import duration, size
from tunewise.workflow import processes
from tunewise.workflow.costs.prices import chosen
from tunewise.workflow.experiments import machine_load
from tunewise.workflow.experiments.forecasts import (
    Corrections,
    correction_view,
    corrections,
    seconds_of,
)
from tunewise.workflow.experiments.one_run import Task, config_of
from tunewise.workflow.experiments.planned import write_data
from tunewise.workflow.experiments.planning import Plan, arms_of, make_plan
from tunewise.workflow.experiments.telling import Event, Tell
from tunewise.workflow.home import Home
from tunewise.workflow.views import View

MEND = 2  # exit status of the trainer: the user can mend it


def estimate(home: Home, spec_path: Path, *, tell: Tell) -> View:
    """Return what an experiment would take; nothing is run or recorded.

    Raises
    ------
    TunewiseError
        If the specification cannot be run as it stands.
    """
    plan = make_plan(home, spec_path, tell=tell, record=False)
    found = of_plan(home, plan, tell=tell)
    if found is None:
        raise EnvironmentProblem(
            f"{spec_path}: every arm runs on an endpoint, whose speed is not known "
            "before it is asked\n  Its prices are those of its provider."
        )
    return {"title": plan.spec.title, "dataset": plan.dataset, **found}


def of_plan(home: Home, plan: Plan, *, tell: Tell) -> View | None:
    """Return the estimate of a plan; None where no arm runs on a local model.

    Raises
    ------
    SpecError
        If the runs cannot be done as planned.
    EnvironmentProblem
        If the process that measures was ended from outside.
    """
    if plan.base is None:
        return None
    local = [arm for arm in arms_of(plan) if plan.base_of(arm) == plan.base]
    tell(Event("step", "Estimate time and memory"))
    load = machine_load.measured()  # before the probe adds its own
    measured = {**_measured(plan, local), "load": load}
    for arm, counted in measured["training"].items():
        tell(Event("result", f"{arm}: {_seen(plan, counted)}"))
    known = _former(home, plan.base.digest, measured["machine"])
    prices = parse_prices(plan.rules.texts["prices.toml"])
    cost = partial(_cost, prices, chosen(plan.spec, prices).training.id)
    runs = [arm for arm in local if arm in measured["runs"]]  # that can be done at all
    shown = {arm: _arm(plan, arm, measured, known, cost) for arm in runs}
    return {
        **measured,
        "base_model": plan.base.id,
        "arms": shown,
        "total": _total([each["all"] for each in shown.values()], cost),
        "corrected_by": correction_view(known),
        "not_estimated": [arm for arm in plan.spec.arms if arm not in local],
    }


def in_words(found: View) -> str:
    """Return an estimate in a sentence, and one more where the machine was busy."""
    seconds = found["total"]["seconds"]
    low, high = duration(seconds["low"]), duration(seconds["high"])
    most = max(a["each"]["memory_bytes"]["high"] for a in found["arms"].values())
    said = (
        f"It takes {low} to {high}, and up to {size(most)} of memory; "
        f"{size(found['available_bytes'])} are free."
    )
    return f"{said} {machine_load.in_words(found['load'])}".strip()


def _measured(plan: Plan, arms: list[str]) -> View:
    """Let a child process count, trace and probe."""
    with tempfile.TemporaryDirectory() as name:
        there = Path(name)
        moved = replace(plan, folder=there)
        write_data(moved)
        for arm in arms:
            task = Task(moved, arm, plan.spec.seeds[0])
            task.folder.mkdir()
            asked = json.dumps(config_of(task))
            (task.folder / "run.json").write_text(asked, encoding="utf-8")
        ended = processes.call_until_we_end(["trainer.estimate", str(there)])
        if ended.status == MEND:
            raise SpecError(ended.errors)
        if ended.status:
            raise EnvironmentProblem(
                f"there is no estimate: {ended.reason}\n"
                "  Close other programs, or lower max_length in [finetune]."
            )
        found: View = json.loads((there / "estimate.json").read_text(encoding="utf-8"))
    return found


def _seen(plan: Plan, counted: Mapping[str, int]) -> str:
    """Return what a training would see, in one sentence."""
    spec, left = plan.spec.finetune, counted["examples"]
    said = f"{left} training examples"
    if dropped := counted["dropped"]:
        said = f"{left} of {left + dropped} training examples"
        said += f", {dropped} dropped (max_length is {spec.max_length} tokens)"
    if truncated := counted["truncated"]:
        said += f", {truncated} truncated to {spec.max_length} tokens"
    return (
        f"{said}; the longest has {counted['longest_tokens']} tokens; "
        f"{_number(counted['steps'], 'step')} in {_number(spec.epochs, 'epoch')}, "
        f"{min(spec.batch_size, left)} at a time."
    )


def _number(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _former(
    home: Home, base: str, machine: Mapping[str, Any]
) -> dict[bool, Corrections]:
    with home.store(create=True) as store:
        return corrections(store, base=base, machine=machine)


def _arm(
    plan: Plan,
    arm: str,
    measured: View,
    known: Mapping[bool, Corrections],
    cost: Callable[[Quantity], View],
) -> View:
    """Return one arm: each of its runs, and all of its seeds together."""
    forecast = measured["runs"][arm]
    correct = known[Task(plan, arm, 0).trains]
    seconds = correct.seconds.applied(
        seconds_of(arm, forecast, minutes=plan.spec.limits.minutes)
    )
    memory = correct.bytes.applied(
        Quantity(forecast["bytes"], forecast["bytes"], forecast["bytes_most"])
    )
    runs = len(plan.spec.seeds) if arm in plan.spec.arms else 1
    together = scaled(seconds, runs)
    return {
        "runs": runs,
        "each": {"seconds": asdict(seconds), "memory_bytes": asdict(memory)},
        "all": {"seconds": asdict(together), "cost": cost(together)},
    }


def _total(parts: list[View], cost: Callable[[Quantity], View]) -> View:
    seconds = Quantity(
        *(sum(p["seconds"][end] for p in parts) for end in ("value", "low", "high"))
    )
    return {"seconds": asdict(seconds), "cost": cost(seconds)}


def _cost(prices: Prices, machine: str, seconds: Quantity) -> View:
    return asdict(time_cost(prices, machine=machine, seconds=seconds))

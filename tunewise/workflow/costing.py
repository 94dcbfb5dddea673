"""What the arms of an experiment cost: requests, tuning, upkeep, by the price table."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tunewise.domain.facts import FactSheet
from tunewise.evidence.costs import Quantity, machine_cost, scaled, tuning_cost
from tunewise.evidence.prices import Prices
from tunewise.workflow.views import View

# ids in rules/prices.toml
OWN_MACHINE = "own-machine"
OWN_LABOUR = "own-labour"


def request_cost(result: Mapping[str, Any], prices: Prices) -> View | None:
    """Return the cost of 1,000 requests on this machine, one at a time.

    From the latency pass where there was one, else from the batched rate.
    """
    latency, rate = result["latency_seconds"], result["answers_per_second"]
    if latency:
        seconds = Quantity(latency["p50"], latency["p50"], latency["p95"])
    elif rate:
        seconds = Quantity.exact(1 / rate)
    else:
        return None
    return asdict(
        machine_cost(prices, machine=OWN_MACHINE, seconds_per_request=seconds).as_cost()
    )


def tuning_costs(
    arms: Mapping[str, View], sheet: FactSheet, prices: Prices, *, examples: int
) -> View | None:
    """Return what tuning costs once and per year: the guide's costs beside inference.

    Hours of preparation that nobody stated are assumed from the number of examples.
    """
    trained = [a["train"]["seconds"] for a in arms.values() if a.get("train")]
    if not trained:
        return None
    hours, assumed = _preparation(sheet, examples)
    again = sheet.value("retrainings_per_year")
    cost = tuning_cost(
        prices,
        machine=OWN_MACHINE,
        labour=OWN_LABOUR,
        training_hours=Quantity.exact(max(trained) / 3600),
        preparation_hours=hours,
        retrainings_per_year=float(again) if isinstance(again, int | float) else 1.0,
    )
    return {
        "once": asdict(cost.once),
        "per_year": asdict(cost.per_year),
        "assumed": assumed + ([] if again is not None else ["1 retraining a year"]),
    }


def _preparation(sheet: FactSheet, examples: int) -> tuple[Quantity, list[str]]:
    stated = sheet.get("data_preparation_hours")
    if stated and isinstance(stated.value, int | float):
        value = float(stated.value)
        return Quantity(value, stated.low or value, stated.high or value), []
    minutes = Quantity(3, 1, 6)  # to write or check one short example: an assumption
    return (
        scaled(minutes, examples / 60),
        [f"{minutes.low:g} to {minutes.high:g} minutes of work an example"],
    )

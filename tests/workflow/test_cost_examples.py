"""The traps of docs/costs.md, reckoned: a cached prefix, and a machine that idles."""

from pathlib import Path

import pytest

from tunewise.evidence.cost_plans import CostPlan, Kind, monthly
from tunewise.evidence.costs import Quantity
from tunewise.evidence.price_table import parse_prices
from tunewise.workflow.costs.plans import plan_of

from .test_costing import basis, spec, took

DOCS = (Path(__file__).parents[2] / "docs" / "costs.md").read_text(encoding="utf-8")
PRICE = """
[[price]]
id = "{}"
what = "x"
value = {value}
low = {value}
high = {value}
currency = "EUR"
per = "{}"
source = "the example"
as_of = 2026-11-01
"""
TABLE = (
    '[meta]\ncurrency = "EUR"\n'
    + PRICE.format("own-machine", "hour", value=1.5)
    + PRICE.format("own-labour", "hour", value=80)
    + PRICE.format("api-out", "million tokens", value=1.6)
    + PRICE.format("api-in", "million tokens", value=0.4)
)


def inference(plan: CostPlan, requests: int) -> float:
    """What answering costs a month: upkeep is left out."""
    parts = tuple(p for p in plan.parts if p.kind is Kind.INFERENCE)
    only = CostPlan(plan.option, plan.currency, parts)
    return monthly(only, Quantity.exact(requests)).value


@pytest.mark.parametrize(
    ("cached", "saved"), [("", 60.0), ("cached = 0.1\ncached_from = 1024\n", 15.0)]
)
def test_tokens_of_a_cached_prefix_save_what_they_really_cost(
    cached: str, saved: float
) -> None:
    found = basis(prices=parse_prices(TABLE + cached))
    hosted = {"hosted": True, "model": "api"}
    prompt = took(**hosted, tokens_in=2000.0, shared_tokens=1500.0)
    tuned = took(**hosted, tokens_in=500.0, shared_tokens=0.0)

    before, after = (
        inference(plan_of("prompt", worked, found), 100_000)
        for worked in (prompt, tuned)
    )

    assert before - after == pytest.approx(saved)
    assert f"{saved:.2f}" in DOCS


@pytest.mark.parametrize(
    ("costs", "month"),
    [
        ({}, 1.04),
        ({"always_on": True}, 1095.0),
        ({"always_on": True, "shared_by": 25}, 43.8),
    ],
    ids=["busy", "idle", "shared"],
)
def test_a_machine_that_is_never_switched_off_is_paid_for_idle_or_busy(
    costs: dict[str, object], month: float
) -> None:
    found = basis(asked=spec(**costs), prices=parse_prices(TABLE))

    plan = plan_of("finetune", took(seconds_per_request=Quantity.exact(0.5)), found)

    assert inference(plan, 5_000) == pytest.approx(month, abs=0.005)
    assert f"{month:,.2f}" in DOCS

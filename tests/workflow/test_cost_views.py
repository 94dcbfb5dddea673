import datetime as dt

from tunewise.evidence.break_even import BreakEven
from tunewise.evidence.cost_plans import CostPlan
from tunewise.evidence.costs import Quantity
from tunewise.workflow.costs.plans import plan_of
from tunewise.workflow.costs.views import costs_view, in_words, request_cost

from .test_costing import basis, spec, took

DAY = dt.date(2026, 11, 27)
FACTS = {
    "request_volume_per_day": 1000,
    "data_preparation_hours": 40,
    "current_monthly_cost": 2640,
}


def plans(asked=None, facts=FACTS, **more) -> dict[str, CostPlan]:
    found = basis(facts, asked)
    return {
        "prompt": plan_of("prompt", took(training_seconds=None), found),
        "finetune": plan_of("finetune", took(**more), found),
    }


def test_a_report_keeps_every_figure_and_what_it_rests_on() -> None:
    view = costs_view(plans(), basis(FACTS), on=DAY)

    prompt, tuned = view["options"]
    assert (view["currency"], view["requests_a_month"]["stated"]) == ("EUR", True)
    assert {k["kind"] for k in tuned["kinds"]} == {
        "training",
        "preparation",
        "inference",
        "maintenance",
    }
    assert tuned["three_years"]["value"] == (
        tuned["once"]["value"] + 36 * tuned["monthly"]["value"]
    )
    assert [v["requests"] for v in prompt["by_volume"]] == [
        1_000,
        10_000,
        30_417,  # 1,000 a day
        100_000,
        1_000_000,
    ]
    assert any("own-labour, 2026-11-23" in line for line in tuned["rests_on"])
    assert tuned["prices_that_matter"][0]["price"] == "own-labour"
    assert view["today"]["monthly"] == {"value": 2640, "low": 2640, "high": 2640}
    assert view["today"]["by_volume"] == []
    assert {(p["option"], p["against"]) for p in view["break_even"]} == {
        ("finetune", "prompt"),
        ("prompt", "today"),
        ("finetune", "today"),
    }
    assert view["cheapest"] == "prompt"
    assert view["warnings"] == []


def test_nothing_is_compared_with_a_today_that_nobody_stated() -> None:
    view = costs_view(plans(facts={}), basis(), on=DAY)

    assert view["today"] is None
    assert "current_monthly_cost" in view["today_unknown"]


def test_prices_that_count_and_are_old_are_warned_of() -> None:
    asked = spec(machine="a100-80gb-rented")

    view = costs_view(plans(asked), basis(FACTS, asked), on=DAY)

    (warning,) = view["warnings"]
    assert warning.startswith("Prices older than 90 days: a100-80gb-rented, the oldest")


def test_a_fixed_order_that_money_contradicts_is_warned_of() -> None:
    facts = {**FACTS, "maintenance_hours_per_month": 0}
    found = basis(facts)
    dear = took(seconds_per_request=Quantity.exact(600))
    cheap = took(seconds_per_request=Quantity.exact(0.01), seconds=60.0)

    view = costs_view(
        {
            "prompt": plan_of("prompt", dear, found),
            "finetune": plan_of("finetune", cheap, found),
        },
        found,
        on=DAY,
    )

    assert view["cheapest"] == "finetune"
    assert any(
        w.startswith("Over three years finetune costs less") for w in view["warnings"]
    )


def test_what_costs_more_a_month_than_it_may_is_told() -> None:
    facts = {**FACTS, "monthly_cost_limit": 1}

    view = costs_view(plans(facts=facts), basis(facts), on=DAY)

    assert any("more than the limit of 1.00" in w for w in view["warnings"])


def test_an_arm_without_a_price_for_its_requests_is_compared_with_nothing() -> None:
    found = basis(FACTS)
    untimed = plan_of("prompt", took(seconds_per_request=None), found)

    view = costs_view({"prompt": untimed}, found, on=DAY)

    assert view["break_even"] == []
    assert view["cheapest"] is None
    assert view["options"][0]["complete"] is False
    assert view["warnings"] == [
        "prompt is compared with nothing: its requests have no price."
    ]


def test_a_thousand_requests_share_a_machine_that_is_always_on() -> None:
    asked = spec(machine="small-server")
    month = Quantity.exact(30_000)

    hosted = request_cost(plans(asked)["prompt"], month)
    busy = request_cost(plans()["prompt"], month)

    assert hosted is not None
    assert (hosted["value"], hosted["per"]) == (1.0, "1000 requests")  # 30 EUR a month
    assert busy is not None
    assert round(busy["value"], 4) == 0.0208  # 500 s at .15 an hour


def pair(**other) -> BreakEven:
    found = {
        "option": "finetune",
        "against": "today",
        "once": 5300.0,
        "saved": 2140.0,
        "months": 2.4766,
        "low": 1.5,
        "high": None,
        "requests": 495_327.0,
        "from_volume": None,
        **other,
    }
    return BreakEven(**found)


def test_a_break_even_is_said_in_a_sentence() -> None:
    assert in_words(pair(), "EUR") == (
        "finetune against today: 5,300 EUR more once, 2,140 EUR saved a month: earned "
        "back after 2.5 months (1.5 to never) or 495,327 requests"
    )
    assert in_words(pair(from_volume=18_750.0, high=4.0), "EUR").endswith(
        "; it pays within three years from 18,750 requests a month on"
    )
    assert in_words(pair(saved=-12.0, months=None, low=None), "EUR") == (
        "finetune against today: 5,300 EUR more once and 12.00 EUR more a month: never "
        "earned back"
    )
    assert in_words(pair(once=0.0, months=0.0), "EUR").endswith("pays from the start")

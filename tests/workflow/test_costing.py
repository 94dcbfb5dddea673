from collections.abc import Mapping
from pathlib import Path

import pytest

from tunewise.domain.dataset import Split
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import (
    CostSpec,
    ExperimentSpec,
    TaskSpec,
)
from tunewise.domain.facts import Evidence, EvidenceKind, Fact, FactSheet
from tunewise.evidence.cost_plans import CostPlan, Kind, Per
from tunewise.evidence.costs import Quantity
from tunewise.evidence.price_table import parse_prices
from tunewise.workflow.costs.amounts import Basis, requests_a_month
from tunewise.workflow.costs.plans import TODAY, plan_of, today
from tunewise.workflow.costs.prices import chosen
from tunewise.workflow.experiments.worked import Worked

SHIPPED = Path(__file__).parents[2] / "rules" / "prices.toml"
PRICES = parse_prices(SHIPPED.read_text(encoding="utf-8"))
EXAMPLES = {Split.TRAIN: 600, Split.VALIDATION: 100, Split.HELDOUT: 100}


def spec(**costs: object) -> ExperimentSpec:
    return ExperimentSpec(
        title="Desk",
        dataset="desk@1",
        dataset_files={},
        facts={},
        task=TaskSpec("classification", "accuracy"),
        arms=("prompt", "finetune"),
        costs=CostSpec(**costs),  # type: ignore[arg-type]
    )


def basis(
    facts: Mapping[str, object] = {},
    asked: ExperimentSpec | None = None,
    prices=PRICES,
) -> Basis:
    evidence = Evidence(EvidenceKind.PERSON, "Ada")
    sheet = FactSheet().with_facts(
        *(Fact(n, v, evidence=evidence) for n, v in facts.items())  # type: ignore[arg-type]
    )
    return Basis(prices, chosen(asked or spec(), prices), sheet, EXAMPLES)


def took(**other: object) -> Worked:
    found: dict[str, object] = {
        "runs": 2,
        "model": "gpt-4.1-mini",
        "seconds": 7200.0,
        "unknown": 0,
        "hosted": False,
        "requests": 300,
        "training_seconds": 1800.0,
        "seconds_per_request": Quantity(0.5, 0.1, 1.0),
        "tokens_in": 2000.0,
        "tokens_out": 50.0,
        "shared_tokens": 1500.0,
        **other,
    }
    return Worked(**found)  # type: ignore[arg-type]


def amounts(plan: CostPlan, kind: Kind) -> list[tuple[str, Per, float]]:
    return [
        (p.price.id, p.per, pytest.approx(p.amount.value))
        for p in plan.parts
        if p.kind is kind
    ]


def test_training_counts_all_runs_and_a_request_what_it_took() -> None:
    found = plan_of("finetune", took(), basis())

    assert amounts(found, Kind.TRAINING) == [("own-machine", Per.ONCE, 2.0)]
    assert amounts(found, Kind.INFERENCE) == [("own-machine", Per.REQUEST, 0.5 / 3600)]


def test_examples_are_prepared_by_all_and_those_of_training_by_tuned_options() -> None:
    facts = {"data_preparation_hours": 80}

    tuned, prompt = (
        amounts(plan_of(arm, took(), basis(facts)), Kind.PREPARATION)
        for arm in ("finetune", "prompt")
    )

    # 80 h for 800 examples: 20 for the 200 to measure by, 60 for the 600 to train on
    assert prompt == [("own-labour", Per.ONCE, 20), ("own-labour", Per.ONCE, 8)]
    assert [hours for _, _, hours in tuned] == [20, 60, 16]


def test_upkeep_that_is_stated_holds_the_work_of_training_again() -> None:
    facts = {"maintenance_hours_per_month": 6, "retrainings_per_year": 12}

    found = amounts(plan_of("finetune", took(), basis(facts)), Kind.MAINTENANCE)

    # half an hour of training once a month beside the six of a person
    assert found == [("own-labour", Per.MONTH, 6), ("own-machine", Per.MONTH, 0.5)]


def test_upkeep_that_nobody_stated_is_assumed_and_said() -> None:
    found = plan_of("finetune", took(), basis({"retrainings_per_year": 12}))

    # 4 h to look after it, and a quarter of the 600 examples at 3 minutes: 7.5 h
    hours = [p.amount.value for p in found.parts if p.kind is Kind.MAINTENANCE]
    assert hours == pytest.approx([4, 0.5, 7.5])
    assert any(text.endswith("tuned-maintenance)") for text in found.assumed)
    assert not any("retrainings-a-year" in text for text in found.assumed)


def test_a_prefix_that_was_read_before_is_billed_at_its_own_price() -> None:
    found = plan_of("prompt", took(hosted=True), basis())

    by_id = {p.price.id: p for p in found.parts if p.kind is Kind.INFERENCE}

    own, cached = by_id["gpt-4.1-mini-in"], by_id["gpt-4.1-mini-in (cached)"]
    assert own.amount == Quantity(0.0005, 0.0005, 0.002)  # of a million tokens
    assert cached.amount == Quantity(0.0015, 0.0015, 0)
    assert cached.price.value == pytest.approx(0.09)  # .10 USD at .90


def test_a_short_prompt_is_not_cached() -> None:
    worked = took(hosted=True, tokens_in=800.0, shared_tokens=700.0)

    found = plan_of("prompt", worked, basis())

    ids = {p.price.id for p in found.parts if p.kind is Kind.INFERENCE}
    assert ids == {"gpt-4.1-mini-in", "gpt-4.1-mini-out"}


def test_an_endpoint_without_prices_is_said_and_not_counted() -> None:
    found = plan_of("prompt", took(hosted=True, model="mystery"), basis())
    silent = plan_of("prompt", took(hosted=True, tokens_in=0.0), basis())

    assert not amounts(found, Kind.INFERENCE)
    assert "none of mystery; name them" in found.missing[-1]
    assert not amounts(silent, Kind.INFERENCE)
    assert "the endpoint does not say how many" in silent.missing[-1]


def test_a_monthly_machine_is_always_on_and_trains_elsewhere() -> None:
    found = plan_of("finetune", took(), basis(asked=spec(machine="small-server")))

    (hosted,) = [p for p in found.parts if p.kind is Kind.INFERENCE]
    assert (hosted.per, hosted.amount.value) == (Per.MONTH, 1)
    # half of 2,628,000 seconds a month at half a second each
    assert hosted.capacity is not None
    assert hosted.capacity.value == pytest.approx(2_628_000)
    assert amounts(found, Kind.TRAINING) == [("own-machine", Per.ONCE, 2.0)]


def test_a_rented_machine_that_is_always_on_costs_all_hours_of_a_month() -> None:
    asked = spec(machine="a100-80gb-rented", always_on=True, shared_by=25)

    found = plan_of("finetune", took(), basis(asked=asked))

    (hosted,) = [p for p in found.parts if p.kind is Kind.INFERENCE]
    assert hosted.amount.value == 730
    assert hosted.units(1, "value") == pytest.approx(29.2)  # a 25th


def test_what_a_house_leaves_out_of_its_table_is_not_counted_and_said() -> None:
    own = "".join(
        f'[[price]]\nid = "{id}"\nwhat = "x"\nvalue = 1\nlow = 1\nhigh = 1\n'
        'currency = "EUR"\nper = "hour"\nsource = "x"\nas_of = 2026-01-01\n'
        for id in ("own-machine", "own-labour")
    )
    prices = parse_prices('[meta]\ncurrency = "EUR"\n' + own)

    found = plan_of("prompt", took(), basis(prices=prices))

    assert "minutes-an-example: the price table has no such [[assumption]]" in (
        found.missing
    )


def test_the_volume_that_is_stated_counts() -> None:
    stated, known = requests_a_month(basis({"request_volume_per_day": 240}))
    assumed, guessed = requests_a_month(basis())

    assert (stated.value, known) == (7300, True)
    assert (assumed.value, guessed) == (10_000, False)


def test_today_is_what_was_stated_else_the_arm_in_use_without_what_it_cost_once() -> (
    None
):
    plans = {"prompt": plan_of("prompt", took(), basis())}

    sum_of_month = today(plans, basis({"current_monthly_cost": 2640}))
    as_prompt = today(plans, basis({"current_option": "prompt"}))

    assert sum_of_month is not None
    assert sum_of_month.whole
    assert sum_of_month.parts[0].price.source == "stated; person:Ada"
    assert as_prompt is not None
    assert (as_prompt.option, {p.per for p in as_prompt.parts}) == (
        TODAY,
        {Per.REQUEST, Per.MONTH},
    )
    assert today(plans, basis({"current_option": "none"})) is None
    assert today(plans, basis()) is None


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        ({"machine": "own-machin"}, "costs.machine: .* did you mean 'own-machine'"),
        ({"machine": "own-labour", "training": "small-server"}, "paid per month"),
        ({"token_in": "own-labour"}, "costs.token_in: 'own-labour' is paid per hour"),
    ],
)
def test_a_price_that_does_not_fit_is_refused(
    costs: dict[str, object], said: str
) -> None:
    with pytest.raises(SpecError, match=said):
        chosen(spec(**costs), PRICES)

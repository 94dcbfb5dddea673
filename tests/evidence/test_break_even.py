import re
from dataclasses import replace
from pathlib import Path

import pytest

from tunewise.evidence.break_even import break_even
from tunewise.evidence.cost_plans import Kind, Per
from tunewise.evidence.costs import Quantity

from .plans import part, plan, price

DOCS = Path(__file__).parents[2] / "docs" / "costs.md"
ROW = re.compile(
    r"^\| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d.]+|never) \|"
)


def examples() -> list[list[str]]:
    """Rows of the table of worked examples in the docs."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    found = [list(m.groups()) for line in lines if (m := ROW.match(line))]
    assert len(found) >= 3
    return found


@pytest.mark.parametrize("row", examples(), ids=lambda row: row[0])
def test_the_worked_examples_of_the_docs_hold(row: list[str]) -> None:
    requests, paid, before, after = (float(n.replace(",", "")) for n in row[:4])
    today = plan("today", part(Per.MONTH, price("before", before), 1, kind=Kind.WHOLE))
    tuned = plan(
        "finetune",
        part(Per.ONCE, price("once", paid), 1),
        part(Per.MONTH, price("after", after), 1),
    )

    found = break_even(tuned, today, Quantity.exact(requests))

    months = "never" if found.months is None else f"{found.months:.1f}"
    assert months == row[4]
    assert (found.option, found.against) == ("finetune", "today")


def test_months_are_the_cost_over_what_is_saved_and_requests_are_theirs() -> None:
    today = plan("today", part(Per.MONTH, price("before", 2640), 1, kind=Kind.WHOLE))
    tuned = plan(
        "finetune",
        part(Per.ONCE, price("once", 5300), 1),
        part(Per.MONTH, price("after", 500), 1),
    )

    found = break_even(tuned, today, Quantity.exact(200_000))

    assert (found.once, found.saved) == (5300, 2140)
    assert found.months == pytest.approx(2.4766, abs=1e-4)
    assert found.requests == pytest.approx(495_327, abs=1)
    assert found.from_volume is None  # today's sum is known for one volume only


def test_bounds_take_a_price_that_both_pay_at_one_end_for_both() -> None:
    gpu = price("gpu", 2, 1, 4)
    prompt = plan("prompt", part(Per.REQUEST, gpu, 3))
    tuned = plan(
        "finetune", part(Per.ONCE, price("once", 100), 1), part(Per.REQUEST, gpu, 1)
    )

    found = break_even(prompt, tuned, Quantity.exact(10))

    # saved: 2 units a request at 2 (4, 1): 100 / 40, 100 / 80, 100 / 20
    assert (found.months, found.low, found.high) == (2.5, 1.25, 5.0)
    assert found.option == "finetune"


def test_what_both_pay_in_the_same_way_is_no_difference() -> None:
    labour = price("labour", 80, 50, 120)
    both = part(Per.ONCE, labour, Quantity(10, 1, 100))
    prompt = plan("prompt", both, part(Per.MONTH, price("a", 30), 1))
    tuned = plan(
        "finetune",
        both,
        part(Per.ONCE, price("once", 60), 1),
        part(Per.MONTH, price("b", 10), 1),
    )

    found = break_even(tuned, prompt, Quantity.exact(1))

    assert (found.months, found.low, found.high) == (3, 3, 3)


def test_what_costs_more_a_month_is_never_earned_back() -> None:
    prompt = plan("prompt", part(Per.MONTH, price("a", 10, 5, 30), 1))
    tuned = plan(
        "finetune",
        part(Per.ONCE, price("once", 100, 50, 200), 1),
        part(Per.MONTH, price("b", 20), 1),
    )

    found = break_even(tuned, prompt, Quantity.exact(1))

    assert (found.months, found.high, found.requests) == (None, None, None)
    assert found.low == 5  # 50 over 30 - 20, if everything goes well


def test_the_volume_that_pays_within_three_years_is_found() -> None:
    prompt = plan("prompt", part(Per.REQUEST, price("token", 1), 0.01))
    tuned = plan(
        "finetune",
        part(Per.ONCE, price("once", 3600), 1),
        part(Per.MONTH, price("upkeep", 50), 1),
        part(Per.REQUEST, price("token", 1), 0.002),
    )

    found = break_even(tuned, prompt, Quantity.exact(1000))

    # 3600 / 36 + 50 = 150 a month over .008 a request
    assert found.from_volume == pytest.approx(18_750, rel=1e-3)
    assert found.months is None  # at 1,000: 8 saved on requests, 50 spent on upkeep


def test_the_same_plan_twice_costs_the_same_from_the_start() -> None:
    found = break_even(
        plan("prompt", part(Per.MONTH, price("a", 5), 1)),
        plan("today", part(Per.MONTH, price("a", 5), 1)),
        Quantity.exact(10),
    )

    assert (found.once, found.saved, found.months) == (0, 0, 0)


def test_different_currencies_are_not_compared() -> None:
    euro = plan("prompt")
    dollar = replace(euro, option="rag", currency="USD")

    with pytest.raises(ValueError, match="costs in EUR and in USD"):
        break_even(euro, dollar, Quantity.exact(1))

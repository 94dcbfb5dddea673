"""What an experiment's report keeps of costs: plans and break-evens as plain data.

Everything that a page or a report shows is computed here and stored: a report is
rebuilt from its record, and the price table of the day may be gone by then.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from itertools import combinations

from tunewise.domain.experiment import ARMS
from tunewise.evidence.break_even import BreakEven, break_even
from tunewise.evidence.cost_plans import (
    MONTHS,
    CostPlan,
    Kind,
    Part,
    Per,
    monthly,
    most_sensitive,
    once,
    three_years,
    unused,
)
from tunewise.evidence.costs import Quantity, said, scaled
from tunewise.evidence.prices import stale_warning
from tunewise.workflow.costs.amounts import Basis, requests_a_month, stated
from tunewise.workflow.costs.plans import TODAY
from tunewise.workflow.costs.plans import today as in_use_today
from tunewise.workflow.views import View

VOLUMES = (1_000, 10_000, 100_000, 1_000_000)  # requests a month


def digest_of(text: str) -> str:
    """Return the digest of a price table's text, as a decision names it."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def costs_view(plans: Mapping[str, CostPlan], basis: Basis, *, on: date) -> View:
    """Return what every option costs, what is in use today, and what pays when."""
    requests, known = requests_a_month(basis)
    now = in_use_today(plans, basis)
    every = [*plans.values(), *([now] if now else [])]
    priced = [plan for plan in every if _priced(plan)]
    pairs = [break_even(a, b, requests) for a, b in combinations(priced, 2)]
    totals = {p.option: three_years(p, requests) for p in priced}
    return {
        "currency": basis.prices.currency,
        "on": on.isoformat(),
        "months": MONTHS,
        "requests_a_month": {**asdict(requests), "stated": known},
        "options": [_option(plan, requests) for plan in plans.values()],
        "today": _option(now, requests) if now else None,
        "today_unknown": "" if now else _NOBODY_SAID,
        "break_even": [
            {**asdict(pair), "because": in_words(pair, basis.prices.currency)}
            for pair in pairs
        ],
        "cheapest": min(
            (o for o in totals if o != TODAY),
            key=lambda o: totals[o].value,
            default=None,
        ),
        "warnings": [
            w
            for w in (
                stale_warning(basis.prices, on, of=_ids(every, basis)),
                _order(totals, basis.prices.currency),
                *_above_limit(priced, requests, basis),
                *(
                    f"{p.option} is compared with nothing: its requests have no price."
                    for p in every
                    if not _priced(p)
                ),
            )
            if w
        ],
    }


def request_cost(plan: CostPlan, requests: Quantity) -> View | None:
    """Return what 1,000 requests cost, as ``experiment show`` prints it of an arm.

    A machine that is always on is shared out over the requests of a month.
    """
    parts = tuple(p for p in plan.parts if p.kind is Kind.INFERENCE)
    of_requests = all(p.per is Per.REQUEST for p in parts) and not plan.contracts
    if not parts or (not of_requests and not requests.value):
        return None
    answering = replace(plan, parts=parts)
    if of_requests:
        cost = monthly(answering, Quantity.exact(1000))
    else:
        cost = scaled(
            monthly(answering, Quantity.exact(requests.value)), 1000 / requests.value
        )
    return {**asdict(cost), "currency": plan.currency, "per": "1000 requests"}


def in_words(pair: BreakEven, currency: str) -> str:
    """Return a break-even as a sentence."""
    names = f"{pair.option} against {pair.against}"
    first = f"{_money(pair.once)} {currency} more once"
    if pair.months is None:
        dearer = f"and {_money(-pair.saved)} {currency} more a month"
        same = "and nothing saved a month"
        best = f" (at best after {_number(pair.low)} months)" if pair.low else ""
        return (
            f"{names}: {first} {dearer if pair.saved else same}: never earned back"
            f"{best}{_from_volume(pair)}"
        )
    saved = f"{_money(pair.saved)} {currency} saved a month"
    if not pair.once:
        pays = "it pays from the start" if pair.saved else "they cost the same"
        return f"{names}: nothing more once, {saved}: {pays}"
    low = "0" if pair.low is None else _number(pair.low)
    high = "never" if pair.high is None else _number(pair.high)
    text = (
        f"{names}: {first}, {saved}: earned back after {_number(pair.months)} months "
        f"({low} to {high}) or {pair.requests:,.0f} requests"
    )
    return text + _from_volume(pair)


def _from_volume(pair: BreakEven) -> str:
    if pair.from_volume is None:
        return ""
    return (
        f"; it pays within three years from {pair.from_volume:,.0f} requests a month on"
    )


_NOBODY_SAID = (
    "Nothing is compared with today: state current_monthly_cost in the facts, or as "
    "current_option one that is measured here."
)


def _priced(plan: CostPlan) -> bool:
    """Tell whether the requests of a plan have a price: else it looks too cheap."""
    return any(p.kind in (Kind.INFERENCE, Kind.WHOLE) for p in plan.parts)


def _option(plan: CostPlan, requests: Quantity) -> View:
    volumes = sorted({*VOLUMES, round(requests.value)} - {0})
    return {
        "option": plan.option,
        "complete": _priced(plan),
        "once": asdict(once(plan)),
        "monthly": asdict(monthly(plan, requests)),
        "three_years": asdict(three_years(plan, requests)),
        "kinds": list(_kinds(plan, requests)),
        "by_volume": []
        if plan.whole
        else [
            {"requests": n, **asdict(monthly(plan, Quantity.exact(n)))} for n in volumes
        ],
        "prices_that_matter": [
            {
                "price": swing.price.id,
                "from": swing.price.low,
                "to": swing.price.high,
                "per": swing.price.per,
                "as_of": swing.price.as_of,
                "low": swing.low,
                "high": swing.high,
            }
            for swing in most_sensitive(plan, requests)
        ],
        "rests_on": [_rests_on(part) for part in plan.parts]
        + [
            f"{c.id}: at least {c.committed_a_month:,.2f} {plan.currency} a month "
            f"({c.as_of}; {c.source})"
            for c in plan.contracts
            if c.committed_a_month
        ],
        "assumed": list(plan.assumed),
        "missing": list(plan.missing),
    }


def _kinds(plan: CostPlan, requests: Quantity) -> Iterator[View]:
    """Yield the guide's four costs; what is committed and not used is inference."""
    for kind in Kind:
        parts = tuple(p for p in plan.parts if p.kind is kind)
        if not parts:
            continue
        alone = replace(plan, parts=parts, contracts=())
        month = monthly(alone, requests)
        if kind is Kind.INFERENCE:
            left = unused(plan, requests)
            month = Quantity(
                month.value + left.value, month.low + left.low, month.high + left.high
            )
        yield {"kind": kind.value, "once": asdict(once(alone)), "month": asdict(month)}


def _rests_on(part: Part) -> str:
    amount = part.amount.value
    if part.per is Per.REQUEST:
        return said(part.price, amount * 1000, f"{part.what}, each 1,000 requests")
    shared = f", shared by {part.shared_by}" if part.shared_by > 1 else ""
    return said(part.price, amount, part.what + shared)


def _ids(plans: Sequence[CostPlan], basis: Basis) -> list[str]:
    """Return the prices that count, as the table names them."""
    used = dict.fromkeys(p.price.table_id for plan in plans for p in plan.parts)
    return [id for id in used if id in basis.prices.prices]


def _order(totals: Mapping[str, Quantity], currency: str) -> str:
    """Say where money orders the options otherwise than the verdict does."""
    measured = [arm for arm in ARMS if arm in totals]
    if not measured:
        return ""
    least = min(measured, key=lambda arm: totals[arm].value)
    before = measured[: measured.index(least)]
    if not before:
        return ""
    dearer = ", ".join(f"{a} ({_money(totals[a].value)} {currency})" for a in before)
    apart = all(totals[least].high < totals[a].low for a in before)
    return (
        f"Over three years {least} costs less ({_money(totals[least].value)} "
        f"{currency}) than {dearer}, which the verdict calls cheaper: it goes by the "
        "fixed order of the options, not by these figures"
        + ("." if apart else ", whose ranges overlap.")
    )


def _above_limit(
    plans: Sequence[CostPlan], requests: Quantity, basis: Basis
) -> Iterator[str]:
    """Say which options cost more a month than the facts allow."""
    limit = stated(basis.sheet, "monthly_cost_limit")
    for plan in plans if limit else ():
        cost = monthly(plan, requests)
        if limit and cost.value > limit.value:
            sure = "" if cost.low > limit.value else "; at the low end of its range not"
            yield (
                f"{plan.option} costs {_money(cost.value)} {plan.currency} a month, "
                f"more than the limit of {_money(limit.value)}{sure}."
            )


def _money(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:,.1f}"

"""What the arms of an experiment cost, as plans: amounts from runs and facts, priced.

    runs of an arm --worked--> seconds, tokens      facts --> volume, hours, cadence
    [costs] of the specification + price table --chosen--> the prices that apply
    all of these --plans--> one CostPlan for each arm, and one for what is in use today

What no run and no fact says is taken from the table's assumptions, and said.
"""

from collections.abc import Mapping
from dataclasses import replace

from tunewise.domain.completeness import TUNED
from tunewise.domain.dataset import Split
from tunewise.domain.facts import Fact
from tunewise.evidence.cost_plans import HOURS_A_MONTH, CostPlan, Kind, Part, Per
from tunewise.evidence.costs import SECONDS_PER_HOUR, Quantity, scaled
from tunewise.evidence.prices import Price
from tunewise.workflow.costs.amounts import (
    Basis,
    Notes,
    assumed,
    example_hours,
    stated,
    times,
)
from tunewise.workflow.costs.prices import HOUR, MONTH, TOKEN_UNITS, of_tokens
from tunewise.workflow.experiments.worked import Worked

TODAY = "today"
# whose hours an option takes: assumptions NAME-preparation, NAME-maintenance
_EFFORT = {
    "prompt": ("prompt",),
    "rag": ("rag",),
    "finetune": ("tuned",),
    "hybrid": ("rag", "tuned"),
}


def plan_of(arm: str, worked: Worked, basis: Basis) -> CostPlan:
    """Return what putting an arm into practice costs, from what its runs took."""
    notes = Notes()
    trying = _trying(worked, basis, notes)
    preparing = _preparing(arm, basis, notes)
    upkeep = _upkeep(arm, worked, basis, notes)
    answering = _answering(worked, basis, notes)
    parts = (*trying, *preparing, *answering, *upkeep)
    used = {p.price.id for p in parts}
    return CostPlan(
        option=arm,
        currency=basis.prices.currency,
        parts=parts,
        contracts=basis.prices.contracts_of(used),
        assumed=tuple(notes.assumed),
        missing=tuple(notes.missing),
    )


def today(plans: Mapping[str, CostPlan], basis: Basis) -> CostPlan | None:
    """Return what the task costs as it is done today; None where nobody said.

    The stated sum of a month counts first, else the arm that is in use, without what
    it cost once.
    """
    fact = basis.sheet.get("current_monthly_cost")
    used = str(basis.sheet.value("current_option") or "")
    sum_of_month = stated(basis.sheet, "current_monthly_cost")
    if fact is not None and sum_of_month is not None:
        part = Part(
            *(Kind.WHOLE, Per.MONTH),
            price=_sum(fact, sum_of_month, basis.prices.currency),
            amount=Quantity.exact(1),
            what="month as it is today",
        )
        return CostPlan(TODAY, basis.prices.currency, (part,))
    if used in plans:
        plan = plans[used]
        running = tuple(p for p in plan.parts if p.per is not Per.ONCE)
        said = f"today's {used} costs what the {used} arm costs"
        return replace(plan, option=TODAY, parts=running, assumed=(said, *plan.assumed))
    return None


def _trying(worked: Worked, basis: Basis, notes: Notes) -> list[Part]:
    """Return what all runs of the arm took: set-ups, seeds and failures included."""
    about = f"{worked.runs} run" + ("s" if worked.runs != 1 else "")
    if worked.unknown:
        notes.missing.append(
            f"training: {worked.unknown} attempts whose process was killed; how long "
            "they took is not known"
        )
    if not worked.hosted:
        hours = Quantity.exact(worked.seconds / SECONDS_PER_HOUR)
        what = f"h of training and trying set-ups ({about}, failures included)"
        return [Part(Kind.TRAINING, Per.ONCE, basis.chosen.training, hours, what)]
    number = worked.requests
    return [
        replace(
            part, kind=Kind.TRAINING, per=Per.ONCE, amount=scaled(part.amount, number)
        )
        for part in _tokens(worked, basis, f"to try set-ups ({about})", notes)
    ]


def _answering(worked: Worked, basis: Basis, notes: Notes) -> list[Part]:
    """Return the cost of requests: tokens of an endpoint, or a machine's time."""
    if worked.hosted:
        return _tokens(worked, basis, "of requests", notes)
    seconds, machine = worked.seconds_per_request, basis.chosen.machine
    if seconds is None:
        notes.missing.append("inference: no answer was timed")
        return []
    if not basis.chosen.always_on:
        hours = scaled(seconds, 1 / SECONDS_PER_HOUR)
        return [Part(Kind.INFERENCE, Per.REQUEST, machine, hours, "h of requests")]
    busy = assumed(basis.prices, "busy-share", notes)
    whole = HOURS_A_MONTH if machine.per == HOUR else 1
    return [
        Part(
            *(Kind.INFERENCE, Per.MONTH, machine),
            amount=Quantity.exact(whole),
            what=f"{machine.per}s of a machine that is always on",
            capacity=_capacity(seconds, busy),
            shared_by=basis.chosen.shared_by,
        )
    ]


def _capacity(seconds: Quantity, busy: Quantity) -> Quantity | None:
    """Return the requests a month that one machine answers, one at a time.

    Its ``low`` is where all goes well, as everywhere: the most requests.
    """
    if not busy.value:  # the table says nothing about it
        return None
    month = HOURS_A_MONTH * SECONDS_PER_HOUR
    return Quantity(
        month * busy.value / seconds.value,
        month * busy.high / seconds.low,
        month * busy.low / seconds.high,
    )


def _tokens(worked: Worked, basis: Basis, what: str, notes: Notes) -> list[Part]:
    """Return the tokens of one request, those of a cached prefix at their own price.

    At best every request finds the prefix that all prompts share in the provider's
    cache, at worst none does.
    """
    read, written = worked.tokens_in, worked.tokens_out
    model, named = worked.model, basis.chosen
    token_in = of_tokens(basis.prices, named.token_in, f"{model}-in")
    token_out = of_tokens(basis.prices, named.token_out, f"{model}-out")
    if token_in is None or token_out is None:
        notes.missing.append(
            f"tokens {what}: the price table has none of {model}; name them under "
            "[costs]: token_in, token_out"
        )
        return []
    if not read:
        notes.missing.append(f"tokens {what}: the endpoint does not say how many")
        return []
    cached = token_in.when_cached()
    shared = worked.shared_tokens if read >= token_in.cached_from else 0.0
    amounts = [(token_out, Quantity.exact(written), "out")]
    if cached is not None and shared:
        amounts.append((cached, Quantity(shared, shared, 0.0), "in, cached"))
        own = Quantity(read - shared, read - shared, read)
        amounts.append((token_in, own, "in"))
    else:
        amounts.append((token_in, Quantity.exact(read), "in"))
    return [
        Part(
            *(Kind.INFERENCE, Per.REQUEST, price),
            amount=scaled(amount, 1 / TOKEN_UNITS[price.per]),
            what=f"{price.per} {way} {what}",
        )
        for price, amount, way in amounts
    ]


def _preparing(arm: str, basis: Basis, notes: Notes) -> list[Part]:
    """Return the hours of people before the first request."""
    checking = [Split.HELDOUT, Split.VALIDATION]
    hours = [(example_hours(basis, checking, notes), "h for examples to measure by")]
    if arm in TUNED:
        training = example_hours(basis, [Split.TRAIN], notes)
        hours.append((training, "h for training examples"))
    for name in _EFFORT[arm]:
        hours.append(
            (
                assumed(basis.prices, f"{name}-preparation", notes),
                f"h to set up: {name}",
            )
        )
    return [
        Part(Kind.PREPARATION, Per.ONCE, basis.chosen.labour, amount, what)
        for amount, what in hours
        if amount.high
    ]


def _upkeep(arm: str, worked: Worked, basis: Basis, notes: Notes) -> list[Part]:
    """Return the hours of people in a month, and training again where it is tuned."""
    labour = basis.chosen.labour
    known = stated(basis.sheet, "maintenance_hours_per_month")
    parts = []
    for name in _EFFORT[arm]:
        hours = known if known and name == "tuned" else None
        hours = hours or assumed(basis.prices, f"{name}-maintenance", notes)
        what = f"h a month to look after it: {name}"
        parts.append(Part(Kind.MAINTENANCE, Per.MONTH, labour, hours, what))
    if arm not in TUNED:
        return parts
    yearly = stated(basis.sheet, "retrainings_per_year")
    if yearly is None:
        yearly = assumed(basis.prices, "retrainings-a-year", notes)
    if worked.training_seconds is not None:
        seconds = worked.training_seconds
        again = Quantity(seconds, seconds, max(seconds, worked.seconds))
        parts.append(
            Part(
                *(Kind.MAINTENANCE, Per.MONTH, basis.chosen.training),
                amount=_monthly(yearly, scaled(again, 1 / SECONDS_PER_HOUR)),
                what="h a month of training again",
            )
        )
    if known is None:  # what is stated holds the examples of another training
        share = assumed(basis.prices, "preparation-again", notes)
        hours = times(share, example_hours(basis, [Split.TRAIN], Notes()))
        what = "h a month for new examples"
        parts.append(
            Part(Kind.MAINTENANCE, Per.MONTH, labour, _monthly(yearly, hours), what)
        )
    return [part for part in parts if part.amount.high]


def _sum(fact: Fact, amount: Quantity, currency: str) -> Price:
    rests_on = f"{fact.evidence.kind}:{fact.evidence.reference}".rstrip(":")
    return Price(
        *("current_monthly_cost", "stated", amount.value, amount.low, amount.high),
        *(currency, MONTH, f"stated; {rests_on}"),
        as_of=fact.on or "no day stated",
    )


def _monthly(yearly: Quantity, each: Quantity) -> Quantity:
    return scaled(times(yearly, each), 1 / 12)

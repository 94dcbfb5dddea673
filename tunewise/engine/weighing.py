"""The rules basis: what matching criteria weigh together, and what they rule out.

    matched criteria  --weigh-->  Weighed (totals, ruled out)  --order_by_total-->

A weaker model's score says nothing about what a stronger one needs: where a stronger
model is allowed, or nobody said that it is not, what a prompt or RAG score says in
favour of tuning weighs nothing ("discounted").
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tunewise.domain.decision import Finding, NotMatched
from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import Consequence, Criterion, Option
from tunewise.engine.conditions import Definitions, facts_of
from tunewise.engine.readings import CriterionReading
from tunewise.engine.reference import matching_facts, read

SCORES: Mapping[Option, str] = {
    Option.PROMPT: "prompt_score",
    Option.RAG: "rag_score",
    Option.FINETUNE: "finetune_score",
    Option.HYBRID: "hybrid_score",
}
STRONGER = "stronger_model_allowed"
TUNING = (Option.FINETUNE, Option.HYBRID)

_UNTUNED = (SCORES[Option.PROMPT], SCORES[Option.RAG])


@dataclass(frozen=True, slots=True)
class Weighed:
    """Total weight per option, vetoes by criterion, and what was discounted."""

    totals: Mapping[Option, int]
    ruled_out: Mapping[Option, tuple[str, ...]]
    discounted: tuple[str, ...]  # criteria whose weight for tuning does not count


def stronger_model_open(sheet: FactSheet, definitions: Definitions) -> bool:
    """Return whether a stronger model than the measured one may be allowed."""
    return STRONGER in definitions and sheet.value(STRONGER) is not False


def weigh(
    matched: Iterable[Criterion], sheet: FactSheet, definitions: Definitions
) -> Weighed:
    """Sum the weights of matching criteria per option; a veto stands apart."""
    totals = dict.fromkeys(Option, 0)
    ruled_out: dict[Option, tuple[str, ...]] = {}
    discounted: dict[str, None] = {}
    doubtful = stronger_model_open(sheet, definitions) and any(
        sheet.get(name) for name in _UNTUNED
    )
    for criterion in matched:
        rests = doubtful and _rests_on_untuned_score(criterion, sheet)
        for consequence in criterion.then:
            option = consequence.option
            if consequence.veto:
                by = ruled_out.get(option, ())
                ruled_out[option] = by if criterion.id in by else (*by, criterion.id)
            elif rests and _speaks_for_tuning(consequence):
                discounted[criterion.id] = None
            else:
                totals[option] += consequence.weight
    return Weighed(totals, ruled_out, tuple(discounted))


def findings_of(
    matched: Iterable[Criterion],
    readings: Mapping[str, CriterionReading],
    weighed: Weighed,
) -> tuple[Finding, ...]:
    """Return one finding per consequence; a discounted one has weight 0."""
    findings: list[Finding] = []
    for criterion in matched:
        facts = readings[criterion.id].facts
        findings += (_finding(criterion, c, facts, weighed) for c in criterion.then)
    return tuple(findings)


def not_matched_of(
    readings: Mapping[str, CriterionReading],
) -> tuple[NotMatched, ...]:
    """Return why each criterion does not match: tests that fail, facts it waits for."""
    return tuple(r.not_matched for r in readings.values() if r.not_matched is not None)


def order_by_total(weighed: Weighed) -> list[Option]:
    """Return the options that may be recommended, best first.

    Ties go to the cheaper option. ``defer`` is first where no total is positive:
    without a reason for any option the verdict is "not yet", never a silent default.
    """
    usable = [o for o in Option if o not in weighed.ruled_out]
    ordered = sorted(usable, key=lambda o: -weighed.totals[o])  # stable: cheaper first
    if weighed.totals[ordered[0]] <= 0:
        ordered.remove(Option.DEFER)
        ordered.insert(0, Option.DEFER)
    elif weighed.totals[Option.DEFER] <= 0:
        ordered.remove(Option.DEFER)  # nothing speaks for waiting
    return ordered


def _finding(
    criterion: Criterion,
    consequence: Consequence,
    facts: tuple[Fact, ...],
    weighed: Weighed,
) -> Finding:
    discounted = criterion.id in weighed.discounted and _speaks_for_tuning(consequence)
    return Finding(
        criterion=criterion.id,
        option=consequence.option,
        weight=0 if discounted else consequence.weight,
        veto=consequence.veto,
        facts=facts,
        because=consequence.because,
        source=criterion.source,
        origin=criterion.origin,
        variant=consequence.variant,
        next_step=consequence.next_step,
        who=consequence.who,
    )


def _speaks_for_tuning(consequence: Consequence) -> bool:
    return consequence.option in TUNING and consequence.weight > 0


def _rests_on_untuned_score(criterion: Criterion, sheet: FactSheet) -> bool:
    if not any(_speaks_for_tuning(c) for c in criterion.then):
        return False
    # Asked first because it is cheap: what-if searches come here very often.
    if not any(name in _UNTUNED for name in facts_of(criterion.when)):
        return False
    facts = matching_facts(read(criterion.when, sheet))
    return any(fact.name in _UNTUNED for fact in facts)

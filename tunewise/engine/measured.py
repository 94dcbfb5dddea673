"""The measured basis: what scores on the same held-out examples decide.

    scores with evidence (run, imported) of two options or more
      target known:  the cheapest whose lower bound meets it
                     none can: defer          an interval spans it: open
      no target:     the cheapest equivalent to the best, or that nothing
                     dearer is shown to beat
      none is shown to beat a lookup without a model, nor to meet a target that the
      lookup misses: defer

A veto stands above any score; a shown win stands above any unmeasured criterion.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tunewise.domain.decision import NextStep
from tunewise.domain.facts import Comparison, Conclusion, Fact, FactSheet
from tunewise.domain.rules import Option
from tunewise.engine.arms import (
    TARGET,
    Arm,
    arms_of,
    best_of,
    bounds,
    compared,
    examples_behind,
    examples_to_settle,
    shown_to_beat,
)
from tunewise.engine.lookup import Beside, Lookup, lookup_of
from tunewise.engine.source_text import listed
from tunewise.engine.weighing import SCORES


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the scores decide. ``shown`` where no further example could turn it."""

    recommended: Option
    because: str
    runner_up: Option | None
    margin: float
    shown: bool
    open: bool = False
    warnings: tuple[str, ...] = ()
    next_steps: tuple[NextStep, ...] = ()


def judge(sheet: FactSheet, ruled_out: Collection[Option]) -> Judgement | None:
    """Return what the scores decide, None where fewer than two were measured."""
    measured = arms_of(sheet)
    usable = [a for a in measured if a.option not in ruled_out]
    if len(measured) < 2 or not usable:
        return None
    if behind := behind_lookup(sheet, ruled_out):
        return behind
    target = sheet.get(TARGET)
    if target is None:
        return _unbeaten(usable, sheet.comparisons)
    unmeasured = _unmeasured(usable, ruled_out)
    return _against_target(usable, target, sheet.comparisons, unmeasured)


def behind_lookup(sheet: FactSheet, ruled_out: Collection[Option]) -> Judgement | None:
    """Return "not yet" where no measured option is shown to beat the best lookup.

    None where one is, where no lookup was measured, and where the target says more:
    an option is shown to meet it and the lookup is not, or no option can.
    """
    lookup = lookup_of(sheet)
    usable = [a for a in arms_of(sheet) if a.option not in ruled_out]
    if lookup is None or lookup.beside is Beside.BETTER or not usable:
        return None
    target, meets = sheet.get(TARGET), ""
    if target is not None:
        least, most = bounds(target)
        if lookup.low >= most:
            meets = f", which meets the target {_interval(least, most)} by itself"
        elif any(a.low >= most for a in usable) or all(a.high < least for a in usable):
            return None
    return _behind(lookup, usable, meets, _unmeasured(usable, ruled_out))


def _behind(
    lookup: Lookup, usable: Sequence[Arm], meets: str, unmeasured: Sequence[Option]
) -> Judgement:
    best, settled = best_of(usable), lookup.beside is Beside.NOT_BETTER
    steps: list[NextStep] = []
    warnings: tuple[str, ...] = ()
    if unmeasured and not meets:
        steps.append(_measure(unmeasured))
    if not settled:
        n = f"about {lookup.needs_n}" if lookup.needs_n else "more"
        measure = f"Measure on {n} held-out examples"
        unknown = f"{best.option} against {lookup.name} is inconclusive"
        run = "tunewise experiment run experiment.toml"
        steps.append(NextStep(f"{measure}: {run}", "data owner", unknown))
        warnings = (f"{unknown}. {measure} before anything is claimed.",)
    shown = "No measured option beats" if settled else "No option is shown to beat"
    return Judgement(
        recommended=Option.DEFER,
        because=(
            f"{shown} {lookup}, a lookup without a model{meets}: the best is {best}."
        ),
        runner_up=best.option,
        margin=round(lookup.value - best.value, 6),
        shown=settled and bool(meets or not unmeasured),
        open=not settled,
        warnings=warnings,
        next_steps=tuple(steps),
    )


def _unmeasured(
    usable: Sequence[Arm], ruled_out: Collection[Option]
) -> Sequence[Option]:
    measured = {a.option for a in usable}
    return [o for o in SCORES if o not in ruled_out and o not in measured]


def _measure(unmeasured: Sequence[Option]) -> NextStep:
    return NextStep(
        f"Measure {listed(unmeasured)}: tunewise experiment run experiment.toml",
        "the person who has the examples",
        "not measured yet and not ruled out",
    )


def _cheapest_unbeaten(arms: Sequence[Arm], comparisons: Sequence[Comparison]) -> Arm:
    best = best_of(arms)
    for position, arm in enumerate(arms):
        to_best = compared(arm, best, comparisons)
        if to_best is not None and to_best.conclusion is Conclusion.EQUIVALENT:
            return arm
        dearer = arms[position + 1 :]
        if not any(shown_to_beat(d, arm, comparisons) for d in dearer):
            return arm
    return arms[-1]  # not reached: nothing is dearer than the last


def _unbeaten(usable: Sequence[Arm], comparisons: Sequence[Comparison]) -> Judgement:
    chosen = _cheapest_unbeaten(usable, comparisons)
    others = [a for a in usable if a is not chosen]
    beaten = [a for a in others if shown_to_beat(chosen, a, comparisons)]
    warnings = _unsettled(chosen, usable, comparisons)
    return Judgement(
        recommended=chosen.option,
        because=_why_unbeaten(chosen, usable, beaten),
        runner_up=best_of(others).option if others else None,
        margin=_margin(chosen, others),
        shown=not warnings and bool(others),
        warnings=warnings,
    )


def _margin(chosen: Arm, others: Sequence[Arm]) -> float:
    """Return the difference to the best other arm, without float noise."""
    return round(chosen.value - best_of(others).value, 6) if others else 0.0


def _why_unbeaten(chosen: Arm, usable: Sequence[Arm], beaten: Sequence[Arm]) -> str:
    if len(usable) == 1:
        return f"{chosen} is the only measured option that is not ruled out."
    if not beaten:
        others = listed((str(a) for a in usable if a is not chosen), "or")
        return (
            f"{chosen} was measured, and nothing dearer is shown to be better: not "
            f"{others}."
        )
    reason = f"{chosen} was measured and is shown to beat {listed(map(str, beaten))}"
    dearer = usable[usable.index(chosen) + 1 :]
    if higher := [a for a in dearer if a.value > chosen.value]:
        reason += (
            f"; {listed(map(str, higher), 'or')}, dearer, is not shown to be better"
        )
    return f"{reason}."


def _unsettled(
    chosen: Arm, usable: Sequence[Arm], comparisons: Sequence[Comparison]
) -> tuple[str, ...]:
    """Say which dearer arms might still beat the chosen one."""
    warnings = []
    for arm in usable[usable.index(chosen) + 1 :]:
        comparison = compared(arm, chosen, comparisons)
        if comparison is None and not shown_to_beat(chosen, arm, comparisons):
            warnings.append(
                f"{arm.option} and {chosen.option} were not compared on the same "
                "held-out examples; the cheaper option is recommended."
            )
        elif comparison and comparison.conclusion is Conclusion.INCONCLUSIVE:
            settle = "more held-out examples"
            if comparison.needs_n:
                settle = f"about {comparison.needs_n} held-out examples"
            warnings.append(
                f"{arm.option} against {chosen.option} is inconclusive (difference "
                f"{comparison.difference:+z.3f}, {comparison.low:+z.3f} to "
                f"{comparison.high:+z.3f}): {settle} would settle it; the cheaper "
                "option is recommended."
            )
    return tuple(warnings)


def _against_target(
    usable: Sequence[Arm],
    target: Fact,
    comparisons: Sequence[Comparison],
    unmeasured: Sequence[Option],
) -> Judgement:
    least, most = bounds(target)
    meeting = [a for a in usable if a.low >= most]
    if meeting:
        return _met(meeting[0], usable, most)
    able = [a for a in usable if a.high >= least]
    if not able:
        return _missed(best_of(usable), least, unmeasured)
    chosen = _cheapest_unbeaten(able, comparisons)
    others = [a for a in usable if a is not chosen]
    return Judgement(
        recommended=chosen.option,
        because=(
            f"{chosen} may meet the target {_interval(least, most)}, and nothing "
            "dearer is shown to be better; no option is shown to meet it yet."
        ),
        runner_up=best_of(others).option if others else None,
        margin=_margin(chosen, others),
        shown=False,
        open=True,
        warnings=(_inconclusive(chosen, least, most),),
    )


def _met(chosen: Arm, usable: Sequence[Arm], target: float) -> Judgement:
    others = [a for a in usable if a is not chosen]
    warnings: tuple[str, ...] = ()
    if not chosen.bounded:
        warnings = (
            f"{SCORES[chosen.option]} has no interval: how sure it is to meet the "
            "target is not known.",
        )
    return Judgement(
        recommended=chosen.option,
        because=f"{chosen} is the cheapest option shown to meet the target {target:g}.",
        runner_up=best_of(others).option if others else None,
        margin=_margin(chosen, others),
        shown=chosen.bounded,
        warnings=warnings,
    )


def _missed(best: Arm, target: float, unmeasured: Sequence[Option]) -> Judgement:
    short = target - best.value
    why = f"{best} misses the target {target:g} by {short:.3f}"
    steps = [
        NextStep(
            "Get more or better examples, take a stronger base model, or set another "
            "target_score; then measure again: tunewise experiment run experiment.toml",
            "decision owner",
            why,
        )
    ]
    if unmeasured:
        steps.insert(0, _measure(unmeasured))
    return Judgement(
        recommended=Option.DEFER,
        because=(
            f"No option meets the target {target:g}: the best, {best}, misses it by "
            f"{short:.3f}."
        ),
        runner_up=best.option,
        margin=round(short, 6),
        shown=not unmeasured,
        next_steps=tuple(steps),
    )


def _inconclusive(arm: Arm, least: float, most: float) -> str:
    text = f"{arm} is inconclusive against the target {_interval(least, most)}"
    needed = examples_to_settle(arm, least) if least == most else None
    if needed is None:
        return f"{text}: only more held-out examples could settle it."
    have = examples_behind(arm)
    if have is None:
        return f"{text}: about {needed} held-out examples would settle it."
    return f"{text}: about {max(needed - have, 1)} more held-out examples would do."


def _interval(least: float, most: float) -> str:
    return f"{least:g}" if least == most else f"{least:g} to {most:g}"

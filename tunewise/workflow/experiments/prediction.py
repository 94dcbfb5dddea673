"""What the rules alone foresaw of an experiment, beside what it measured.

    fact sheet --without scores and comparisons--> blind verdict      before any run
    blind verdict + scores + paired comparisons  --> outcome, regret  at the end

Scores that the facts state, and what runs set (prompt_tried, rag_tried, the best
lookup), would tell the rules what they are asked to foresee; they are left out.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from tunewise.domain.facts import MEASURED, Comparison, Conclusion, FactSheet
from tunewise.domain.rules import Option, RuleSet
from tunewise.engine.lookup import LOOKUP_FACTS
from tunewise.engine.verdict import advise
from tunewise.engine.weighing import SCORES

View = dict[str, Any]

_SET_BY_RUNS = ("prompt_tried", "rag_tried", *LOOKUP_FACTS)
_SAME = 1e-12  # scores that differ by less are one


class Outcome(StrEnum):
    """What became of a blind verdict."""

    BEST = "best"  # no arm measured higher
    EQUIVALENT = "equivalent"  # to the best, inside the margin
    NOT_BEST = "not_best"
    DEFER = "defer"  # it named no option
    UNMEASURED = "unmeasured"  # its option has no finished arm
    ONE_ARM = "one_arm"  # nothing to be better than


COUNTED = (Outcome.BEST, Outcome.EQUIVALENT, Outcome.NOT_BEST)


def blind(sheet: FactSheet) -> FactSheet:
    """Return what is known of a task without any measurement of its options."""
    told = [
        name
        for name in _SET_BY_RUNS
        if (fact := sheet.get(name)) is not None and fact.evidence.kind in MEASURED
    ]
    return replace(sheet.without(*SCORES.values(), *told), comparisons=())


def foresee(rules: RuleSet, sheet: FactSheet, *, today: dt.date) -> View:
    """Return the verdict of the rules alone, as an experiment records it."""
    seen = blind(sheet)
    verdict = advise(rules, seen, today=today)
    return {
        "recommended": verdict.recommended.value,
        "because": verdict.because,
        "lead": verdict.lead.value,
        "runner_up": verdict.runner_up.value if verdict.runner_up else None,
        "left_out": [name for name in sheet.facts if name not in seen.facts],
        "rule_set": verdict.rule_set,
        "reconstructed": False,
    }


def reconstructed(rules: RuleSet, sheet: FactSheet, today: dt.date) -> View:
    """Return what today's rules say of facts of an experiment that recorded nothing."""
    return {**foresee(rules, sheet, today=today), "reconstructed": True}


def judged(
    predicted: Mapping[str, Any],
    scores: Mapping[str, float],
    comparisons: Sequence[Comparison],
) -> View:
    """Return a blind verdict beside what was measured.

    Parameters
    ----------
    scores : by arm, the primary metric of each that finished, in [0, 1]
    comparisons : of those arms, in pairs

    Returns
    -------
    dict
        The prediction with ``best`` (the arms of the highest score), ``outcome`` and
        ``regret``: best minus predicted on the primary metric, with the 95 % interval
        of their paired comparison; None where the outcome is not among ``COUNTED``.
    """
    option = predicted["recommended"]
    highest = max(scores.values(), default=0.0)
    best = [arm for arm, value in scores.items() if value >= highest - _SAME]
    regret: View | None = None
    if option == Option.DEFER:
        outcome = Outcome.DEFER
    elif option not in scores:
        outcome = Outcome.UNMEASURED
    elif len(scores) < 2:
        outcome = Outcome.ONE_ARM
    elif option in best:
        outcome = Outcome.BEST
        regret = _no_regret()
    else:
        regret = _regret(best[0], option, scores, comparisons)
        same = regret["conclusion"] == Conclusion.EQUIVALENT
        outcome = Outcome.EQUIVALENT if same else Outcome.NOT_BEST
    return {**predicted, "best": best, "outcome": outcome.value, "regret": regret}


def _no_regret() -> View:
    return {"value": 0.0, "low": None, "high": None, "conclusion": None}


def _regret(
    best: str,
    option: str,
    scores: Mapping[str, float],
    comparisons: Sequence[Comparison],
) -> View:
    for comparison in comparisons:
        if {comparison.a, comparison.b} == {best, option}:
            seen = comparison.seen_from(best)
            return {
                "value": seen.difference,
                "low": seen.low,
                "high": seen.high,
                "conclusion": seen.conclusion.value,
            }
    value = scores[best] - scores[option]
    return {"value": value, "low": None, "high": None, "conclusion": None}

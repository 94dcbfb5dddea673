"""Scores and criteria together: which option is recommended, and on what basis.

    judge (measured)  --unless it tunes while a stronger model is open-->  Ranking
    order_by_total (rules)  --otherwise-->  Ranking
    behind_lookup (measured)  --where the rules name one that no lookup loses to-->

Small and fast on purpose: the what-if searches call ``rank`` hundreds of times.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import Criterion, Option
from tunewise.engine.conditions import Definitions
from tunewise.engine.measured import Judgement, behind_lookup, judge
from tunewise.engine.weighing import (
    SCORES,
    TUNING,
    Weighed,
    order_by_total,
    stronger_model_open,
    weigh,
)


@dataclass(frozen=True, slots=True)
class Ranking:
    """What is recommended, and what it rests on."""

    recommended: Option
    runner_up: Option | None
    margin: float
    weighed: Weighed
    judgement: Judgement | None  # what decided, on the measured basis
    set_aside: Judgement | None = None  # what would have decided, were it not tuning


def rank(
    matched: Iterable[Criterion], sheet: FactSheet, definitions: Definitions
) -> Ranking:
    """Return the ranking that these matching criteria and this sheet give."""
    weighed = weigh(matched, sheet, definitions)
    judgement = judge(sheet, weighed.ruled_out)
    if judgement is None:
        return _one_measured(_by_rules(weighed, None), sheet)
    if judgement.recommended in TUNING and stronger_model_open(sheet, definitions):
        return _by_rules(weighed, judgement)
    return _judged(judgement, weighed)


def _one_measured(by_rules: Ranking, sheet: FactSheet) -> Ranking:
    """Return the rules' ranking, unless it names the option that a lookup equals.

    What was not measured has not failed: the rules may still speak for it.
    """
    name = SCORES.get(by_rules.recommended)
    fact = sheet.get(name) if name else None
    if fact is None or not fact.measured:
        return by_rules
    behind = behind_lookup(sheet, by_rules.weighed.ruled_out)
    return by_rules if behind is None else _judged(behind, by_rules.weighed)


def _judged(judgement: Judgement, weighed: Weighed) -> Ranking:
    return Ranking(
        recommended=judgement.recommended,
        runner_up=judgement.runner_up,
        margin=judgement.margin,
        weighed=weighed,
        judgement=judgement,
    )


def _by_rules(weighed: Weighed, set_aside: Judgement | None) -> Ranking:
    first, *rest = order_by_total(weighed)
    margin = weighed.totals[first] - weighed.totals[rest[0]] if rest else 0
    return Ranking(
        recommended=first,
        runner_up=rest[0] if rest else None,
        # A fallback to defer may weigh less than what it stands before.
        margin=float(max(margin, 0)),
        weighed=weighed,
        judgement=None,
        set_aside=set_aside,
    )

"""Scores and criteria together: which option is recommended, and on what basis.

    judge (measured)  --unless it tunes while a stronger model is open-->  Ranking
    order_by_total (rules)  --otherwise-->  Ranking

Small and fast on purpose: the what-if searches call ``rank`` hundreds of times.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import Criterion, Option
from tunewise.engine.conditions import Definitions
from tunewise.engine.measured import Judgement, judge
from tunewise.engine.weighing import (
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
        return _by_rules(weighed, None)
    if judgement.recommended in TUNING and stronger_model_open(sheet, definitions):
        return _by_rules(weighed, judgement)
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

"""What would change a verdict: the flips, and the question that matters most.

    WhatIf (truths of today)  --one answer-->  criteria that ask it  -->  rank

Exact for one fact: every answer that conditions can tell apart is tried. Pairs are
tried only where no single answer flips the verdict, the most promising first. Only
the reference evaluator is used, and only criteria that ask a changed fact are looked
at again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from tunewise.domain.decision import Flip, Question
from tunewise.domain.facts import Fact, FactDefinition, FactSheet, FactType, Scalar
from tunewise.domain.rules import Criterion, Option, RuleSet, Truth
from tunewise.engine.conditions import facts_of, words
from tunewise.engine.measured import MEASURED, TARGET, arms_of
from tunewise.engine.possible import (
    measured_thresholds,
    possible_answers,
    thresholds,
)
from tunewise.engine.ranking import Ranking, rank
from tunewise.engine.reference import evaluate, evaluate_all
from tunewise.engine.source_text import listed
from tunewise.engine.weighing import SCORES, STRONGER

_MOST_FLIPS = 5
# About 40 ms: 60 promising changes make 1,770 pairs.
_MOST_PROMISING = 60
# A veto moves more than the heaviest weight, 3.
_VETO = 4


@dataclass(frozen=True, slots=True)
class Change:
    """One fact answered differently, and what would then be recommended."""

    fact: Fact
    recommended: Option
    size: float  # in [0, 1]; how far the answer is from today's
    gain: float  # by how much it brings another option closer

    @property
    def value(self) -> Scalar:
        """The answer."""
        return "" if self.fact.value is None else self.fact.value


class WhatIf:
    """One rule set and one sheet, prepared for many small changes."""

    def __init__(self, rule_set: RuleSet, sheet: FactSheet) -> None:
        self.rule_set = rule_set
        self.sheet = sheet
        self.truths: Mapping[str, Truth] = evaluate_all(rule_set.criteria, sheet)
        self.asking: dict[str, list[Criterion]] = {}
        for criterion in rule_set.criteria:
            for name in facts_of(criterion.when):
                self.asking.setdefault(name, []).append(criterion)
        self.today = self.ranking()

    def ranking(self, *changed: Fact) -> Ranking:
        """Return the ranking with these facts in place of today's."""
        truths, sheet = self.truths, self.sheet
        if changed:
            sheet = sheet.with_facts(*changed)
            affected = {c.id: c for f in changed for c in self.asking.get(f.name, ())}
            again = {i: evaluate(c.when, sheet) for i, c in affected.items()}
            truths = {**truths, **again}
        matched = [c for c in self.rule_set.criteria if truths[c.id] is Truth.HOLDS]
        return rank(matched, sheet, self.rule_set.facts)

    @cached_property
    def matched(self) -> frozenset[str]:
        """The ids of the criteria that hold today."""
        return frozenset(i for i, t in self.truths.items() if t is Truth.HOLDS)

    @cached_property
    def open_facts(self) -> tuple[str, ...]:
        """The facts that may matter and are unknown or only known as a range.

        Not the scores that decided: what their intervals leave open is the
        judgement's to say.
        """
        decided = () if self.today.judgement is None else MEASURED
        return tuple(
            n
            for n in self._mattering
            if _is_open(fact := self.sheet.get(n))
            and (fact is None or fact.evidence.kind not in decided)
        )

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Every single answer that conditions can tell from today's."""
        points = dict(thresholds((c.when for c in self.rule_set.criteria), self.sheet))
        for name, more in measured_thresholds(self.sheet).items():
            points[name] = points.get(name, frozenset()) | more
        return tuple(
            change
            for name in self._mattering
            for change in self._changes_of(name, points.get(name, frozenset()))
        )

    def changes_within(self, name: str) -> list[Change]:
        """Return the changes of a fact to answers that it may have today."""
        fact = self.sheet.get(name)
        changes = [c for c in self.changes if c.fact.name == name]
        return changes if fact is None else [c for c in changes if _in_range(c, fact)]

    @cached_property
    def _mattering(self) -> tuple[str, ...]:
        """The facts that conditions ask, or the measured basis, in their order."""
        names = set(self.asking)
        if arms_of(self.sheet):
            names |= {*SCORES.values(), TARGET, STRONGER}
        return tuple(n for n in self.rule_set.facts if n in names)

    def _changes_of(self, name: str, points: frozenset[Scalar]) -> list[Change]:
        definition, now = self.rule_set.facts[name], self.sheet.get(name)
        near = None if now is None else now.value
        changes = []
        for value in possible_answers(definition, points, near):
            if now is not None and now.lower == now.upper == value:
                continue
            fact = _answered(now, name, value)
            ranking = self.ranking(fact)
            changes.append(
                Change(
                    fact=fact,
                    recommended=ranking.recommended,
                    size=_size(definition, near, value),
                    gain=_lead_of(self.today) - _lead_over(ranking, self.today),
                )
            )
        return changes


def flips(what_if: WhatIf) -> tuple[Flip, ...]:
    """Return the smallest changes of facts that change the recommendation.

    At most five, smallest first; one per fact and option that it leads to.
    """
    today = what_if.today.recommended
    single = [c for c in what_if.changes if c.recommended is not today]
    if not single:
        return _pair_flips(what_if)
    found: dict[tuple[str, Option], Flip] = {}
    for change in sorted(single, key=lambda c: c.size):
        key = (change.fact.name, change.recommended)
        flip = Flip({change.fact.name: change.value}, change.recommended)
        found.setdefault(key, flip)
    return tuple(found.values())[:_MOST_FLIPS]


def flipping_facts(what_if: WhatIf) -> tuple[str, ...]:
    """Return the open facts of which a single answer changes the recommendation.

    Where scores decided without a target, the missing target is not one of them:
    some target is always out of reach, so every such verdict would be open.
    """
    decided = what_if.today.judgement is not None
    return tuple(
        n
        for n in what_if.open_facts
        if _share_of_flips(what_if, n) > 0 and not (decided and n == TARGET)
    )


def by_influence(what_if: WhatIf) -> tuple[str, ...]:
    """Return the open facts that criteria wait for, the most influential first."""
    influence = {n: _influence(what_if, n) for n in what_if.open_facts}
    names = [n for n in influence if any(influence[n])]
    return tuple(sorted(names, key=lambda n: tuple(-part for part in influence[n])))


def next_question(what_if: WhatIf) -> Question | None:
    """Return the open fact to ask for next, None where no answers can matter.

    The one of whose answers the largest share changes the recommendation; where no
    single answer does, the one that most weight waits for, as long as all that waits
    could together change it.
    """
    sheet = what_if.sheet
    names = [n for n in by_influence(what_if) if _can_be_asked(sheet.get(n))]
    if not names:
        return None
    name = names[0]
    definition = what_if.rule_set.facts[name]
    turning = _turning(what_if, name)
    if turning:
        answers = listed((f"{words(c.value)} → {c.recommended}" for c in turning), "or")
        return Question(
            name, definition.question, f"It may turn the verdict: {answers}."
        )
    if not _may_turn_together(what_if):
        return None
    waiting = len(_waiting_for(what_if, name))
    why = (
        f"No single answer turns the verdict; {waiting} "
        f"{'criterion waits' if waiting == 1 else 'criteria wait'} for this one."
    )
    return Question(name, definition.question, why)


def _pair_flips(what_if: WhatIf) -> tuple[Flip, ...]:
    today = what_if.today.recommended
    promising = sorted(what_if.changes, key=lambda c: (-c.gain, c.size))
    found = []
    for a, b in combinations(promising[:_MOST_PROMISING], 2):
        if a.fact.name == b.fact.name:
            continue
        recommended = what_if.ranking(a.fact, b.fact).recommended
        if recommended is not today:
            change = {a.fact.name: a.value, b.fact.name: b.value}
            found.append((a.size + b.size, Flip(change, recommended)))
    distinct: dict[tuple[frozenset[str], Option], Flip] = {}
    for _, flip in sorted(found, key=lambda pair: pair[0]):
        distinct.setdefault((frozenset(flip.change), flip.recommended), flip)
    return tuple(distinct.values())[:_MOST_FLIPS]


def _turning(what_if: WhatIf, name: str) -> list[Change]:
    today = what_if.today.recommended
    return [c for c in what_if.changes_within(name) if c.recommended is not today]


def _share_of_flips(what_if: WhatIf, name: str) -> float:
    possible = what_if.changes_within(name)
    return len(_turning(what_if, name)) / len(possible) if possible else 0.0


def _influence(what_if: WhatIf, name: str) -> tuple[float, int]:
    weight = sum(_heaviest(c) for c in _waiting_for(what_if, name))
    return _share_of_flips(what_if, name), weight


def _waiting_for(what_if: WhatIf, name: str) -> Sequence[Criterion]:
    asking = what_if.asking.get(name, ())
    return [c for c in asking if what_if.truths[c.id] is Truth.WAITS]


def _heaviest(criterion: Criterion) -> int:
    return max(_VETO if t.veto else abs(t.weight) for t in criterion.then)


def _may_turn_together(what_if: WhatIf) -> bool:
    """Return whether all waiting criteria together could outweigh the margin.

    An upper bound: False means that no answers can turn the verdict.
    """
    ranking = what_if.today
    reach = 0
    for criterion in what_if.rule_set.criteria:
        if what_if.truths[criterion.id] is Truth.WAITS:
            if any(t.veto for t in criterion.then):
                return True
            reach += sum(abs(t.weight) for t in criterion.then)
    return ranking.judgement is None and reach >= ranking.margin


def _answered(now: Fact | None, name: str, value: Scalar) -> Fact:
    if now is None:
        return Fact(name, value)
    return replace(now, value=value, low=None, high=None)


def _is_open(fact: Fact | None) -> bool:
    return fact is None or fact.value is None or fact.lower != fact.upper


def _can_be_asked(fact: Fact | None) -> bool:
    """False for a measured value: a person cannot know it more precisely."""
    return fact is None or fact.evidence.kind not in MEASURED


def _in_range(change: Change, fact: Fact) -> bool:
    value, low, high = change.value, fact.low, fact.high
    if isinstance(value, str):
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def _size(definition: FactDefinition, near: Scalar | None, value: Scalar) -> float:
    """Return how far an answer is from today's; half way where today's is unknown."""
    if near is None:
        return 0.5
    if definition.type is FactType.ENUM:
        order = definition.values
        return abs(order.index(str(near)) - order.index(str(value))) / len(order)
    if isinstance(near, bool | str) or isinstance(value, str):
        return 1.0
    largest = max(abs(near), abs(value))
    return min(abs(near - value) / largest, 1.0) if largest else 0.0


def _lead_of(ranking: Ranking) -> float:
    return _lead_over(ranking, ranking)


def _lead_over(ranking: Ranking, today: Ranking) -> float:
    """Return how far today's option would be ahead of the best other one."""
    totals, out = ranking.weighed.totals, ranking.weighed.ruled_out
    others = [totals[o] for o in totals if o is not today.recommended and o not in out]
    own = totals[today.recommended]
    if today.recommended in out:
        own -= _VETO
    return own - max(others, default=0)

"""What would change a verdict: the flips, and the question that matters most.

    WhatIf (truths of today)  --one answer-->  criteria that ask it  -->  rank

Exact for one fact: every answer that conditions can tell apart is tried. Pairs are
tried only where no single answer flips the verdict, the most promising first. Only
the reference evaluator is used, and only criteria that ask a changed fact are looked
at again.
"""

from collections.abc import Sequence
from itertools import combinations

from tunewise.domain.decision import Flip, Question
from tunewise.domain.facts import Fact
from tunewise.domain.rules import Criterion, Option, Truth
from tunewise.engine.arms import MEASURED, TARGET
from tunewise.engine.conditions import words
from tunewise.engine.source_text import listed
from tunewise.engine.what_if import VETO, Change, WhatIf

_MOST_FLIPS = 5
# 40 promising changes make 780 pairs: with 56 criteria about 50 ms.
_MOST_PROMISING = 40


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
    return max(VETO if t.veto else abs(t.weight) for t in criterion.then)


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


def _can_be_asked(fact: Fact | None) -> bool:
    """False for a measured value: a person cannot know it more precisely."""
    return fact is None or fact.evidence.kind not in MEASURED

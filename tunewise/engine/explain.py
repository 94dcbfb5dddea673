"""What would change a verdict: the flips, and whether it is settled.

    WhatIf (truths of today)  --one answer-->  criteria that ask it  -->  rank

Exact for one fact: every answer that conditions can tell apart is tried. Pairs are
tried only where no single answer flips the verdict, the most promising first. Only
the reference evaluator is used, and only criteria that ask a changed fact are looked
at again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from tunewise.domain.decision import Flip, Lead, Search
from tunewise.domain.rules import Option
from tunewise.engine.arms import TARGET
from tunewise.engine.what_if import Change, WhatIf

_MOST_FLIPS = 5
# 40 promising changes make 780 pairs: with 72 criteria about 50 ms.
_MOST_PROMISING = 40
_NARROW = 1  # a total may move by one with any single criterion


@dataclass(frozen=True, slots=True)
class Flips:
    """The smallest changes that flip a verdict, and how far they were searched."""

    found: tuple[Flip, ...]
    search: Search


def flips(what_if: WhatIf) -> Flips:
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
    return Flips(tuple(found.values())[:_MOST_FLIPS], Search(len(what_if.changes)))


def lead(what_if: WhatIf) -> Lead:
    """Return how settled the recommendation is.

    open    a tie, or one unknown fact speaks for another option strongly enough
    narrow  ahead by one, or one unknown fact may rule the recommended option out
    clear   measured and shown, or well ahead whatever one unknown fact turns out
    """
    ranking, judgement = what_if.today, what_if.today.judgement
    turning = [c for name in flipping_facts(what_if) for c in what_if.turning(name)]
    if judgement is not None:
        if turning or judgement.open:
            return Lead.OPEN
        return Lead.CLEAR if judgement.shown else Lead.NARROW
    if ranking.margin == 0 or any(not c.rules_out for c in turning):
        return Lead.OPEN
    return Lead.NARROW if turning or ranking.margin <= _NARROW else Lead.CLEAR


def flipping_facts(what_if: WhatIf) -> tuple[str, ...]:
    """Return the open facts of which a single answer changes the recommendation.

    Where scores decided without a target, the missing target is not one of them:
    some target is always out of reach, so every such verdict would be open.
    """
    decided = what_if.today.judgement is not None
    return tuple(
        n
        for n in what_if.open_facts
        if what_if.turning(n) and not (decided and n == TARGET)
    )


def _pair_flips(what_if: WhatIf) -> Flips:
    today = what_if.today.recommended
    promising = sorted(what_if.changes, key=lambda c: (-c.gain, c.size))
    found = []
    tried = 0
    for a, b in combinations(promising[:_MOST_PROMISING], 2):
        if a.fact.name == b.fact.name:
            continue
        tried += 1
        recommended = what_if.ranking(a.fact, b.fact).recommended
        if recommended is not today:
            change = {a.fact.name: a.value, b.fact.name: b.value}
            found.append((a.size + b.size, Flip(change, recommended)))
    distinct: dict[tuple[frozenset[str], Option], Flip] = {}
    for _, flip in sorted(found, key=lambda pair: pair[0]):
        distinct.setdefault((frozenset(flip.change), flip.recommended), flip)
    search = Search(len(what_if.changes), tried, _pairs(what_if.changes))
    return Flips(tuple(distinct.values())[:_MOST_FLIPS], search)


def _pairs(changes: Sequence[Change]) -> int:
    """Return how many pairs of changes of two different facts there are."""
    per_fact = Counter(c.fact.name for c in changes)
    return (len(changes) ** 2 - sum(n**2 for n in per_fact.values())) // 2

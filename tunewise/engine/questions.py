"""Which unknown fact to ask for next: the one whose answer says most about the verdict.

    what is open  --answered at random, many times-->  verdicts
    fact  --mutual information of its answer and the verdict-->  bits

An unknown fact may turn nothing by itself and still decide everything together with
another one, so single changes are not enough. All answers that conditions can tell
apart are equally likely, apart from the usual one of a bool; some facts stay unknown,
as they do in life, and most of those that have to be measured first. The draws are the
same every time.
"""

import math
import operator
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce

from tunewise.domain.decision import Question
from tunewise.domain.facts import Fact, FactSheet, Scalar
from tunewise.domain.rules import (
    AllOf,
    Condition,
    FactReference,
    Leaf,
    Option,
    Truth,
)
from tunewise.engine.conditions import words
from tunewise.engine.ranking import rank
from tunewise.engine.reference import evaluate
from tunewise.engine.source_text import listed
from tunewise.engine.what_if import WhatIf

_DRAWS = 128
# Assumptions, for the order of questions only: how often a person knows an answer,
# and how often a bool has its usual one.
_KNOWN = 0.7
_RARELY_KNOWN = 0.1
# In so few draws a fact that says nothing seems to say about this much.
_NOISE = 0.03
_USUAL = 0.95


Outlook = Mapping[str, float]
"""How much each open fact says about the verdict, in bits, the most telling first."""


def outlook(what_if: WhatIf, skip: Collection[str] = ()) -> Outlook:
    """Answer the open facts at random, and see how they decide the verdict.

    ``skip`` names facts that nobody can answer: they stay unknown. A fact that turns
    the verdict by itself is never left out, however rarely it was drawn so.
    """
    names = [n for n in what_if.open_facts if n not in skip and _matters(what_if, n)]
    answers = _draws(what_if, names)
    verdicts = list(_verdicts(what_if, names, answers)) if names else []
    bits = {n: max(_information(answers[n], verdicts), 0.0) for n in names}
    telling = (n for n in names if bits[n] > 0 or what_if.turning(n))
    return {n: bits[n] for n in sorted(telling, key=lambda n: -bits[n])}


def by_influence(what_if: WhatIf, seen: Outlook) -> tuple[str, ...]:
    """Return the open facts that matter, the most telling first."""
    others = [n for n in what_if.open_facts if n not in seen]
    return (*seen, *(n for n in others if _matters(what_if, n)))


def next_question(what_if: WhatIf, seen: Outlook) -> Question | None:
    """Return the open fact to ask for next, None where no answers seem to matter."""
    askable = (
        n
        for n, bits in seen.items()
        if _can_be_asked(what_if.sheet.get(n))
        and (bits >= _NOISE or what_if.turning(n))
    )
    name = next(askable, None)
    if name is None:
        return None
    definition = what_if.rule_set.facts[name]
    return Question(name, definition.question, _why(what_if, name))


def _why(what_if: WhatIf, name: str) -> str:
    turning = [f"{words(c.value)} → {c.recommended}" for c in what_if.turning(name)]
    if turning:
        return f"It may turn the verdict: {listed(turning, 'or')}."
    return (
        "No single answer turns the verdict; together with others this one says most "
        "about where it ends."
    )


def _draws(
    what_if: WhatIf, names: Sequence[str]
) -> Mapping[str, Sequence[Scalar | None]]:
    """Return the drawn answers by fact; None where the fact stays unknown."""
    # Not for secrets: the same questions in the same order, every time.
    chance = random.Random(0)
    return {n: _drawn(what_if, n, chance) for n in names}


def _drawn(
    what_if: WhatIf, name: str, chance: random.Random
) -> Sequence[Scalar | None]:
    definition = what_if.rule_set.facts[name]
    known = _RARELY_KNOWN if definition.rarely_known else _KNOWN
    usual = definition.usual
    possible: Sequence[Scalar] = [c.value for c in what_if.changes_within(name)]
    shares = [1.0] * len(possible)
    if usual is not None:
        possible, shares = (usual, not usual), [_USUAL, 1 - _USUAL]
    if not possible:
        return [None] * _DRAWS
    answers = chance.choices(possible, shares, k=_DRAWS)
    return [a if chance.random() < known else None for a in answers]


def _verdicts(
    what_if: WhatIf,
    names: Sequence[str],
    answers: Mapping[str, Sequence[Scalar | None]],
) -> Iterator[Option]:
    """Yield the recommendation of every draw.

    A draw is one bit: whether a leaf holds is then one integer for all draws, and
    conditions combine them with ``&`` and ``|``.
    """
    sheets = []
    for draw in range(_DRAWS):
        drawn = [(n, answers[n][draw]) for n in names]
        facts = [Fact(n, value) for n, value in drawn if value is not None]
        sheets.append(what_if.sheet.with_facts(*facts))
    holding = _Holding(sheets, {n: answers[n] for n in names}, what_if)
    criteria = what_if.rule_set.criteria
    masks = [(c, holding.of(c.when)) for c in criteria]
    for draw, sheet in enumerate(sheets):
        matched = [c for c, mask in masks if mask >> draw & 1]
        yield rank(matched, sheet, what_if.rule_set.facts).recommended


class _Holding:
    """In which draws conditions hold, one bit a draw."""

    def __init__(
        self,
        sheets: Sequence[FactSheet],
        answers: Mapping[str, Sequence[Scalar | None]],
        what_if: WhatIf,
    ) -> None:
        self._sheets = sheets
        self._what_if = what_if
        self._all = (1 << len(sheets)) - 1
        self._known: dict[Leaf, int] = {}
        self._draws: dict[str, dict[Scalar | None, int]] = {}
        for name, values in answers.items():
            masks: dict[Scalar | None, int] = defaultdict(int)
            for draw, value in enumerate(values):
                masks[value] |= 1 << draw
            self._draws[name] = masks

    def of(self, condition: Condition) -> int:
        """Return the draws in which a condition holds."""
        if isinstance(condition, Leaf):
            if condition not in self._known:
                self._known[condition] = self._leaf(condition)
            return self._known[condition]
        masks = [self.of(child) for child in condition.conditions]
        if isinstance(condition, AllOf):
            return reduce(operator.and_, masks, self._all)
        return reduce(operator.or_, masks, 0)

    def _leaf(self, leaf: Leaf) -> int:
        if isinstance(leaf.operand, FactReference):
            return sum(
                1 << draw
                for draw, sheet in enumerate(self._sheets)
                if evaluate(leaf, sheet) is Truth.HOLDS
            )
        if leaf.fact not in self._draws:
            holds = evaluate(leaf, self._what_if.sheet) is Truth.HOLDS
            return self._all if holds else 0
        mask = 0
        for draws in self._draws[leaf.fact].values():
            first = (draws & -draws).bit_length() - 1
            if evaluate(leaf, self._sheets[first]) is Truth.HOLDS:
                mask |= draws
        return mask


def _information(answers: Sequence[Scalar | None], verdicts: Sequence[Option]) -> float:
    """Return the mutual information of answer and verdict in bits.

    Less the Miller-Madow bias, (answers - 1) (verdicts - 1) / (2 n ln 2), by which a
    fact with many answers would seem to say more than it does.
    """
    groups: dict[Scalar | None, list[Option]] = defaultdict(list)
    for answer, verdict in zip(answers, verdicts, strict=True):
        groups[answer].append(verdict)
    n = len(verdicts)
    left = sum(len(group) / n * _entropy(group) for group in groups.values())
    spread = (len(groups) - 1) * (len(set(verdicts)) - 1)
    return _entropy(verdicts) - left - spread / (2 * n * math.log(2))


def _entropy(verdicts: Iterable[Option]) -> float:
    counts = Counter(verdicts)
    n = counts.total()
    return -sum(c / n * math.log2(c / n) for c in counts.values())


def _matters(what_if: WhatIf, name: str) -> bool:
    """Return whether a criterion waits for a fact, or its answer turns the verdict."""
    asking = what_if.asking.get(name, ())
    if any(what_if.truths[c.id] is Truth.WAITS for c in asking):
        return True
    return bool(what_if.turning(name))


def _can_be_asked(fact: Fact | None) -> bool:
    """False for a measured value: a person cannot know it more precisely."""
    return fact is None or not fact.measured

"""Fact sheets to try a rule set on: every two facts, and full ones at random.

Only facts that criteria ask are answered: no other can make a difference. No sheet
has evidence, so that scores never decide by themselves and the rules have to.
"""

import random
from collections.abc import Iterator
from itertools import combinations, product

from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import Operator, Option, RuleSet
from tunewise.engine.analysis.answers import Possible
from tunewise.engine.conditions import leaves
from tunewise.engine.weighing import SCORES

# A fact that is false here leaves no score that could be known.
_TRIED = {
    "prompt_tried": SCORES[Option.PROMPT],
    "rag_tried": SCORES[Option.RAG],
}


def sheets_of_two(possible: Possible) -> Iterator[FactSheet]:
    """Yield every two answers of every two facts; the rest is unknown."""
    for one, other in combinations(possible.values(), 2):
        for facts in product(one, other):
            yield FactSheet({f.name: f for f in facts})


def full_sheets(
    rule_set: RuleSet, possible: Possible, *, number: int, seed: int
) -> Iterator[FactSheet]:
    """Yield sheets with one of its answers, at random, for every fact.

    A fact that a criterion asks whether it is ``known`` at all is unknown on half of
    the sheets, and a score is unknown where it was not tried.
    """
    chance = random.Random(seed)
    maybe = {
        leaf.fact
        for c in rule_set.criteria
        for leaf in leaves(c.when)
        if leaf.operator is Operator.KNOWN
    }
    for _ in range(number):
        facts = {
            name: chance.choice(answers)
            for name, answers in possible.items()
            if name not in maybe or chance.random() < 0.5
        }
        yield FactSheet(_plausible(facts))


def _plausible(facts: dict[str, Fact]) -> dict[str, Fact]:
    untried = {
        score
        for tried, score in _TRIED.items()
        if tried in facts and facts[tried].value is False
    }
    return {n: f for n, f in facts.items() if n not in untried}

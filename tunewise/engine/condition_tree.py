"""A condition as a tree of plain values, for a page that draws its shape.

Leaf   -->  {"fact": "labels", "asks": "at least 3", "other": ""}
AllOf  -->  {"all": [...]}
AnyOf  -->  {"any": [...]}
"""

from typing import Any

from tunewise.domain.rules import AllOf, Condition, FactReference, Leaf
from tunewise.engine.conditions import describe_operand

Tree = dict[str, Any]


def tree_of(condition: Condition) -> Tree:
    """Return a condition as plain values; a part that joins one test is that test.

    ``other`` names the fact that a test compares with, and ``asks`` leaves it out.

    >>> from tunewise.domain.rules import Operator
    >>> tree_of(Leaf("prompt_score", Operator.BELOW, FactReference("target_score")))
    {'fact': 'prompt_score', 'asks': 'below', 'other': 'target_score'}
    """
    if isinstance(condition, Leaf):
        asks, operand = describe_operand(condition), condition.operand
        other = operand.fact if isinstance(operand, FactReference) else ""
        asks = asks.removesuffix(other).strip() if other else asks
        return {"fact": condition.fact, "asks": asks, "other": other}
    if len(condition.conditions) == 1:
        return tree_of(condition.conditions[0])
    joined = "all" if isinstance(condition, AllOf) else "any"
    return {joined: [tree_of(child) for child in condition.conditions]}

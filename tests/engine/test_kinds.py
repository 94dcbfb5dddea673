"""A criterion has one kind, by its consequences alone."""

import pytest

from tunewise.domain.rules import AllOf, Consequence, Criterion, Option
from tunewise.engine.kinds import Kind, kind_of


def criterion(*then: tuple[str, int | None]) -> Criterion:
    """Return a criterion with these weights; None is a veto."""
    consequences = tuple(
        Consequence(Option(option), "so", weight=weight or 0, veto=weight is None)
        for option, weight in then
    )
    return Criterion("c", "C", "2026-11-22", "us", AllOf(), consequences)


@pytest.mark.parametrize(
    ("then", "kind"),
    [
        ([("defer", 2), ("finetune", None)], Kind.GATE),
        ([("defer", 0)], Kind.GATE),
        ([("rag", 3), ("finetune", None)], Kind.VETO),
        ([("finetune", 1), ("rag", -2), ("hybrid", 3)], Kind.HYBRID),
        ([("rag", 1), ("hybrid", 1), ("finetune", -1)], Kind.RAG),
        ([("finetune", -3), ("prompt", 1)], Kind.PROMPT),
        ([("finetune", 2)], Kind.FINETUNE),
        ([("finetune", -1), ("hybrid", 0)], Kind.AGAINST),
        ([("prompt", 0), ("rag", 0)], Kind.FORM),
    ],
)
def test_the_kind_is_the_first_that_fits(then, kind):
    assert kind_of(criterion(*then)) is kind

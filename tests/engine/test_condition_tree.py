"""A condition as plain values keeps its shape, its words and every fact."""

from tunewise.domain.rules import AllOf, AnyOf, FactReference, Leaf, Operator
from tunewise.engine.condition_tree import tree_of

CITES = Leaf("must_cite_sources", Operator.IS, True)
ENOUGH = Leaf("training_examples", Operator.AT_LEAST, 100)
MISSES = Leaf("prompt_score", Operator.BELOW, FactReference("target_score"))


def test_nested_conditions_stay_nested():
    found = tree_of(AllOf((CITES, AnyOf((AllOf((ENOUGH, MISSES)), CITES)))))

    cites = {"fact": "must_cite_sources", "asks": "true", "other": ""}
    enough = {"fact": "training_examples", "asks": "at least 100", "other": ""}
    misses = {"fact": "prompt_score", "asks": "below", "other": "target_score"}
    assert found == {"all": [cites, {"any": [{"all": [enough, misses]}, cites]}]}


def test_what_joins_one_test_is_that_test():
    assert tree_of(AllOf((AnyOf((AllOf((ENOUGH,)),)),))) == tree_of(ENOUGH)


def test_an_equal_fact_is_named_beside_no_words():
    same = Leaf("best", Operator.IS, FactReference("used"))

    assert tree_of(same) == {"fact": "best", "asks": "", "other": "used"}


def test_a_criterion_that_asks_nothing_has_an_empty_tree():
    assert tree_of(AllOf()) == {"all": []}

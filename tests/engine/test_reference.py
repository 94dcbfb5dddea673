import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import AllOf, AnyOf, FactReference, Leaf, Operator, Truth
from tunewise.engine.reference import evaluate, matching_facts, read

HOLDS, FAILS, WAITS = Truth.HOLDS, Truth.FAILS, Truth.WAITS


def facts(**values):
    """A tuple is a range (low, high), anything else an exact value."""
    return FactSheet(
        {
            name: Fact(name, None, low=value[0], high=value[1])
            if isinstance(value, tuple)
            else Fact(name, value)
            for name, value in values.items()
        }
    )


def leaf(operator, operand, fact="x"):
    return Leaf(fact, Operator(operator), operand)


@pytest.mark.parametrize(
    ("value", "operator", "operand", "truth"),
    [
        (5, "is", 5, HOLDS),
        (5, "is", 6, FAILS),
        (5, "not", 6, HOLDS),
        (5, "at_least", 5, HOLDS),
        (5, "above", 5, FAILS),
        (5, "at_most", 5, HOLDS),
        (5, "below", 5, FAILS),
        (1e-05, "below", 2e-05, HOLDS),
        ("daily", "in", ("weekly", "daily"), HOLDS),
        ("static", "in", ("weekly", "daily"), FAILS),
        ("2026-12-31", "below", "2027-01-01", HOLDS),
        (False, "is", True, FAILS),
        # A range holds where all of it does, fails where none of it does.
        ((5, 9), "at_least", 5, HOLDS),
        ((5, 9), "at_least", 6, WAITS),
        ((5, 9), "at_least", 10, FAILS),
        ((5, 9), "above", 5, WAITS),
        ((5, 9), "above", 9, FAILS),
        ((5, 9), "at_most", 9, HOLDS),
        ((5, 9), "at_most", 4, FAILS),
        ((5, 9), "below", 5, FAILS),
        ((5, 9), "below", 9, WAITS),
        ((5, 9), "is", 7, WAITS),
        ((5, 9), "is", 4, FAILS),
        ((5, 9), "not", 4, HOLDS),
        ((5, 5), "is", 5, HOLDS),
        ((5, 9), "in", (1, 2), FAILS),
        ((5, 9), "in", (1, 7), WAITS),
        ((5, None), "at_least", 5, HOLDS),
        ((5, None), "below", 100, WAITS),
        ((None, 9), "below", 10, HOLDS),
        # Known never waits; a range is known.
        (5, "known", True, HOLDS),
        ((5, 9), "known", False, FAILS),
    ],
)
def test_leaf_over_value_or_range(value, operator, operand, truth):
    assert evaluate(leaf(operator, operand), facts(x=value)) is truth


@pytest.mark.parametrize("operator", [o for o in Operator if o is not Operator.KNOWN])
def test_every_test_of_an_unknown_fact_waits_but_known(operator):
    operand = (1,) if operator is Operator.IN else 1

    assert evaluate(Leaf("x", operator, operand), FactSheet()) is WAITS
    assert evaluate(leaf("known", False), FactSheet()) is HOLDS
    assert evaluate(leaf("known", True), FactSheet()) is FAILS


@pytest.mark.parametrize(
    ("x", "y", "truth"),
    [
        (0.8, 0.9, HOLDS),
        (0.9, 0.9, FAILS),
        ((0.7, 0.8), (0.81, 0.9), HOLDS),
        ((0.7, 0.8), (0.8, 0.9), WAITS),
        ((0.8, 0.9), (0.7, 0.8), FAILS),
    ],
)
def test_two_facts_compare_by_their_intervals(x, y, truth):
    below = leaf("below", FactReference("y"))

    assert evaluate(below, facts(x=x, y=y)) is truth


def test_reference_to_an_unknown_fact_waits():
    below = leaf("below", FactReference("y"))

    assert evaluate(below, facts(x=1)) is WAITS
    assert evaluate(below, facts(y=1)) is WAITS


def test_all_fails_and_any_holds_whatever_else_waits():
    waits, fails, holds = leaf("is", 1, "u"), leaf("is", 2), leaf("is", 1)
    sheet = facts(x=1)

    assert evaluate(AllOf((waits, fails)), sheet) is FAILS
    assert evaluate(AllOf((waits, holds)), sheet) is WAITS
    assert evaluate(AllOf((holds, holds)), sheet) is HOLDS
    assert evaluate(AnyOf((waits, holds)), sheet) is HOLDS
    assert evaluate(AnyOf((waits, fails)), sheet) is WAITS
    assert evaluate(AnyOf((fails, fails)), sheet) is FAILS


def test_facts_that_make_it_match_are_those_of_the_branches_that_hold():
    condition = AllOf(
        (
            AnyOf((leaf("is", 1, "a"), leaf("is", 2, "b"))),
            leaf("below", FactReference("d"), "c"),
            leaf("known", False, "e"),
        )
    )
    sheet = facts(a=1, b=1, c=1, d=2)

    assert [f.name for f in matching_facts(read(condition, sheet))] == ["a", "c", "d"]
    assert matching_facts(read(condition, sheet.without("c"))) == ()


ordering = st.sampled_from(["is", "not", "at_least", "at_most", "above", "below"])


@given(
    operator=ordering,
    operand=st.integers(0, 9),
    ends=st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted),
)
def test_range_decides_only_what_each_of_its_values_decides_alike(
    operator, operand, ends
):
    low, high = ends
    condition = leaf(operator, operand)

    truth = evaluate(condition, facts(x=(low, high)))

    inside = {evaluate(condition, facts(x=n)) for n in range(low, high + 1)}
    if truth is not WAITS:
        assert inside == {truth}
    elif operator not in ("above", "below", "is", "not"):
        assert inside == {HOLDS, FAILS}

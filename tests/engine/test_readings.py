from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import (
    AllOf,
    AnyOf,
    Consequence,
    Criterion,
    FactReference,
    Leaf,
    Operator,
    Option,
    Truth,
)
from tunewise.engine.readings import read_criteria


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


def read(*conditions, on):
    then = (Consequence(Option.RAG, "B", 1),)
    criteria = tuple(
        Criterion(f"c{n}", "T", "2026-11-23", "S", when, then)
        for n, when in enumerate(conditions)
    )
    return list(read_criteria(criteria, on).values())


def not_matched(condition, sheet):
    return read(condition, on=sheet)[0].not_matched


def test_failed_tests_are_told_in_words():
    condition = AllOf(
        (
            leaf("in", ("weekly", "daily", "realtime"), "knowledge_changes"),
            leaf("is", True, "must_cite_sources"),
            leaf("at_least", 100, "training_examples"),
            leaf("not", "poor", "data_quality"),
            leaf("below", FactReference("target_score"), "rag_score"),
            leaf("known", False, "heldout_examples"),
            leaf("is", 1, "nobody_knows"),
        )
    )
    sheet = facts(
        knowledge_changes="static",
        must_cite_sources=False,
        training_examples=(40, 80),
        data_quality="poor",
        rag_score=0.8,
        target_score=0.7,
        heldout_examples=20,
    )

    assert not_matched(condition, sheet).failed == (
        "knowledge_changes is static, not weekly, daily or realtime",
        "must_cite_sources is false, not true",
        "training_examples is 40 to 80, not at least 100",
        "data_quality is poor",
        "rag_score is 0.8, not below target_score (0.7)",
        "heldout_examples is known, not unknown",
    )


def test_only_open_branches_are_waited_for():
    condition = AllOf(
        (
            AnyOf((leaf("is", 1, "settled"), leaf("is", 1, "not_needed"))),
            leaf("is", 1, "unknown"),
            leaf("at_least", 5, "imprecise"),
        )
    )
    sheet = facts(settled=1, imprecise=(4, 6))

    assert not_matched(condition, sheet).waiting_for == ("unknown", "imprecise")
    assert not_matched(condition, sheet).failed == ()


def test_reference_between_facts_waits_for_the_unknown_one():
    below = leaf("below", FactReference("y"))

    assert not_matched(below, facts(x=1)).waiting_for == ("y",)
    assert not_matched(below, facts(y=1)).waiting_for == ("x",)
    assert not_matched(below, facts()).waiting_for == ("x", "y")


def test_criteria_share_a_leaf_and_each_says_its_own_reason():
    shared = leaf("at_least", 5)
    sheet = facts(x=3, y=1)

    alone, both, either = read(
        shared,
        AllOf((shared, leaf("is", 2, "y"))),
        AnyOf((shared, leaf("is", 1, "y"))),
        on=sheet,
    )

    assert alone.not_matched.failed == ("x is 3, not at least 5",)
    assert both.not_matched.failed == ("x is 3, not at least 5", "y is 1, not 2")
    assert either.not_matched is None
    assert [fact.name for fact in either.facts] == ["y"]


def test_criterion_that_no_known_fact_touches_says_what_it_says_of_nothing():
    # Of an unknown fact "known" fails, "not known" holds, and all else waits.
    asks = [leaf("known", True), leaf("known", False), leaf("is", 1)]

    fails, holds, waits = read(*asks, on=facts(y=1))

    assert fails.not_matched.failed == ("x is unknown, not known",)
    assert (holds.truth, holds.facts) == (Truth.HOLDS, ())
    assert waits.not_matched.waiting_for == ("x",)


def test_any_with_a_branch_that_asks_nothing_holds():
    condition = AnyOf((leaf("is", 2), AllOf()))

    (reading,) = read(condition, on=facts(x=1))

    assert (reading.truth, reading.facts) == (Truth.HOLDS, ())


def test_one_sheet_leaves_nothing_behind_for_the_next():
    condition = AllOf((leaf("is", 1), leaf("is", 1, "y")))

    first = not_matched(condition, facts(x=2))
    second = not_matched(condition, facts(y=1))

    assert (first.failed, first.waiting_for) == (("x is 2, not 1",), ())
    assert (second.failed, second.waiting_for) == ((), ("x",))

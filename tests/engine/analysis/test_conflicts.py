import pytest

from tunewise.engine.analysis import conflicts
from tunewise.engine.analysis.answers import possible_facts

DAILY = 'knowledge_changes = "daily"'
OFTEN = 'knowledge_changes = { in = ["weekly", "daily"] }'


@pytest.fixture
def found(rules, write):
    """The problems of two criteria: what masks what, or contradicts it."""

    def find(kind, a, b):
        rule_set = rules({"a": write(*a), "b": write(*b)})
        implications = conflicts.implications(rule_set, possible_facts(rule_set))
        problems = getattr(conflicts, kind)(rule_set, implications)
        return [(p.where, p.message) for p in problems]

    return find


def test_criteria_that_ask_the_same_in_another_order_are_found(rules, write):
    one = 'knowledge_changes = { in = ["weekly", "daily"] }\nmust_cite_sources = true'
    two = 'must_cite_sources = true\nknowledge_changes = { in = ["daily", "weekly"] }'
    rule_set = rules({"a": write(one, "rag 1"), "b": write(two, "rag 2")})

    [duplicate] = conflicts.duplicates(rule_set)

    assert duplicate.where == "criteria/b.toml:5"
    assert duplicate.message.startswith("b asks exactly what a asks")


@pytest.mark.parametrize(
    ("narrow", "wide", "because"),
    [
        ("rag -1", "rag veto", "b says rag veto"),
        ("rag veto", "rag veto", "b says rag veto"),
        ("rag 3", "rag veto", "b rules rag out"),
    ],
)
def test_criterion_that_says_nothing_new_is_masked(found, narrow, wide, because):
    [(where, message)] = found("masked", (DAILY, narrow), (OFTEN, wide))

    assert where == "criteria/a.toml:5"
    assert message == f"a says nothing new: whenever it matches, {because}"


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("rag 1", "rag 2"),  # weights add up
        ("rag -1", "rag -3"),
        ("rag 1", "rag -2"),
        ("rag 1", "prompt 1"),
        ("rag veto", "rag -3"),
    ],
)
def test_criterion_that_says_more_or_something_else_is_not_masked(found, narrow, wide):
    assert found("masked", (DAILY, narrow), (OFTEN, wide)) == []


def test_criterion_is_not_masked_while_one_of_its_consequences_is_new(found):
    assert found("masked", (DAILY, "rag 1", "hybrid 1"), (OFTEN, "rag veto")) == []


def test_criterion_that_matches_on_more_answers_is_not_masked(found):
    [(where, _)] = found("masked", (OFTEN, "rag veto"), (DAILY, "rag 1"))

    assert where.startswith("criteria/b.toml")  # and not a


def test_criterion_that_names_a_variant_of_its_own_is_not_masked(rules, write):
    with_variant = write(DAILY, "rag -1") + 'variant = "rag/sparse"\n'
    rule_set = rules({"a": with_variant, "b": write(OFTEN, "rag veto")})

    found = conflicts.implications(rule_set, possible_facts(rule_set))

    assert conflicts.masked(rule_set, found) == []


def test_of_two_that_match_on_the_same_answers_only_the_second_is_masked(found):
    again = f'[[when.any]]\n{DAILY}\n[[when.any]]\nknowledge_changes = "weekly"'

    [(where, _)] = found("masked", (OFTEN, "rag veto"), (again, "rag veto"))

    assert where.startswith("criteria/b.toml")


def test_criteria_may_mask_one_together(rules, write):
    rule_set = rules(
        {
            "a": write(DAILY, "rag 1", "finetune 2"),
            "b": write(OFTEN, "rag veto"),
            "c": write('knowledge_changes = { not = "static" }', "finetune veto"),
        }
    )

    found = conflicts.implications(rule_set, possible_facts(rule_set))
    [problem] = conflicts.masked(rule_set, found)

    assert problem.message.endswith("b rules rag out and c rules finetune out")


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("rag veto", "rag 2"),
        ("rag 2", "rag veto"),
    ],
)
def test_veto_beside_a_strong_reason_is_a_contradiction(found, narrow, wide):
    [(where, message)] = found("contradictions", (DAILY, narrow), (OFTEN, wide))

    assert where == "criteria/a.toml:6"
    said = [c.replace(" 1", " +1").replace(" 2", " +2") for c in (narrow, wide)]
    assert message == (
        f"a says {said[0]}, and b, which matches whenever it does, says {said[1]}"
    )


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("rag 1", "rag 3"),
        ("rag veto", "rag 1"),
        ("rag veto", "rag -3"),
        ("rag -3", "rag 1"),  # an exception
    ],
)
def test_criteria_that_differ_in_degree_or_are_exceptions_do_not_contradict(
    found, narrow, wide
):
    assert found("contradictions", (DAILY, narrow), (OFTEN, wide)) == []


def test_criteria_that_match_on_the_same_answers_contradict_once(found):
    assert len(found("contradictions", (DAILY, "rag 1"), (DAILY, "rag -1"))) == 1


def test_criterion_that_cannot_match_is_in_no_conflict(found):
    never = 'knowledge_changes = { is = "daily", not = "daily" }'

    assert found("contradictions", (never, "rag veto"), (OFTEN, "rag 2")) == []
    assert found("masked", (never, "rag 1"), (OFTEN, "rag veto")) == []

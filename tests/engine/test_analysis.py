import pytest

from tunewise.engine.analysis import check, coverage


def case(facts, matched, recommended):
    return (
        f'title = "T"\n[facts]\n{facts}\n[expect]\nmatched = {matched}\n'
        f'recommended = "{recommended}"\n'
    )


def codes(rule_set):
    return [(p.code, p.where) for p in check(rule_set) if p.code != "unused"]


def test_case_that_gives_what_it_expects_leaves_nothing_to_say(rules, write):
    rule_set = rules(
        {"a": write("must_cite_sources = true", "rag 3")},
        {"cases/one.toml": case("must_cite_sources = true", '["a"]', "rag")},
    )

    assert codes(rule_set) == []


def test_case_that_gives_something_else_says_what(rules, write):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write("must_cite_sources = false", "prompt 3"),
        },
        {"cases/one.toml": case("must_cite_sources = true", '["b"]', "prompt")},
    )

    problem = next(p for p in check(rule_set) if p.code == "case")

    assert problem.severity == "block"
    assert problem.where == "cases/one.toml"
    assert problem.message == (
        "b did not match; a matched, not expected; recommended is rag, not prompt"
    )


def test_case_may_hold_measured_scores_and_comparisons(rules):
    score = 'evidence = "run:r1", low = {0}, high = {1}, value = {0}'
    facts = "\n".join(
        f"{name} = {{ {score.format(low, high)} }}"
        for name, low, high in [("prompt_score", 0.8, 0.9), ("rag_score", 0.81, 0.91)]
    )
    facts += '\n[[facts.comparisons]]\na = "rag"\nb = "prompt"\nmetric = "accuracy"\n'
    facts += "difference = 0.1\nlow = 0.05\nhigh = 0.15\np_value = 0.01\n"
    facts += 'conclusion = "win"\n'

    rule_set = rules(files={"cases/one.toml": case(facts, "[]", "rag")})

    assert codes(rule_set) == []


@pytest.mark.parametrize(
    ("when", "reachable"),
    [
        ("training_examples = { at_least = 100, below = 100 }", False),
        ("training_examples = { above = 100, below = 101 }", False),
        ("training_examples = { at_least = 100, below = 101 }", True),
        ("target_score = { above = 0.5, below = 0.5001 }", True),
        ("target_score = { above = 1.0 }", False),
        ("target_score = { known = false, above = 0.5 }", False),
        ("target_score = { known = false }", True),
        ('knowledge_changes = { in = ["weekly"], not = "weekly" }', False),
        ('note = { not = "x" }', True),
        ("needed_until = { above = 2027-01-01, below = 2027-01-02 }", False),
        ("must_cite_sources = true\n[[when.any]]\nmust_cite_sources = false", False),
        (
            "must_cite_sources = true\n[[when.any]]\nmust_cite_sources = false\n"
            '[[when.any]]\nknowledge_changes = "daily"',
            True,
        ),
        ("prompt_score = { below = { fact = 'target_score' } }", True),
    ],
)
def test_criterion_that_no_answers_can_match_is_found(rules, write, when, reachable):
    rule_set = rules({"a": write(when, "rag 1")})

    assert (("unreachable", "criteria/a.toml") not in codes(rule_set)) is reachable


def test_criteria_that_ask_the_same_in_another_order_are_found(rules, write):
    one = 'knowledge_changes = { in = ["weekly", "daily"] }\nmust_cite_sources = true'
    two = 'must_cite_sources = true\nknowledge_changes = { in = ["daily", "weekly"] }'
    rule_set = rules({"a": write(one, "rag 1"), "b": write(two, "rag 2")})

    duplicates = [p for p in check(rule_set) if p.code == "duplicate"]

    assert [p.where for p in duplicates] == ["criteria/b.toml"]
    assert "what a asks" in duplicates[0].message


def test_fact_that_nothing_uses_is_found(rules, write):
    rule_set = rules({"a": write("must_cite_sources = true", "rag 1")})

    unused = [p.message.split()[0] for p in check(rule_set) if p.code == "unused"]

    # needed_until serves the base models, the scores the measured basis
    assert unused == ["knowledge_changes", "training_examples", "note"]


def test_coverage_counts_criteria_and_both_sides_of_each_test(rules, write):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write("training_examples = { below = 50 }", "prompt 1"),
        },
        {
            "cases/one.toml": case("must_cite_sources = true", '["a"]', "rag"),
            "cases/two.toml": case("must_cite_sources = false", "[]", "defer"),
        },
    )

    found = coverage(rule_set)

    assert (found.criteria, found.criteria_matched) == (2, 1)
    assert (found.tests, found.tests_held, found.tests_failed) == (2, 1, 1)
    assert (found.cases, found.facts) == (2, 10)
    assert found.never_matched == ("b",)
    assert ("uncovered", "criteria/b.toml") in codes(rule_set)

from tunewise.engine.analysis import coverage
from tunewise.engine.analysis.coverage import number_of_tests


def test_coverage_counts_both_sides_of_each_test(rules, write, case):
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

    assert [(c.id, c.cases) for c in found.criteria] == [("a", ("one",)), ("b", ())]
    assert [(t.held, t.failed) for t in found.tests] == [(True, True), (False, False)]
    assert (found.cases, found.facts, found.facts_used) == (2, 10, 8)


def test_each_branch_of_an_any_is_a_test_of_its_own(rules, write, case):
    when = (
        "training_examples = { at_least = 10, below = 50 }\n"
        '[[when.any]]\nmust_cite_sources = true\nknowledge_changes = "daily"\n'
        "[[when.any]]\nnote = 'x'"
    )
    facts = 'training_examples = 20\nmust_cite_sources = true\nnote = "x"\n'
    facts += 'knowledge_changes = "static"'
    rule_set = rules(
        {"a": write(when, "rag 3")},
        {"cases/one.toml": case(facts, '["a"]', "rag")},
    )

    tests = coverage(rule_set).tests

    # By hand: [when] in line 4. Branches have the line of their header; the second
    # has one test, so it is that test.
    assert [(t.line, t.test, t.held, t.failed) for t in tests] == [
        (5, "training_examples is at least 10", True, False),
        (5, "training_examples is below 50", True, False),
        (6, "must_cite_sources is true and knowledge_changes is daily", False, True),
        (7, "must_cite_sources is true", True, False),
        (8, "knowledge_changes is daily", False, True),
        (10, "note is x", True, False),
    ]
    assert number_of_tests(rule_set) == 6

from tunewise.engine.analysis.cases import failing_cases, uncovered


def test_case_that_gives_what_it_expects_leaves_nothing_to_say(rules, write, case):
    rule_set = rules(
        {"a": write("must_cite_sources = true", "rag 3")},
        {"cases/one.toml": case("must_cite_sources = true", '["a"]', "rag")},
    )

    assert failing_cases(rule_set) == []
    assert uncovered(rule_set) == []


def test_case_that_gives_something_else_says_what(rules, write, case):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write("must_cite_sources = false", "prompt 3"),
        },
        {"cases/one.toml": case("must_cite_sources = true", '["b"]', "prompt")},
    )

    [problem] = failing_cases(rule_set)

    assert problem.severity == "block"
    assert problem.where == "cases/one.toml:5"
    assert problem.message == (
        "b did not match; a matched, not expected; recommended is rag, not prompt"
    )


def test_case_that_only_recommends_something_else_names_that_line(rules, write, case):
    rule_set = rules(
        {"a": write("must_cite_sources = true", "rag 3")},
        {"cases/one.toml": case("must_cite_sources = true", '["a"]', "prompt")},
    )

    [problem] = failing_cases(rule_set)

    assert problem.where == "cases/one.toml:6"


def test_case_may_hold_measured_scores_and_comparisons(rules, case):
    score = 'evidence = "run:r1", low = {0}, high = {1}, value = {0}'
    facts = "\n".join(
        f"{name} = {{ {score.format(low, high)} }}"
        for name, low, high in [("prompt_score", 0.8, 0.9), ("rag_score", 0.81, 0.91)]
    )
    facts += '\n[[facts.comparisons]]\na = "rag"\nb = "prompt"\nmetric = "accuracy"\n'
    facts += "difference = 0.1\nlow = 0.05\nhigh = 0.15\np_value = 0.01\n"
    facts += 'conclusion = "win"\n'

    rule_set = rules(files={"cases/one.toml": case(facts, "[]", "rag")})

    assert failing_cases(rule_set) == []


def test_criterion_that_no_case_names_is_found(rules, write):
    rule_set = rules({"b": write("training_examples = { below = 50 }", "prompt 1")})

    [problem] = uncovered(rule_set)

    assert (problem.code, problem.where) == ("uncovered", "criteria/b.toml:5")

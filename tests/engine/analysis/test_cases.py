from tunewise.engine.analysis.cases import failing_cases, uncovered
from tunewise.engine.loader import load

from ..conftest import FACTS


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


def test_shipped_case_that_the_house_changes_warns_and_its_own_blocks(write, case):
    shipped = {
        "facts.toml": FACTS,
        "criteria/a.toml": write("must_cite_sources = true", "rag 3"),
        "cases/shipped.toml": case("must_cite_sources = true", '["a"]', "rag"),
    }
    house = {
        "criteria/ours.toml": write("must_cite_sources = true", "prompt 3", "rag -3"),
        "cases/ours.toml": case("must_cite_sources = true", '["ours"]', "prompt"),
    }

    problems = failing_cases(load(shipped, house=house))

    assert [(p.severity, p.where, p.message) for p in problems] == [
        ("block", "cases/ours.toml:5", "a matched, not expected"),
        (
            "warn",
            "cases/shipped.toml:5",
            "ours matched, not expected; recommended is prompt, not rag",
        ),
    ]
    assert failing_cases(load(shipped)) == []


def test_shipped_case_that_the_house_replaces_is_its_own(write, case):
    shipped = {
        "facts.toml": FACTS,
        "criteria/a.toml": write("must_cite_sources = true", "rag 3"),
        "cases/one.toml": case("must_cite_sources = true", '["a"]', "rag"),
    }
    house = {"cases/one.toml": case("must_cite_sources = true", '["a"]', "prompt")}

    [problem] = failing_cases(load(shipped, house=house))

    assert problem.severity == "block"


def test_case_of_a_criterion_that_is_switched_off_warns(write, case):
    shipped = {
        "facts.toml": FACTS,
        "criteria/a.toml": write("must_cite_sources = true", "rag 3"),
        "cases/one.toml": case("must_cite_sources = true", '["a"]', "rag"),
    }
    off = '[a]\nby = "Ada"\nbecause = "We quote by hand."\n'

    rule_set = load(shipped, house={"switched-off.toml": off})
    [problem] = failing_cases(rule_set)

    assert (problem.severity, problem.where) == ("warn", "cases/one.toml:5")
    assert problem.message == "a did not match; recommended is defer, not rag"
    assert uncovered(rule_set) == []


def test_case_that_contradicts_itself_is_found(rules, write, case):
    contradiction = (
        '[[contradiction]]\nbecause = "Not both."\n'
        "when = { must_cite_sources = true, training_examples = { below = 5 } }\n"
    )
    facts = "must_cite_sources = true\ntraining_examples = 4"

    rule_set = rules(
        {"a": write("must_cite_sources = true", "rag 3")},
        {
            "cases/one.toml": case(facts, '["a"]', "rag"),
            "contradictions.toml": contradiction,
        },
    )
    [problem] = failing_cases(rule_set)

    assert problem.severity == "block"
    assert problem.message == (
        "must_cite_sources = true and training_examples = 4 contradict each other"
    )

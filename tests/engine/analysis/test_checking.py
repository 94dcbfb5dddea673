from tunewise.engine.analysis import check


def test_every_kind_of_problem_is_found_and_those_that_block_come_first(
    rules, write, case
):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write("must_cite_sources = true", "rag 1"),
            "c": write("must_cite_sources = true", "rag -1"),
            "d": write("training_examples = { above = 3, below = 4 }", "hybrid 1"),
            "e": write("must_cite_sources = true", "finetune veto"),
            "f": write("must_cite_sources = true", "finetune 1"),
        },
        {"cases/one.toml": case("must_cite_sources = true", '["a"]', "rag")},
    )

    problems = check(rule_set, sheets=100).problems

    assert {p.code for p in problems} == {
        "case",
        "uncovered",
        "unreachable",
        "never_wins",
        "duplicate",
        "masked",
        "contradiction",
        "gap",
        "unused",
    }
    severities = [p.severity for p in problems]
    assert severities == sorted(severities, key=["block", "warn"].index)


def test_problem_names_its_file_and_line(rules, write, case):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "prompt 1", "rag 3"),
            "b": write("must_cite_sources = true", "rag -1"),
        },
        {"cases/one.toml": case("must_cite_sources = true", '["a"]', "rag")},
    )

    where = {p.code: p.where for p in check(rule_set, sheets=10).problems}

    # By hand: title, since, source, [when] and the test in line 5; [[then]] in lines
    # 6 and 10 of a. The case: title, [facts], one fact, [expect], matched in line 5.
    assert where["case"] == "cases/one.toml:5"
    assert where["uncovered"] == "criteria/b.toml:5"
    assert where["duplicate"] == "criteria/b.toml:5"
    assert where["contradiction"] == "criteria/a.toml:10"


def test_check_says_the_same_each_time(rules, write):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write("training_examples = { above = 100 }", "finetune 1"),
        }
    )

    assert check(rule_set, sheets=50) == check(rule_set, sheets=50)


def test_rule_set_without_criteria_can_be_checked(rules):
    found = check(rules(), sheets=10)

    assert (found.of_two.sheets, found.full.nothing, found.tests) == (0, 10, 0)

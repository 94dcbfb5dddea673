from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tunewise.domain.facts import Fact, FactDefinition, FactSheet, FactType
from tunewise.domain.rules import (
    AllOf,
    Consequence,
    Criterion,
    Leaf,
    Operator,
    Option,
    RuleSet,
)
from tunewise.engine.explain import flips, next_question
from tunewise.engine.what_if import WhatIf


def test_boolean_enum_and_number_flip_at_their_nearest_answer(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 2"),
            "b": write('knowledge_changes = { in = ["weekly", "daily"] }', "prompt -3"),
            "c": write("training_examples = { at_least = 100 }", "finetune 3"),
            "d": write("target_score = { at_most = 0.5 }", "hybrid 3"),
            "e": write("note = { known = false }", "prompt 1"),
        }
    )
    facts = sheet(
        must_cite_sources=True,
        knowledge_changes="static",
        training_examples=99,
        target_score=0.52,
        note="x",
    )

    found = [(f.change, f.recommended.value) for f in flips(WhatIf(rule_set, facts))]

    # Sizes: 1/100, 0.02/0.52, and a boolean is 1; weekly changes nothing: rag leads.
    assert found == [
        ({"training_examples": 100}, "finetune"),
        ({"target_score": 0.5}, "hybrid"),
        ({"must_cite_sources": False}, "defer"),
    ]


def test_pair_is_looked_for_where_no_single_answer_flips(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write("training_examples = { at_least = 100 }", "finetune 2"),
            "c": write("target_score = { above = 0.9 }", "finetune 2"),
            "d": write("must_cite_sources = { known = true }", "rag 1"),
        }
    )
    facts = sheet(must_cite_sources=True, training_examples=10, target_score=0.5)

    found = flips(WhatIf(rule_set, facts))

    # rag has 4, without citing still 1; finetune gets 2 by each number, so that no
    # single answer is enough, and both numbers only make a tie, which goes to rag.
    changes = [f.change for f in found]
    assert changes == [
        {"must_cite_sources": False, "target_score": 0.91},
        {"must_cite_sources": False, "training_examples": 100},
    ]


def test_question_is_the_fact_whose_answers_turn_the_verdict_most_often(rules, write):
    rule_set = rules(
        {
            # two of four answers turn it; one of two answers turns it as often, and
            # less weight waits for it; one of three answers turns it less often
            "a": write('knowledge_changes = { in = ["weekly", "daily"] }', "rag 3"),
            "b": write("must_cite_sources = true", "prompt 2"),
            "c": write("training_examples = 7", "prompt 3"),
        }
    )

    question = next_question(WhatIf(rule_set, FactSheet()))

    assert question.fact == "knowledge_changes"
    assert question.question == "How often does the knowledge change?"
    assert question.why == "It may turn the verdict: weekly → rag or daily → rag."


def test_question_without_a_single_turning_answer_is_asked_while_all_could_turn(
    rules, write, sheet
):
    both = "must_cite_sources = true\ntraining_examples = { at_least = 100 }"
    rule_set = rules(
        {
            "a": write('knowledge_changes = "static"', "rag 2"),
            "b": write(both, "finetune 3"),
        }
    )

    question = next_question(WhatIf(rule_set, sheet(knowledge_changes="static")))

    assert question.fact == "must_cite_sources"
    assert question.why == (
        "No single answer turns the verdict; 1 criterion waits for this one."
    )


def test_nothing_is_asked_where_all_is_known(rules, write, sheet):
    rule_set = rules({"a": write("must_cite_sources = true", "rag 2")})

    assert next_question(WhatIf(rule_set, sheet(must_cite_sources=True))) is None


def test_range_keeps_the_verdict_open_to_the_answers_inside_it(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("training_examples = { at_least = 100 }", "finetune 2"),
            "b": write("training_examples = { at_least = 500 }", "rag 3"),
        }
    )

    question = next_question(
        WhatIf(rule_set, sheet(training_examples={"low": 50, "high": 200}))
    )

    assert question.fact == "training_examples"
    assert "rag" not in question.why
    assert "100 → finetune" in question.why


def test_interval_of_a_score_that_decided_is_not_asked_for(rules, write, sheet):
    rule_set = rules({"a": write("prompt_score = { above = 0.7 }", "prompt 1")})
    score = {"value": 0.7, "low": 0.6, "high": 0.8, "evidence": "run:r1"}

    question = next_question(
        WhatIf(rule_set, sheet(prompt_score=score, rag_score=score, target_score=0.75))
    )

    assert question is None


# An independent oracle: try every value of a small integer, and compare.
points = st.integers(1, 8)
orders = st.sampled_from(
    [o for o in Operator if o not in (Operator.IN, Operator.KNOWN)]
)
tests = st.tuples(st.sampled_from("xy"), orders, points)
parts = st.tuples(
    st.lists(tests, min_size=1, max_size=2),
    st.sampled_from(list(Option)),
    st.sampled_from([-2, -1, 1, 2, 3]),
)


@settings(max_examples=150, deadline=None)
@given(
    criteria=st.lists(parts, min_size=1, max_size=5),
    x=st.none() | st.integers(0, 9),
    y=st.none() | st.integers(0, 9),
)
def test_single_flips_are_found_exactly(criteria, x, y):
    rule_set = _rule_set(criteria)
    known = {n: Fact(n, v) for n, v in {"x": x, "y": y}.items() if v is not None}
    what_if = WhatIf(rule_set, FactSheet(known))
    today = what_if.today.recommended
    asked = {name for tests, _, _ in criteria for name, _, _ in tests}

    found = {(c.fact.name, c.recommended) for c in what_if.changes}

    by_trying = {
        (name, what_if.ranking(Fact(name, value)).recommended)
        for name, value in product(sorted(asked), range(10))
    }
    for name, recommended in by_trying:
        if recommended is not today:
            assert (name, recommended) in found
    assert {f for f in found if f[1] is not today} <= by_trying


@settings(max_examples=100, deadline=None)
@given(
    criteria=st.lists(parts, min_size=1, max_size=5),
    x=st.none() | st.integers(0, 9),
    y=st.none() | st.integers(0, 9),
)
def test_every_flip_gives_what_it_promises_when_it_is_made(criteria, x, y):
    rule_set = _rule_set(criteria)
    known = {n: Fact(n, v) for n, v in {"x": x, "y": y}.items() if v is not None}
    what_if = WhatIf(rule_set, FactSheet(known))

    for flip in flips(what_if):
        made = FactSheet({**known, **{n: Fact(n, v) for n, v in flip.change.items()}})

        assert WhatIf(rule_set, made).today.recommended is flip.recommended
        assert flip.recommended is not what_if.today.recommended


def _rule_set(criteria):
    definitions = {
        n: FactDefinition(n, FactType.INTEGER, f"{n}?", "W", low=0, high=9)
        for n in "xy"
    }
    return RuleSet(
        digest="sha256:0",
        facts=definitions,
        criteria=tuple(
            Criterion(
                id=f"c{n}",
                title="T",
                since="2026-11-23",
                source="S",
                when=AllOf(tuple(Leaf(*test) for test in tests)),
                then=(Consequence(option, "B", weight),),
            )
            for n, (tests, option, weight) in enumerate(criteria)
        ),
        settings=(),
        base_models=(),
        cases=(),
        texts={},
    )

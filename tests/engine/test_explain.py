from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewise.domain.decision import Lead, Search
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
from tunewise.engine.explain import flipping_facts, flips, lead
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

    found = [
        (f.change, f.recommended.value) for f in flips(WhatIf(rule_set, facts)).found
    ]

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
    changes = [f.change for f in found.found]
    assert changes == [
        {"must_cite_sources": False, "target_score": 0.91},
        {"must_cite_sources": False, "training_examples": 100},
    ]

    # Answers that differ from today's: one of citing; 99, 100 and 101 examples; 0.89,
    # 0.9 and 0.91 as the target. Pairs of two facts: 1 * 3 + 1 * 3 + 3 * 3.
    assert found.search == Search(single=7, pairs=15, of_pairs=15)


def test_single_answers_alone_are_counted_where_one_flips(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 2"),
            "b": write("training_examples = { at_least = 100 }", "finetune 3"),
        }
    )

    found = flips(WhatIf(rule_set, sheet(must_cite_sources=True)))

    # By hand: not citing; 99, 100 and 101 examples.
    assert found.search == Search(single=4)
    assert [(f.change, f.recommended.value) for f in found.found] == [
        ({"training_examples": 100}, "finetune"),
        ({"must_cite_sources": False}, "defer"),
    ]


def test_verdict_that_nothing_flips_says_how_far_it_was_searched(rules, write, sheet):
    rule_set = rules(
        {
            "a": write('note = "kept"', "rag 3"),
            "b": write("note = { known = true }", "rag 1"),
            "c": write("must_cite_sources = true", "rag 1"),
        }
    )

    found = flips(WhatIf(rule_set, sheet(note="other", must_cite_sources=True)))

    # Answers that differ from today's: two texts, and not citing. Pairs: 2 * 1.
    assert found.found == ()
    assert found.search == Search(single=3, pairs=2, of_pairs=2)


def test_only_the_most_promising_pairs_of_many_are_tried(rules, write):
    names = [f"f{n}" for n in range(30)]
    facts = "".join(
        f'[{n}]\ntype = "bool"\nquestion = "{n}?"\nwhy = "W"\n' for n in names
    )
    criteria = {n: write(f"{n} = true", "rag -1") for n in names}
    rule_set = rules(criteria, {"facts.toml": facts})

    search = flips(WhatIf(rule_set, FactSheet())).search

    # 30 facts with two answers each: 60 answers, 30 * 29 / 2 * 4 pairs. All promise the
    # same, so the first 40 are both answers of 20 facts: 20 * 19 / 2 * 4 pairs.
    assert search == Search(single=60, pairs=760, of_pairs=1740)


def test_lead_is_open_at_a_tie(rules, write, sheet):
    rule_set = rules({"a": write("must_cite_sources = true", "rag 2", "prompt 2")})

    assert lead(WhatIf(rule_set, sheet(must_cite_sources=True))) is Lead.OPEN


def test_lead_is_open_where_one_unknown_fact_speaks_for_another_option(
    rules, write, sheet
):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 2"),
            "b": write("training_examples = { at_least = 100 }", "finetune 3"),
        }
    )

    what_if = WhatIf(rule_set, sheet(must_cite_sources=True))

    assert flipping_facts(what_if) == ("training_examples",)
    assert lead(what_if) is Lead.OPEN


@pytest.mark.parametrize(("weight", "expected"), [(1, Lead.NARROW), (2, Lead.CLEAR)])
def test_lead_is_narrow_by_one_and_clear_by_more(rules, write, sheet, weight, expected):
    rule_set = rules({"a": write("must_cite_sources = true", f"rag {weight}")})

    assert lead(WhatIf(rule_set, sheet(must_cite_sources=True))) is expected


def test_lead_is_narrow_where_an_unknown_fact_may_only_rule_the_option_out(
    rules, write, sheet
):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write("training_examples = { at_least = 100 }", "rag veto"),
        }
    )

    what_if = WhatIf(rule_set, sheet(must_cite_sources=True))

    assert flipping_facts(what_if) == ("training_examples",)
    assert lead(what_if) is Lead.NARROW


def test_lead_is_clear_where_what_is_unknown_cannot_outweigh_it(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write("training_examples = { at_least = 100 }", "finetune 1"),
        }
    )

    what_if = WhatIf(rule_set, sheet(must_cite_sources=True))

    assert flipping_facts(what_if) == ()
    assert lead(what_if) is Lead.CLEAR


@pytest.mark.parametrize(
    ("prompt", "expected"),
    # The intervals of prompt and of the tuned model are 0.02 to either side: they
    # stand apart by 0.16, or lie over each other.
    [(0.7, Lead.CLEAR), (0.89, Lead.NARROW)],
)
def test_lead_of_measured_options_is_clear_where_it_is_shown(
    rules, sheet, prompt, expected
):
    scores = {
        f"{name}_score": {
            "value": value,
            "low": value - 0.02,
            "high": value + 0.02,
            "evidence": "run:r1",
        }
        for name, value in {"prompt": prompt, "rag": 0.9}.items()
    }

    what_if = WhatIf(rules(), sheet(**scores, stronger_model_allowed=False))

    assert what_if.today.judgement is not None
    assert lead(what_if) is expected


def test_missing_target_keeps_no_measured_verdict_open(rules, write, sheet):
    scores = {
        name: {"value": value, "evidence": "run:r1"}
        for name, value in {"prompt_score": 0.7, "rag_score": 0.9}.items()
    }

    what_if = WhatIf(rules(), sheet(**scores, stronger_model_allowed=False))

    # Some target lies above every score, and so every such verdict would be open.
    assert "target_score" in what_if.open_facts
    assert "target_score" not in flipping_facts(what_if)


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

    for flip in flips(what_if).found:
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

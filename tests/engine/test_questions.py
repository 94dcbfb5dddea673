import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewise.domain.facts import Fact, FactDefinition, FactSheet, FactType
from tunewise.domain.rules import (
    AllOf,
    AnyOf,
    Consequence,
    Criterion,
    FactReference,
    Leaf,
    Operator,
    Option,
    RuleSet,
    Truth,
)
from tunewise.engine import questions
from tunewise.engine.questions import by_influence, next_question, outlook
from tunewise.engine.ranking import rank
from tunewise.engine.reference import evaluate_all
from tunewise.engine.what_if import WhatIf


def asked(what_if, skip=()):
    return next_question(what_if, outlook(what_if, skip))


def measured(value, low, high):
    return {"value": value, "low": low, "high": high, "evidence": "run:r1"}


def test_question_is_the_fact_whose_answer_says_most(rules, write):
    rule_set = rules(
        {
            # half of the answers turn it; a third of them; only together with others
            "a": write('knowledge_changes = { in = ["weekly", "daily"] }', "rag 3"),
            "b": write("training_examples = 7", "prompt 2"),
            "c": write("must_cite_sources = true", "hybrid 1"),
        }
    )

    question = asked(WhatIf(rule_set, FactSheet()))

    assert question.fact == "knowledge_changes"
    assert question.question == "How often does the knowledge change?"
    assert question.why == "It may turn the verdict: weekly → rag or daily → rag."


def test_information_is_that_of_answer_and_verdict(rules, write):
    rule_set = rules({"a": write("must_cite_sources = true", "rag 1")})
    what_if = WhatIf(rule_set, FactSheet())

    seen = outlook(what_if)

    # The answer settles the verdict, so it says as much as the verdict has bits,
    # less (3 - 1) (2 - 1) / (2 n ln 2): true, false, unknown; rag, defer.
    # 0.7 * 0.5 of the answers are true; three standard deviations of 128 draws move
    # the entropy by at most 0.14.
    entropy = -sum(p * math.log2(p) for p in (0.35, 0.65))
    expected = entropy - 2 / (2 * questions._DRAWS * math.log(2))
    assert seen == pytest.approx({"must_cite_sources": expected}, abs=0.14)


def test_fact_that_only_matters_together_with_another_is_found(rules, write, sheet):
    both = "must_cite_sources = true\ntraining_examples = { at_least = 100 }"
    rule_set = rules(
        {
            "a": write('knowledge_changes = "static"', "rag 2"),
            "b": write(both, "finetune 3"),
        }
    )
    what_if = WhatIf(rule_set, sheet(knowledge_changes="static"))

    seen = outlook(what_if)
    question = next_question(what_if, seen)

    assert set(seen) == {"must_cite_sources", "training_examples"}
    assert question.fact == next(iter(seen))
    assert question.why == (
        "No single answer turns the verdict; together with others this one says most "
        "about where it ends."
    )


def test_fact_that_only_matters_together_comes_after_one_that_turns_it(rules, write):
    rule_set = rules(
        {
            "a": write('note = "x"\nmust_cite_sources = true', "rag 1"),
            "b": write("stronger_model_allowed = true", "prompt 1"),
        }
    )

    names = list(outlook(WhatIf(rule_set, FactSheet())))

    assert names[0] == "stronger_model_allowed"
    assert set(names[1:]) == {"note", "must_cite_sources"}


@pytest.mark.parametrize("usual", ["true", "false"])
def test_usual_answer_puts_a_question_later(rules, write, usual):
    facts = "".join(
        f'[{n}]\ntype = "bool"\nquestion = "{n}?"\nwhy = "W"\n{more}'
        for n, more in [("rare", f"usual = {usual}\n"), ("common", "")]
    )
    criteria = {
        "a": write(f"rare = {'false' if usual == 'true' else 'true'}", "rag 2"),
        "b": write("common = true", "rag 2"),
    }
    plain = facts.replace(f"usual = {usual}\n", "")

    seen = outlook(WhatIf(rules(criteria, {"facts.toml": facts}), FactSheet()))
    without = outlook(WhatIf(rules(criteria, {"facts.toml": plain}), FactSheet()))

    assert list(seen) == ["common", "rare"]
    # Without a usual answer both say about the same.
    assert without["rare"] > 3 * seen["rare"]


def test_fact_that_is_rarely_known_is_asked_for_later(rules, write):
    facts = "".join(
        f'[{n}]\ntype = "integer"\nquestion = "{n}?"\nwhy = "W"\n{more}'
        for n, more in [("measured", "rarely_known = true\n"), ("counted", "")]
    )
    criteria = {
        "a": write("measured = { above = 5 }", "rag 2"),
        "b": write("counted = { above = 5 }", "rag 2"),
    }
    what_if = WhatIf(rules(criteria, {"facts.toml": facts}), FactSheet())

    drawn = questions._draws(what_if, ["measured", "counted"])

    assert asked(what_if).fact == "counted"
    # 10 % and 70 % of 128 answers are known, within three standard deviations.
    known = {n: sum(a is not None for a in answers) for n, answers in drawn.items()}
    assert known["measured"] / questions._DRAWS == pytest.approx(0.1, abs=0.08)
    assert known["counted"] / questions._DRAWS == pytest.approx(0.7, abs=0.13)


def test_usual_answer_is_no_answer(rules, write):
    facts = '[a]\ntype = "bool"\nquestion = "A?"\nwhy = "W"\nusual = true\n'
    rule_set = rules({"c": write("a = true", "rag 2")}, {"facts.toml": facts})

    what_if = WhatIf(rule_set, FactSheet())

    assert what_if.today.recommended is Option.DEFER
    assert what_if.open_facts == ("a",)


def test_skipped_fact_is_not_asked_and_stays_unknown(rules, write):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write("training_examples = { at_least = 100 }", "prompt 1"),
        }
    )
    what_if = WhatIf(rule_set, FactSheet())

    seen = outlook(what_if, skip=["must_cite_sources"])

    assert asked(what_if).fact == "must_cite_sources"
    assert list(seen) == ["training_examples"]
    assert next_question(what_if, seen).fact == "training_examples"
    assert asked(what_if, ["must_cite_sources", "training_examples"]) is None


def test_open_facts_that_cannot_outweigh_the_verdict_say_nothing(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write("training_examples = { at_least = 100 }", "prompt 1"),
        }
    )

    assert outlook(WhatIf(rule_set, sheet(must_cite_sources=True))) == {}
    assert len(outlook(WhatIf(rule_set, FactSheet()))) == 2


def test_fact_that_turns_the_verdict_is_asked_though_no_draw_did(
    rules, write, monkeypatch
):
    monkeypatch.setattr(questions, "_KNOWN", 0.0)
    rule_set = rules({"a": write("must_cite_sources = true", "rag 3")})
    what_if = WhatIf(rule_set, FactSheet())

    assert outlook(what_if) == {"must_cite_sources": 0.0}
    assert asked(what_if).fact == "must_cite_sources"


def test_nothing_is_asked_where_all_is_known(rules, write, sheet):
    rule_set = rules({"a": write("must_cite_sources = true", "rag 2")})
    what_if = WhatIf(rule_set, sheet(must_cite_sources=True))

    assert outlook(what_if) == {}
    assert asked(what_if) is None


def test_same_question_is_asked_every_time(rules, write):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 2"),
            "b": write("stronger_model_allowed = true", "prompt 2"),
        }
    )

    first, second = (outlook(WhatIf(rule_set, FactSheet())) for _ in range(2))

    assert first == second
    assert list(first) == list(second)


def test_range_keeps_the_verdict_open_to_the_answers_inside_it(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("training_examples = { at_least = 100 }", "finetune 2"),
            "b": write("training_examples = { at_least = 500 }", "rag 3"),
        }
    )

    question = asked(
        WhatIf(rule_set, sheet(training_examples={"low": 50, "high": 200}))
    )

    assert question.fact == "training_examples"
    assert "rag" not in question.why
    assert "100 → finetune" in question.why


def test_measured_interval_is_not_asked_for(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("prompt_score = { above = 0.7 }", "prompt 1"),
            "b": write("must_cite_sources = true", "rag 2"),
        }
    )
    facts = sheet(prompt_score=measured(0.7, 0.6, 0.8), target_score=0.75)
    what_if = WhatIf(rule_set, facts)

    assert asked(what_if).fact == "must_cite_sources"
    others = [n for n in what_if.open_facts if n != "prompt_score"]
    seen = outlook(what_if, skip=others)
    assert list(seen) == ["prompt_score"]
    assert next_question(what_if, seen) is None


def test_interval_of_a_score_that_decided_is_not_drawn(rules, write, sheet):
    rule_set = rules({"a": write("prompt_score = { above = 0.7 }", "prompt 1")})
    score = measured(0.7, 0.6, 0.8)

    what_if = WhatIf(
        rule_set, sheet(prompt_score=score, rag_score=score, target_score=0.75)
    )

    assert not {"prompt_score", "rag_score"} & {*outlook(what_if)}
    assert asked(what_if) is None


def test_score_that_nobody_asks_and_nobody_measured_says_nothing(rules, sheet):
    facts = sheet(
        prompt_score=measured(0.7, 0.68, 0.72),
        finetune_score=measured(0.9, 0.88, 0.92),
        stronger_model_allowed=False,
    )

    what_if = WhatIf(rules(), facts)

    # An answer would be assumed, and only measured scores are compared.
    assert what_if.open_facts == ("target_score",)


def test_influence_is_the_most_telling_first_then_what_criteria_wait_for(
    rules, write, sheet
):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write('knowledge_changes = "daily"', "rag 1"),
            "c": write('note = "x"\ntraining_examples = 1', "prompt -1"),
            "d": write("stronger_model_allowed = true", "prompt 2"),
        }
    )
    what_if = WhatIf(rule_set, sheet(must_cite_sources=True, note="y"))

    order = by_influence(what_if, outlook(what_if))

    # rag has 3 at least and prompt 2 at most: nothing tells, two criteria wait, and c
    # fails already.
    assert order == ("knowledge_changes", "stronger_model_allowed")
    assert by_influence(what_if, {"stronger_model_allowed": 0.1}) == (
        "stronger_model_allowed",
        "knowledge_changes",
    )


# Draws are evaluated one bit each; the reference evaluator says what is right.
NUMBERS, FLAG, KIND = "xyz", "flag", "kind"
DEFINITIONS = {
    **{
        n: FactDefinition(n, FactType.INTEGER, f"{n}?", "W", low=0, high=9)
        for n in NUMBERS
    },
    FLAG: FactDefinition(FLAG, FactType.BOOL, "flag?", "W", usual=False),
    KIND: FactDefinition(KIND, FactType.ENUM, "kind?", "W", values=("a", "b", "c")),
}
ORDERS = [o for o in Operator if o not in (Operator.IN, Operator.KNOWN)]

numeric = st.builds(
    Leaf, st.sampled_from(NUMBERS), st.sampled_from(ORDERS), st.integers(1, 8)
)
references = st.permutations(NUMBERS).flatmap(
    lambda names: st.builds(
        Leaf,
        st.just(names[0]),
        st.sampled_from(ORDERS),
        st.just(FactReference(names[1])),
    )
)
others = st.one_of(
    st.builds(Leaf, st.just(FLAG), st.just(Operator.IS), st.booleans()),
    st.builds(Leaf, st.just(KIND), st.just(Operator.IN), st.just(("a", "c"))),
    st.builds(
        Leaf, st.sampled_from([*DEFINITIONS]), st.just(Operator.KNOWN), st.booleans()
    ),
)
trees = st.recursive(
    numeric | references | others,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda c: AllOf(tuple(c))),
        st.lists(inner, min_size=1, max_size=3).map(lambda c: AnyOf(tuple(c))),
    ),
    max_leaves=6,
)
consequences = st.builds(
    Consequence,
    st.sampled_from([o for o in Option if o is not Option.DEFER]),
    st.just("B"),
    weight=st.integers(-3, 3),
    veto=st.booleans(),
)


@st.composite
def rule_sets(draw):
    parts = draw(st.lists(st.tuples(trees, consequences), min_size=1, max_size=5))
    criteria = tuple(
        Criterion(f"c{n}", "T", "2026-11-26", "S", when, (then,))
        for n, (when, then) in enumerate(parts)
    )
    return RuleSet("sha256:0", DEFINITIONS, criteria, (), (), (), {})


@st.composite
def sheets(draw):
    facts = {}
    for name in NUMBERS:
        kind = draw(st.sampled_from(["unknown", "exact", "range"]))
        low, high = sorted([draw(st.integers(0, 9)), draw(st.integers(0, 9))])
        if kind == "exact":
            facts[name] = Fact(name, low)
        elif kind == "range":
            facts[name] = Fact(name, None, low=low, high=high)
    for name, values in ((FLAG, st.booleans()), (KIND, st.sampled_from("abc"))):
        if draw(st.booleans()):
            facts[name] = Fact(name, draw(values))
    return FactSheet(facts)


@settings(max_examples=100, deadline=None)
@given(rule_set=rule_sets(), sheet=sheets())
def test_draws_are_evaluated_as_the_reference_evaluator_does(rule_set, sheet):
    what_if = WhatIf(rule_set, sheet)
    names = what_if.open_facts
    answers = questions._draws(what_if, names)

    verdicts = list(questions._verdicts(what_if, names, answers))

    expected = []
    for draw in range(len(verdicts)):
        drawn = [Fact(n, v) for n in names if (v := answers[n][draw]) is not None]
        changed = sheet.with_facts(*drawn)
        truths = evaluate_all(rule_set.criteria, changed)
        holding = [c for c in rule_set.criteria if truths[c.id] is Truth.HOLDS]
        expected.append(rank(holding, changed, rule_set.facts).recommended)
    assert verdicts == expected


@settings(max_examples=60, deadline=None)
@given(rule_set=rule_sets(), sheet=sheets())
def test_outlook_is_made_of_bits(rule_set, sheet):
    what_if = WhatIf(rule_set, sheet)

    seen = outlook(what_if)

    assert set(seen) <= set(what_if.open_facts)
    # No answer says more than a verdict can have: log2 of five options.
    assert all(0 <= bits <= math.log2(len(Option)) for bits in seen.values())
    assert list(seen.values()) == sorted(seen.values(), reverse=True)
    assert all(bits > 0 or what_if.turning(n) for n, bits in seen.items())


def test_drawn_answers_are_those_that_can_be_told_apart_and_unknown(rules, write):
    rule_set = rules({"a": write("training_examples = { at_least = 100 }", "rag 1")})
    what_if = WhatIf(rule_set, FactSheet())

    drawn = Counter(
        questions._draws(what_if, ["training_examples"])["training_examples"]
    )

    assert set(drawn) == {99, 100, 101, None}
    # 30 % stay unknown; three standard deviations of 128 draws.
    assert drawn[None] / drawn.total() == pytest.approx(0.3, abs=0.13)

"""Implication: by hand, and against random sheets."""

import random
from itertools import permutations

import pytest

from tunewise import resources
from tunewise.domain.rules import Truth
from tunewise.engine.analysis import answers
from tunewise.engine.analysis.answers import examples, implies, possible_facts
from tunewise.engine.analysis.sheets import full_sheets
from tunewise.engine.loader import load
from tunewise.engine.reference import evaluate


@pytest.fixture
def relation(rules, write):
    """Whether the first of two conditions implies the second."""

    def find(a: str, b: str) -> Truth:
        rule_set = rules({"a": write(a, "rag 1"), "b": write(b, "rag 1")})
        one, other = rule_set.criteria
        return implies(one.when, other.when, possible_facts(rule_set))

    return find


DAILY = 'knowledge_changes = "daily"'
OFTEN = 'knowledge_changes = { in = ["weekly", "daily"] }'


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (DAILY, OFTEN),
        (DAILY, 'knowledge_changes = { not = "static" }'),
        (
            "training_examples = { at_least = 100 }",
            "training_examples = { above = 99 }",
        ),
        ("training_examples = { above = 5 }", "training_examples = { known = true }"),
        (f"{DAILY}\nmust_cite_sources = true", f"{OFTEN}\n"),
        (f"[[when.any]]\n{DAILY}\n[[when.any]]\n{DAILY}\nnote = 'x'", OFTEN),
        (DAILY, f"[[when.any]]\n{OFTEN}\n[[when.any]]\nmust_cite_sources = true"),
        (
            "must_cite_sources = { known = true }",
            "[[when.any]]\nmust_cite_sources = true\n"
            "[[when.any]]\nmust_cite_sources = false",
        ),
        (
            "prompt_score = { above = 0.8 }\ntarget_score = { below = 0.7 }",
            "prompt_score = { above = { fact = 'target_score' } }",
        ),
        (
            DAILY,
            f"[[when.any]]\n{DAILY}\nnote = {{ known = true }}\n"
            f"[[when.any]]\n{DAILY}\nnote = {{ known = false }}",
        ),
    ],
)
def test_condition_that_is_at_least_as_narrow_implies_the_other(relation, a, b):
    assert relation(a, b) is Truth.HOLDS


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (OFTEN, DAILY),
        (DAILY, f"{DAILY}\nmust_cite_sources = true"),
        (DAILY, f"{DAILY}\nnote = {{ known = true }}"),
        (DAILY, f"{DAILY}\nnote = {{ known = false }}"),
        ("training_examples = { at_least = 99 }", "training_examples = { above = 99 }"),
        (f"[[when.any]]\n{DAILY}\n[[when.any]]\nmust_cite_sources = true", DAILY),
        (
            "prompt_score = { above = 0.8 }\ntarget_score = { below = 0.9 }",
            "prompt_score = { above = { fact = 'target_score' } }",
        ),
    ],
)
def test_condition_that_holds_elsewhere_too_does_not_imply_the_other(relation, a, b):
    assert relation(a, b) is Truth.FAILS


def test_too_many_combinations_are_left_undecided(relation, monkeypatch):
    monkeypatch.setattr(answers, "MOST_SHEETS", 1)

    assert relation(OFTEN, OFTEN) is Truth.WAITS


def test_too_many_ways_are_left_undecided(relation, monkeypatch):
    monkeypatch.setattr(answers, "MOST_WAYS", 1)

    both = f"[[when.any]]\n{DAILY}\n[[when.any]]\nmust_cite_sources = true"

    assert relation(both, DAILY) is Truth.WAITS


def test_an_example_of_each_way_makes_the_condition_hold(rules, write):
    when = f"[[when.any]]\n{DAILY}\n[[when.any]]\nmust_cite_sources = true"
    rule_set = rules({"a": write(when, "rag 1")})
    condition = rule_set.criteria[0].when

    found = list(examples(condition, possible_facts(rule_set)))

    assert [list(sheet.facts) for sheet in found] == [
        ["knowledge_changes"],
        ["must_cite_sources"],
    ]
    assert all(evaluate(condition, sheet) is Truth.HOLDS for sheet in found)


def test_no_random_sheet_speaks_against_an_implication_of_the_shipped_rules():
    rule_set = load(resources.rule_texts())
    possible = possible_facts(rule_set)
    held = [
        {c.id for c in rule_set.criteria if evaluate(c.when, sheet) is Truth.HOLDS}
        for sheet in full_sheets(rule_set, possible, number=1_000, seed=7)
    ]
    chance = random.Random(7)
    pairs = chance.sample(list(permutations(rule_set.criteria, 2)), 600)

    for a, b in pairs:
        implied = implies(a.when, b.when, possible)

        assert implied is not Truth.WAITS
        if implied is Truth.HOLDS:
            assert not [ids for ids in held if a.id in ids and b.id not in ids]

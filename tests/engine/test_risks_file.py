"""What can go wrong with an option: read, added to by a house, left out by facts."""

import pytest

from tunewise import resources
from tunewise.domain.errors import RuleFileError
from tunewise.domain.rules import Option, Risk
from tunewise.engine.loader import digest, load
from tunewise.engine.risks_file import risks_of

RISKS = """[stale-index]
title = "Old documents"
why = "Nobody sees their age."
options = ["rag", "hybrid"]
source = "S"

[forgets]
title = "It forgets"
why = "Weights move."
options = ["finetune"]
source = "S"
usual_control = "LoRA"
when = { training_examples = { at_least = 100 } }
"""
OURS = RISKS[: RISKS.index("[forgets]")].replace("Old documents", "Ours")


def ids(found):
    return [(risk.id, waits_for) for risk, waits_for in found]


def test_risks_are_read_in_the_order_of_the_file(rules):
    stale, forgets = rules(files={"risks.toml": RISKS}).risks

    assert stale == Risk(
        "stale-index",
        "Old documents",
        "Nobody sees their age.",
        (Option.RAG, Option.HYBRID),
        "S",
    )
    assert (forgets.usual_control, forgets.origin) == ("LoRA", "shipped")


def test_a_rule_set_may_have_none(rules):
    assert rules().risks == ()


@pytest.mark.parametrize(
    ("examples", "expected"),
    [
        ({"training_examples": 100}, [("forgets", ())]),
        ({"training_examples": 99}, []),
        ({}, [("forgets", ("training_examples",))]),
        (
            {"training_examples": {"low": 50, "high": 200}},
            [("forgets", ("training_examples",))],
        ),
        ({"training_examples": {"low": 10, "high": 50}}, []),
    ],
)
def test_a_risk_is_shown_unless_the_facts_exclude_it(rules, sheet, examples, expected):
    risks = rules(files={"risks.toml": RISKS}).risks

    assert ids(risks_of(risks, "finetune", sheet(**examples))) == expected


def test_an_option_has_its_own_risks_only(rules, sheet):
    risks = rules(files={"risks.toml": RISKS}).risks

    assert ids(risks_of(risks, "rag", sheet())) == [("stale-index", ())]
    assert ids(risks_of(risks, "defer", sheet())) == []


def test_a_house_adds_risks_and_replaces_one_of_the_same_name(rules):
    more = OURS + OURS.replace("stale-index", "two").replace("Ours", "Two")

    found = rules(files={"risks.toml": RISKS}, house={"more-risks.toml": more})

    told = [(r.id, r.title, r.origin) for r in found.risks]
    assert told == [
        ("stale-index", "Ours", "house"),
        ("forgets", "It forgets", "shipped"),
        ("two", "Two", "house"),
    ]
    assert found.house_files == ("more-risks.toml",)
    assert found.digest == digest(found.texts)


def test_a_house_replaces_all_of_them_as_any_file(rules):
    found = rules(files={"risks.toml": RISKS}, house={"risks.toml": OURS})

    assert [(r.title, r.origin) for r in found.risks] == [("Ours", "house")]


def test_only_a_house_adds_to_the_shipped(rules):
    with pytest.raises(RuleFileError) as told:
        rules(files={"more-risks.toml": OURS})

    assert str(told.value) == (
        "rules/more-risks.toml:1: only a home's house/ adds risks to those that are "
        "shipped\n  Write them into risks.toml."
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("[stale-index]", '["Stale Index"]', 1, '"Stale Index" cannot be an id'),
        ('title = "Old documents"', "", 1, "'title' is missing"),
        ('why = "Nobody sees their age."', 'wy = "x"', 3, "Did you mean 'why'"),
        ('"rag", "hybrid"', '"rog"', 4, "Did you mean 'rag'"),
        ('"rag", "hybrid"', '"defer"', 4, '"defer" is none that can be put into'),
        ('"rag", "hybrid"', "", 4, "the risk belongs to no option"),
        ('options = ["rag", "hybrid"]', "", 1, "the risk belongs to no option"),
        ("training_examples", "examples", 13, "unknown fact 'examples'"),
        ("{ at_least = 100 }", "true", 13, "true is not an integer"),
    ],
)
def test_what_is_no_risk_is_named_with_its_line(rules, old, new, line, message):
    with pytest.raises(RuleFileError) as told:
        rules(files={"risks.toml": RISKS.replace(old, new, 1)})

    assert str(told.value).startswith(f"rules/risks.toml:{line}: ")
    assert message in str(told.value)


def test_every_option_that_can_be_chosen_has_shipped_risks():
    found = load(resources.rule_texts()).risks

    named = {option for risk in found for option in risk.options}
    assert named == {*Option} - {Option.DEFER}
    assert all(risk.usual_control for risk in found)

import pytest

from tunewise.engine.analysis.answers import possible_facts
from tunewise.engine.analysis.gaps import gaps, never_winning
from tunewise.engine.analysis.outcomes import Rankings, outcomes
from tunewise.engine.analysis.sheets import full_sheets

SURE = {
    option: ("must_cite_sources = true", f"{option} 1")
    for option in ("prompt", "rag", "finetune", "hybrid", "defer")
}


@pytest.fixture
def never(rules, write):
    """The options that cannot win, found without trying a single sheet."""

    def find(criteria, files=None):
        rule_set = rules({name: write(*c) for name, c in criteria.items()}, files)
        problems = never_winning(Rankings(rule_set), possible_facts(rule_set))
        return {
            p.message.split(" is recommended")[0].split()[-1]: p.where for p in problems
        }

    return find


def test_option_that_criteria_speak_for_can_win(never):
    many = (
        'must_cite_sources = true\nknowledge_changes = "daily"\nnote = "x"\n'
        "training_examples = {{ at_least = {} }}"
    )
    criteria = SURE | {
        "finetune": (many.format(100), "finetune 2"),
        "hybrid": (many.format(500), "hybrid 3"),
        "defer": ("note = 'y'", "defer 3"),
    }

    # Only rag cannot: it asks what prompt asks, and ties go to the cheaper option.
    assert list(never(criteria)) == ["rag"]


def test_option_that_is_ruled_out_wherever_something_speaks_for_it_cannot_win(never):
    criteria = {
        "a": ("must_cite_sources = true", "finetune 3"),
        "b": ("must_cite_sources = true", "finetune veto"),
    }
    options = '[finetune]\ntitle = "T"\n'

    found = never(criteria, {"options.toml": f'[rag]\ntitle = "T"\n{options}'})

    assert found["finetune"] == "options.toml:3"


def test_sheets_on_which_an_option_wins_settle_that_it_can(rules, write, sheet):
    rule_set = rules({"a": write("must_cite_sources = true", "rag 1")})
    rankings = Rankings(rule_set)
    seen = outcomes(rankings, [sheet(must_cite_sources=True)])

    problems = never_winning(rankings, possible_facts(rule_set), seen)

    lacking = [p.message.split(" is recommended")[0].split()[-1] for p in problems]
    assert lacking == ["prompt", "finetune", "hybrid", "defer"]
    assert {p.severity for p in problems} == {"block"}


def test_gap_is_shown_by_the_facts_that_matter(rules, write):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 1"),
            "b": write('knowledge_changes = "daily"', "rag 1"),
            "c": write("training_examples = { above = 100 }", "rag -3"),
            "d": write("training_examples = { known = false }", "prompt 1"),
        }
    )
    possible = possible_facts(rule_set)
    rankings = Rankings(rule_set)
    full = outcomes(rankings, full_sheets(rule_set, possible, number=200, seed=1))

    [problem] = gaps(rankings, possible, full)

    # With more than 100 examples no single answer to another fact helps.
    assert problem.message.startswith(
        f"nothing speaks for any option on {full.nothing} of 200 full sheets"
    )
    assert problem.message.endswith("that matters: training_examples = 101")


def test_rule_set_that_says_nothing_of_an_empty_sheet_has_that_as_its_gap(rules, write):
    rule_set = rules({"a": write("must_cite_sources = true", "rag -1")})
    possible = possible_facts(rule_set)
    rankings = Rankings(rule_set)
    full = outcomes(rankings, full_sheets(rule_set, possible, number=5, seed=1))

    [problem] = gaps(rankings, possible, full)

    assert problem.message.endswith("the smallest has no facts at all")


def test_rule_set_in_which_something_always_speaks_has_no_gap(rules, write):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 1"),
            "b": write("must_cite_sources = false", "prompt 1"),
        }
    )
    possible = possible_facts(rule_set)
    rankings = Rankings(rule_set)
    full = outcomes(rankings, full_sheets(rule_set, possible, number=50, seed=1))

    assert gaps(rankings, possible, full) == []

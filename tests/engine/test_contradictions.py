import pytest

from tunewise import resources
from tunewise.domain.errors import RuleFileError
from tunewise.domain.facts import FactSheet
from tunewise.engine.contradictions import contradictions
from tunewise.engine.intake import fact_sheet
from tunewise.engine.loader import load

DECLARED = """
[[contradiction]]
because = "What is not cited needs no search."
when = { must_cite_sources = false, rag_score = { known = true } }

[[contradiction]]
because = "No score can be above what is asked for, here."
when = { prompt_score = { above = { fact = "target_score" } } }

[[contradiction]]
because = "Examples do not come from nowhere."
when = { training_examples = { above = 100 }, note = "none" }
"""


@pytest.fixture
def declared(rules):
    return rules(files={"contradictions.toml": DECLARED}).contradictions


def test_sheet_without_contradictions_has_nothing_to_mend(declared, sheet):
    assert contradictions(declared, FactSheet()) == ()
    assert contradictions(declared, sheet(must_cite_sources=False)) == ()
    assert contradictions(declared, sheet(must_cite_sources=True, rag_score=0.5)) == ()
    assert contradictions((), sheet(must_cite_sources=False, rag_score=0.5)) == ()


def test_every_contradiction_is_named_with_its_facts(declared, sheet):
    found = contradictions(
        declared,
        sheet(
            must_cite_sources=False,
            rag_score=0.5,
            prompt_score=0.9,
            target_score=0.8,
            training_examples=100,
            note="none",
        ),
    )

    assert found == (
        "must_cite_sources = false and rag_score = 0.5 contradict each other\n"
        "  What is not cited needs no search. Mend one of them.",
        "prompt_score = 0.9 and target_score = 0.8 contradict each other\n"
        "  No score can be above what is asked for, here. Mend one of them.",
    )


def test_range_contradicts_where_all_of_it_does_and_is_named_as_a_range(
    declared, sheet
):
    def found(low, high):
        answers = sheet(training_examples={"low": low, "high": high}, note="none")
        return contradictions(declared, answers)

    assert found(50, 200) == ()  # it may be as few as 50
    assert found(200, 300) == (
        "training_examples = 200 to 300 and note = none contradict each other\n"
        "  Examples do not come from nowhere. Mend one of them.",
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("rag_score", "rag_scroe", 4, "Did you mean 'rag_score'?"),
        ("because", "becuase", 3, "unknown key 'becuase'"),
        ("when = { must", "if = { must", 4, "unknown key 'if'"),
        ("must_cite_sources = false", "must_cite_sources = 0", 4, "true or false"),
    ],
)
def test_mistake_is_named_with_its_line(rules, old, new, line, says):
    with pytest.raises(RuleFileError) as error:
        rules(files={"contradictions.toml": DECLARED.replace(old, new, 1)})

    assert str(error.value).startswith(f"rules/contradictions.toml:{line}: ")
    assert says in str(error.value)


SHIPPED = load(resources.rule_texts())


@pytest.mark.parametrize("number", range(len(SHIPPED.contradictions)))
def test_every_shipped_contradiction_has_a_reason_that_is_a_sentence(number):
    because = SHIPPED.contradictions[number].because

    assert because[0].isupper()
    assert because.endswith(".")


@pytest.mark.parametrize(
    "facts",
    [
        {"prompt_tried": False, "prompt_score": 0.5},
        {"rag_tried": False, "rag_score": 0.5},
        {"current_option": "none", "current_score": 0.5},
        {
            "corpus_fits_context": True,
            "corpus_tokens": 200_000,
            "context_window_tokens": 100_000,
        },
        {"examples_per_label": 50, "training_examples": 40},
        {"on_prem_required": True, "tuning_method": "managed"},
        {"base_model_tunable": False, "base_tunable_until": "2027-01-01"},
        {"base_model_tunable": False, "finetune_score": 0.5},
    ],
    ids=lambda facts: " and ".join(facts),
)
def test_shipped_contradiction_is_found_by_its_facts_and_by_no_one_of_them(facts):
    def found(answers):
        answered = fact_sheet(answers, SHIPPED.facts).sheet
        return contradictions(SHIPPED.contradictions, answered)

    [message] = found(facts)

    assert all(f"{name} = " in message for name in facts)
    for name in facts:
        assert found({n: v for n, v in facts.items() if n != name}) == ()


def test_no_worked_case_contradicts_itself():
    for case in SHIPPED.cases:
        answered = fact_sheet(case.facts, SHIPPED.facts).sheet
        assert contradictions(SHIPPED.contradictions, answered) == (), case.name

from tunewise.domain.rules import Truth
from tunewise.engine.analysis.outcomes import Rankings, outcomes
from tunewise.engine.reference import evaluate


def test_sheets_are_counted_by_how_they_end(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 2"),
            "b": write("training_examples = { above = 100 }", "finetune 2"),
            "c": write('knowledge_changes = "daily"', "defer 3"),
        }
    )
    sheets = [
        sheet(must_cite_sources=True),
        sheet(must_cite_sources=True, training_examples=200),
        sheet(must_cite_sources=True, knowledge_changes="daily"),
        sheet(must_cite_sources=False),
    ]

    found = outcomes(Rankings(rule_set), sheets)

    assert found.sheets == 4
    assert found.wins == {"rag": 2, "defer": 1}
    assert (found.ties, found.nothing) == (1, 1)
    assert found.examples == (sheets[3],)


def test_what_is_remembered_of_a_criterion_is_what_evaluating_says(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("training_examples = { above = 100 }", "rag 2"),
            "b": write("must_cite_sources = true\nnote = { known = false }", "rag 1"),
        }
    )
    rankings = Rankings(rule_set)
    sheets = [
        sheet(**known)
        for known in (
            {},
            {"must_cite_sources": True},
            {"must_cite_sources": True, "training_examples": 101},
            {"must_cite_sources": True, "note": "x"},
            {"training_examples": 100},
        )
    ]

    for each in sheets * 2:
        weight = {"a": 2, "b": 1}
        held = [
            c.id for c in rule_set.criteria if evaluate(c.when, each) is Truth.HOLDS
        ]

        assert rankings.of(each).weighed.totals["rag"] == sum(weight[i] for i in held)

import pytest

from tunewise.engine.analysis.answers import possible_facts
from tunewise.engine.analysis.reach import unreachable, unused


@pytest.mark.parametrize(
    ("when", "reachable"),
    [
        ("training_examples = { at_least = 100, below = 100 }", False),
        ("training_examples = { above = 100, below = 101 }", False),
        ("training_examples = { at_least = 100, below = 101 }", True),
        ("target_score = { above = 0.5, below = 0.5001 }", True),
        ("target_score = { above = 1.0 }", False),
        ("target_score = { known = false, above = 0.5 }", False),
        ("target_score = { known = false }", True),
        ('knowledge_changes = { in = ["weekly"], not = "weekly" }', False),
        ('note = { not = "x" }', True),
        ("needed_until = { above = 2027-01-01, below = 2027-01-02 }", False),
        ("must_cite_sources = true\n[[when.any]]\nmust_cite_sources = false", False),
        (
            "must_cite_sources = true\n[[when.any]]\nmust_cite_sources = false\n"
            '[[when.any]]\nknowledge_changes = "daily"',
            True,
        ),
        ("prompt_score = { below = { fact = 'target_score' } }", True),
        ("prompt_score = { below = { fact = 'target_score' }, above = 0.9 }", True),
        (
            "prompt_score = { below = { fact = 'target_score' } }\n"
            "target_score = { at_most = { fact = 'prompt_score' } }",
            False,
        ),
        (
            "prompt_score = { above = 0.5, below = { fact = 'rag_score' } }\n"
            "rag_score = { below = { fact = 'target_score' } }\n"
            "target_score = { below = 0.6 }",
            True,
        ),
        (
            "prompt_score = { above = 0.5, below = { fact = 'rag_score' } }\n"
            "rag_score = { below = { fact = 'target_score' } }\n"
            "target_score = { below = 0.5 }",
            False,
        ),
    ],
)
def test_criterion_that_no_answers_can_match_is_found(rules, write, when, reachable):
    rule_set = rules({"a": write(when, "rag 1")})

    problems = unreachable(rule_set, possible_facts(rule_set))

    assert [p.where for p in problems] == ([] if reachable else ["criteria/a.toml:5"])


def test_fact_that_nothing_uses_is_found(rules, write):
    rule_set = rules({"a": write("must_cite_sources = true", "rag 1")})

    found = {p.message.split()[0]: p.where for p in unused(rule_set)}

    # needed_until serves the base models, the scores the measured basis
    assert list(found) == ["knowledge_changes", "training_examples", "note"]
    text = rule_set.texts["facts.toml"].split("\n")
    assert found["note"] == f"facts.toml:{text.index('[note]') + 1}"

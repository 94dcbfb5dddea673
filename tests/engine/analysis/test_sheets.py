from tunewise.engine.analysis.answers import possible_facts
from tunewise.engine.analysis.sheets import full_sheets, sheets_of_two


def test_every_two_answers_of_every_two_facts_are_tried(rules, write):
    when = "must_cite_sources = true\ntraining_examples = { above = 100 }"
    rule_set = rules({"a": write(f'{when}\nknowledge_changes = "daily"', "rag 1")})

    sheets = list(sheets_of_two(possible_facts(rule_set)))

    # By hand: 2 answers, 4 answers and 3 answers (99, 100, 101): 2*4 + 2*3 + 4*3
    assert len(sheets) == 26
    assert {len(sheet.facts) for sheet in sheets} == {2}


def test_full_sheet_answers_every_fact_that_is_asked(rules, write):
    rule_set = rules({"a": write("must_cite_sources = true\nnote = 'x'", "rag 1")})
    possible = possible_facts(rule_set)

    sheets = list(full_sheets(rule_set, possible, number=20, seed=1))

    assert all(set(s.facts) == {"must_cite_sources", "note"} for s in sheets)
    assert {s.value("note") for s in sheets} == {"x", "any other text"}


def test_fact_that_is_asked_whether_it_is_known_is_unknown_at_times(rules, write):
    rule_set = rules({"a": write("note = { known = false }", "rag 1")})
    possible = possible_facts(rule_set)

    sheets = list(full_sheets(rule_set, possible, number=20, seed=1))

    assert {sheet.get("note") is None for sheet in sheets} == {True, False}


def test_untried_prompt_has_no_score(rules, write):
    tried = '[prompt_tried]\ntype = "bool"\nquestion = "Tried?"\nwhy = "W."\n'
    facts = rules().texts["facts.toml"] + tried
    when = "prompt_tried = true\nprompt_score = { above = 0.5 }"
    rule_set = rules({"a": write(when, "rag 1")}, {"facts.toml": facts})
    possible = possible_facts(rule_set)

    sheets = list(full_sheets(rule_set, possible, number=50, seed=1))

    seen = {(s.value("prompt_tried"), s.get("prompt_score") is None) for s in sheets}
    assert seen == {(True, False), (False, True)}

"""The schemas agree with the readers: what one refuses, the other refuses."""

import datetime as dt
import tomllib

import pytest
from jsonschema import Draft202012Validator

from tunewise import resources
from tunewise.domain.errors import FactError, RuleFileError
from tunewise.engine.criteria_file import read_criterion
from tunewise.engine.intake import fact_sheet
from tunewise.engine.loader import load
from tunewise.engine.schemas import criterion_schema, facts_schema
from tunewise.engine.source_text import parse

TEXTS = resources.rule_texts()
RULES = load(TEXTS)
CRITERIA = [path for path in TEXTS if path.startswith("criteria/")]
CASES = [path for path in TEXTS if path.startswith("cases/")]


def as_json(value):
    """Return TOML values as JSON has them: a date as its ISO text."""
    if isinstance(value, dict):
        return {key: as_json(v) for key, v in value.items()}
    if isinstance(value, list):
        return [as_json(v) for v in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def errors(schema, text):
    table = as_json(tomllib.loads(text))
    return [e.json_path for e in Draft202012Validator(schema).iter_errors(table)]


@pytest.mark.parametrize("schema", [facts_schema, criterion_schema])
def test_schema_is_one_itself(schema):
    Draft202012Validator.check_schema(schema(RULES.facts))


@pytest.mark.parametrize("path", CRITERIA)
def test_every_criterion_is_valid(path):
    assert errors(criterion_schema(RULES.facts), TEXTS[path]) == []


@pytest.mark.parametrize("path", CASES)
def test_the_facts_of_every_worked_case_are_valid(path):
    facts = as_json(tomllib.loads(TEXTS[path])["facts"])
    schema = facts_schema(RULES.facts)

    assert list(Draft202012Validator(schema).iter_errors(facts)) == []


def test_facts_may_stand_under_facts(rules):
    text = 'title = "T"\ncomparisons = []\n[facts]\nmust_cite_sources = true'

    assert errors(facts_schema(rules().facts), text) == []


def test_question_of_a_fact_is_its_description():
    schema = facts_schema(RULES.facts)

    fact = schema["$defs"]["facts"]["properties"]["must_cite_sources"]

    assert fact["description"] == RULES.facts["must_cite_sources"].question


GOOD_FACTS = {
    "nothing": "",
    "values": 'must_cite_sources = true\nknowledge_changes = "daily"',
    "unknown": 'must_cite_sources = "unknown"\ntraining_examples = "unknown"',
    "whole number as a float": "training_examples = 5.0",
    "a date": "needed_until = 2027-01-31",
    "a range": "prompt_score = { low = 0.5, high = 0.9 }",
    "all keys": 'prompt_score = { value = 0.7, low = 0.6, high = 0.8, model = "m", '
    'evidence = "run:r-1", on = 2026-11-20, valid_until = 2027-11-20 }',
    "evidence as a table": 'note = { value = "x", evidence = { kind = "document", '
    'reference = "a.pdf" } }',
    "assumed": 'note = { value = "x", evidence = "assumed:" }',
    "nested": '[facts]\nnote = "x"',
    "comparisons": '[[comparisons]]\na = "rag"\nb = "prompt"\nmetric = "accuracy"\n'
    "difference = 0.1\nlow = 0.05\nhigh = 0.15\np_value = 0.01\n"
    'conclusion = "win"\nneeds_n = 40',
}
BAD_FACTS = {
    "unknown name": "must_cite_source = true",
    "text for a bool": 'must_cite_sources = "perhaps"',
    "no such choice": 'knowledge_changes = "hourly"',
    "too low": "training_examples = -1",
    "too high": "prompt_score = 1.2",
    "no integer": "training_examples = 1.5",
    "true for a number": "prompt_score = true",
    "no date": 'needed_until = "soon"',
    "unknown key": "note = { value = 'x', sure = true }",
    "range of a bool": "must_cite_sources = { value = true, low = 0 }",
    "end out of range": "prompt_score = { value = 0.5, high = 1.5 }",
    "evidence of no kind": 'note = { value = "x", evidence = "hearsay:Ada" }',
    "evidence that names nothing": 'note = { value = "x", evidence = "run:" }',
    "date twice": 'note = { value = "x", on = 2026-01-01, date = 2026-01-01 }',
    "fact beside facts": 'note = "x"\n[facts]\nmust_cite_sources = true',
    "facts no table": "facts = 3",
    "comparisons among the facts": "[facts]\ncomparisons = []",
    "comparison without a conclusion": '[[comparisons]]\na = "rag"\nb = "prompt"\n'
    'metric = "f1"\ndifference = 0.1\nlow = 0\nhigh = 0.2\np_value = 0.01',
}


@pytest.mark.parametrize("name", GOOD_FACTS)
def test_fact_file_that_is_read_is_valid(rules, name):
    definitions = rules().facts

    fact_sheet(tomllib.loads(GOOD_FACTS[name]), definitions)

    assert errors(facts_schema(definitions), GOOD_FACTS[name]) == []


@pytest.mark.parametrize("name", BAD_FACTS)
def test_fact_file_that_is_refused_is_not_valid(rules, name):
    definitions = rules().facts

    with pytest.raises(FactError):
        fact_sheet(tomllib.loads(BAD_FACTS[name]), definitions)

    assert errors(facts_schema(definitions), BAD_FACTS[name])


GOOD_TESTS = (
    "must_cite_sources = true",
    "must_cite_sources.known = false",
    'knowledge_changes = { in = ["weekly", "daily"], not = "static" }',
    "training_examples = { at_least = 100, below = 200 }",
    "prompt_score = { below = { fact = 'target_score' } }",
    "prompt_score = { above = { fact = 'training_examples' } }",
    "needed_until = { at_least = 2027-01-01 }",
    "[[when.any]]\nmust_cite_sources = true\n[[when.any]]\nnote = 'x'",
)
BAD_TESTS = (
    "must_cite_source = true",
    "must_cite_sources = 1",
    "must_cite_sources = { at_least = true }",
    "must_cite_sources = {}",
    'knowledge_changes = ["weekly"]',
    'knowledge_changes = "hourly"',
    "knowledge_changes = { in = [] }",
    'knowledge_changes = { in = ["daily", "daily"] }',
    "training_examples = { at_least = 1.5 }",
    "training_examples = { above = -3 }",
    "training_examples = { known = 1 }",
    "prompt_score = { below = { fact = 'prompt_score' } }",
    "prompt_score = { below = { fact = 'note' } }",
    "prompt_score = { below = { fact = 'nothing' } }",
    "[[when.any]]\nmust_cite_source = true",
    "any = []",
)
GOOD_THEN = (
    'option = "rag"\nweight = 3',
    'option = "rag"\nweight = -1\nvariant = "rag/sparse"\nnext = "N"\nwho = "W"',
    'option = "finetune"\nveto = true',
    'option = "finetune"\nveto = false\nweight = 1',
)
BAD_THEN = (
    'option = "magic"\nweight = 1',
    'option = "rag"',
    'option = "rag"\nweight = 0',
    'option = "rag"\nweight = 4',
    'option = "rag"\nveto = true\nweight = 1',
    'option = "rag"\nveto = false',
    'option = "defer"\nveto = true',
    'option = "rag"\nweight = 1\nvariant = "prompt/long-context"',
    'option = "rag"\nwieght = 1',
)
TEST, THEN = GOOD_TESTS[0], GOOD_THEN[0]


def criterion_text(when, then):
    head = 'title = "T"\nsince = 2026-11-23\nsource = "S"\n'
    return f'{head}[when]\n{when}\n[[then]]\nbecause = "B."\n{then}\n'


def read(text, definitions):
    file = parse("criteria/a.toml", text)
    return read_criterion(file, "a", definitions=definitions, origin="house")


@pytest.mark.parametrize(
    ("when", "then"),
    [(when, THEN) for when in GOOD_TESTS] + [(TEST, then) for then in GOOD_THEN],
)
def test_criterion_that_is_read_is_valid(rules, when, then):
    definitions = rules().facts
    text = criterion_text(when, then)

    read(text, definitions)

    assert errors(criterion_schema(definitions), text) == []


@pytest.mark.parametrize(
    ("when", "then"),
    [(when, THEN) for when in BAD_TESTS] + [(TEST, then) for then in BAD_THEN],
)
def test_criterion_that_is_refused_is_not_valid(rules, when, then):
    definitions = rules().facts
    text = criterion_text(when, then)

    with pytest.raises(RuleFileError):
        read(text, definitions)

    assert errors(criterion_schema(definitions), text)


@pytest.mark.parametrize("key", ["title", "since", "source", "when", "then"])
def test_criterion_without_a_key_that_it_needs_is_not_valid(rules, key):
    table = as_json(tomllib.loads(criterion_text(TEST, THEN)))
    del table[key]

    [error] = Draft202012Validator(criterion_schema(rules().facts)).iter_errors(table)

    assert f"'{key}' is a required property" in error.message

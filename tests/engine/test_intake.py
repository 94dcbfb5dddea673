import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewise.domain.errors import FactError
from tunewise.domain.facts import (
    Evidence,
    EvidenceKind,
    Fact,
    FactDefinition,
    FactType,
)
from tunewise.engine.intake import fact_sheet, read_answer, sheet_to_raw

COMPARISON = {
    "a": "finetune",
    "b": "prompt",
    "metric": "accuracy",
    "difference": 0.1,
    "low": 0.05,
    "high": 0.15,
    "p_value": 0.001,
    "conclusion": "win",
    "needs_n": None,
}


@pytest.fixture
def take(rules):
    definitions = rules().facts
    return lambda raw, **options: fact_sheet(raw, definitions, **options)


def test_flat_and_nested_facts_give_the_same_sheet(take):
    flat = take({"must_cite_sources": True, "comparisons": [COMPARISON]})
    nested = take({"facts": {"must_cite_sources": True}, "comparisons": [COMPARISON]})

    assert flat == nested
    assert flat.sheet.get("must_cite_sources") == Fact("must_cite_sources", True)
    assert flat.sheet.comparisons[0].conclusion == "win"


def test_bare_value_is_assumed_and_a_number_may_be_written_as_an_integer(take):
    sheet = take({"target_score": 1, "training_examples": 50.0}).sheet

    assert sheet.get("target_score").assumed
    assert repr(sheet.value("target_score")) == "1.0"
    assert repr(sheet.value("training_examples")) == "50"


@pytest.mark.parametrize("written", [None, "unknown", {"value": "unknown"}, {}])
def test_unknown_is_not_in_the_sheet(take, written):
    assert take({"knowledge_changes": written}).sheet.facts == {}


def test_entry_carries_range_evidence_model_and_dates(take):
    entry = {
        "value": 0.8,
        "low": 0.7,
        "high": 0.9,
        "evidence": "run:2026-11-23/prompt:0",
        "model": "smollm2-135m-instruct",
        "on": dt.date(2026, 11, 23),
        "valid_until": "2027-05-23",
    }

    fact = take({"prompt_score": entry}).sheet.get("prompt_score")

    assert fact == Fact(
        "prompt_score",
        0.8,
        low=0.7,
        high=0.9,
        evidence=Evidence(EvidenceKind.RUN, "2026-11-23/prompt:0"),
        model="smollm2-135m-instruct",
        on="2026-11-23",
        valid_until="2027-05-23",
    )


def test_range_without_a_value_is_a_range(take):
    fact = take({"training_examples": {"low": 50}}).sheet.get("training_examples")

    assert fact.value is None
    assert (fact.lower, fact.upper) == (50.0, None)


def test_evidence_may_be_a_table(take):
    entry = {"value": True, "evidence": {"kind": "person", "reference": "Ana"}}

    fact = take({"must_cite_sources": entry}).sheet.get("must_cite_sources")

    assert fact.evidence == Evidence(EvidenceKind.PERSON, "Ana")


def test_interval_may_pass_its_bound_by_a_rounding_error(take):
    entry = {"value": 1.0, "low": 0.9, "high": 1.0 - 1e-12}

    assert take({"prompt_score": entry}).sheet.get("prompt_score").high < 1.0
    entry["high"] = 1.0 + 1e-12
    assert take({"prompt_score": entry}).sheet.get("prompt_score").high == 1.0


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"must_cite_source": True}, "Did you mean 'must_cite_sources'?"),
        ({"must_cite_sources": "yes"}, '"yes" is not true or false'),
        ({"must_cite_sources": 1}, "must_cite_sources = 1 is not true or false"),
        ({"knowledge_changes": "weakly"}, "Did you mean 'weekly'?"),
        ({"knowledge_changes": "weakly"}, "one of static, monthly, weekly or daily"),
        ({"training_examples": 1.5}, "an integer of at least 0"),
        ({"training_examples": True}, "an integer of at least 0"),
        ({"training_examples": -1}, "training_examples = -1"),
        ({"target_score": 1.1}, "a number from 0 to 1"),
        ({"target_score": float("nan")}, "target_score = NaN"),
        ({"needed_until": "next year"}, "a date"),
        ({"note": 3}, "note = 3 is not a text"),
        ({"prompt_score": {"valeu": 1}}, "Did you mean 'value'?"),
        ({"prompt_score": {"value": 0.5, "low": 0.6}}, "0.6, 0.5, null"),
        ({"prompt_score": {"low": 0.6, "high": 0.5}}, "0.6, null, 0.5"),
        ({"prompt_score": {"value": 0.5, "high": 2}}, "high = 2 is out of range"),
        ({"prompt_score": {"value": 0.5, "high": "x"}}, 'high = "x" is not a number'),
        ({"must_cite_sources": {"value": True, "low": 0}}, "Only integer and number"),
        ({"note": {"value": "x", "evidence": "my guess"}}, 'Write "run:…"'),
        ({"note": {"value": "x", "evidence": "person:"}}, "names nothing"),
        ({"note": {"value": "x", "evidence": 3}}, "evidence = 3"),
        ({"note": {"value": "x", "model": 3}}, "model = 3"),
        ({"note": {"value": "x", "on": "soon"}}, 'on = "soon" is not a date'),
        ({"note": {"value": "x", "on": "2026-01-01", "date": "2026-01-01"}}, "both"),
        ({"facts": {}, "must_cite_sources": True}, "beside facts"),
        ({"facts": 3}, "facts = 3 is not a table"),
        ({"comparisons": {}}, "is not a list"),
        ({"comparisons": [3]}, "comparison 1: 3 is not a table"),
        ({"comparisons": [{**COMPARISON, "winner": "a"}]}, "unknown key 'winner'"),
        ({"comparisons": [{**COMPARISON, "b": "finetune"}]}, "two different arms"),
        ({"comparisons": [{**COMPARISON, "conclusion": "won"}]}, "one of win, lose"),
        ({"comparisons": [{**COMPARISON, "needs_n": 1.5}]}, "needs_n = 1.5"),
        ({"comparisons": [{**COMPARISON, "low": None}]}, "low = null"),
        ({"comparisons": [{**COMPARISON, "metric": ""}]}, 'metric = ""'),
    ],
)  # fmt: skip
def test_answer_that_does_not_fit_is_refused_with_what_is_allowed(take, raw, says):
    with pytest.raises(FactError) as error:
        take(raw)

    assert says in str(error.value)
    assert "\n  " in str(error.value)


def test_unknown_names_are_reported_where_they_are_ignored(take):
    intake = take({"must_cite_sources": True, "colour": "red"}, ignore_unknown=True)

    assert intake.ignored == ("colour",)
    assert set(intake.sheet.facts) == {"must_cite_sources"}


@pytest.mark.parametrize(
    ("fact", "text", "value"),
    [
        ("must_cite_sources", "Yes", True),
        ("must_cite_sources", "n", False),
        ("training_examples", " 120 ", 120),
        ("target_score", "1e-05", 1e-05),
        ("knowledge_changes", "daily", "daily"),
        ("knowledge_changes", "", None),
        ("needed_until", "unknown", None),
    ],
)
def test_typed_answer_is_read_by_the_type_of_its_fact(rules, fact, text, value):
    assert read_answer(text, rules().facts[fact]) == value


def test_typed_answer_of_another_type_is_refused(rules):
    with pytest.raises(FactError, match='training_examples = "many"'):
        read_answer("many", rules().facts["training_examples"])


evidence = st.sampled_from(["", "run:r1", "person:Ana: boss", "assumed:rough"])
scores = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted)


@given(
    cite=st.none() | st.booleans(),
    score=st.none() | scores,
    examples=st.none() | st.integers(0, 10**9),
    day=st.none() | st.dates(),
    note=st.text(),
    rests_on=evidence,
)
def test_sheet_survives_the_way_to_json_and_back(
    cite, score, examples, day, note, rests_on
):
    definitions = _DEFINITIONS
    raw = {
        "must_cite_sources": {"value": cite, "evidence": rests_on},
        "training_examples": examples,
        "needed_until": day,
        "note": {"value": note, "model": "m", "valid_until": "2027-01-01"},
        "comparisons": [COMPARISON],
    }
    if score:
        low, value, high = score
        raw["prompt_score"] = {"value": value, "low": low, "high": high}
    sheet = fact_sheet(raw, definitions).sheet

    back = fact_sheet(json.loads(json.dumps(sheet_to_raw(sheet))), definitions)

    assert back.sheet == sheet


def _definitions():
    types = {
        "must_cite_sources": FactType.BOOL,
        "training_examples": FactType.INTEGER,
        "needed_until": FactType.DATE,
        "note": FactType.TEXT,
        "prompt_score": FactType.NUMBER,
    }
    return {n: FactDefinition(n, t, f"{n}?", "W") for n, t in types.items()}


_DEFINITIONS = _definitions()

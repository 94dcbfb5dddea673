"""Facts that break engines: huge, tiny, endless, half a character, colliding names."""

import datetime as dt
import json
import math
import threading
from dataclasses import asdict
from pathlib import Path

import pytest

from tunewise import resources
from tunewise.domain.errors import FactError, RuleFileError
from tunewise.domain.facts import Fact, FactSheet
from tunewise.engine.durable_adapter import available, evaluate_criteria
from tunewise.engine.intake import fact_sheet, sheet_to_raw
from tunewise.engine.loader import load
from tunewise.engine.verdict import advise

TODAY = dt.date(2026, 11, 26)
HALF = json.loads('"\\ud800"')
HUGE = 16**5000  # Python refuses to write it in decimal


def name_of_type(value):
    """An id for pytest, which would write the value out."""
    return type(value).__name__


needs_durable = pytest.mark.skipif(
    not available(), reason="durable-rules is not installed"
)


def dictionary(**types):
    """A fact dictionary as text: bounds would hide what is tested here."""
    return "".join(
        f'[{name}]\ntype = "{kind}"\nquestion = "Q?"\nwhy = "W"\n'
        for name, kind in types.items()
    )


def fired(types, whens, **answers):
    """Return the criteria that durable-rules fires, by their place in ``whens``."""
    texts = {
        f"criteria/c{number}.toml": 'title = "T"\nsince = 2026-11-23\nsource = "S"\n'
        f'when = {{ {when} }}\n[[then]]\noption = "rag"\nweight = 1\nbecause = "B"\n'
        for number, when in enumerate(whens)
    }
    rule_set = load({"facts.toml": dictionary(**types), **texts})
    sheet = fact_sheet(answers, rule_set.facts).sheet
    return sorted(int(id[1:]) for id in evaluate_criteria(rule_set, sheet))


@needs_durable
@pytest.mark.parametrize(
    ("kind", "value", "whens", "holding"),
    [
        # 1e-05 and 1e16 are parse errors in durable-rules.
        ("number", 1e-05, ["x = 1e-05", "x = { above = 1e-05 }"], [0]),
        ("number", 1e16, ["x = { at_least = 1e16 }", "x = { below = 1e+16 }"], [0]),
        ("number", 2e16, ["x = { above = 1e16 }", "x = { is = 1e16 }"], [0]),
        # Integers beyond 64 bit saturate there, and 2**53 + 1 equals 2.0**53.
        ("integer", 10**30, [f"x = {10**30}", f"x = {2**63 - 1}"], [0]),
        ("integer", 2**53 + 1, [f"x = {2**53}", f"x = {{ above = {2**53} }}"], [1]),
        ("integer", 10**300, [f"x = {10**300}", f"x = {10**300 + 1}"], [0]),
        # Lengths are kept in 16 bits: 65,536 characters equal none.
        ("text", "x" * 65_536, ['x = ""', f'x = "{"x" * 65_536}"'], [1]),
        ("text", "x" * 70_000, [f'x = "{"x" * 70_001}"', f'x = "{"x" * 70_000}"'], [1]),
        # "5" equals 5, and "true" equals true.
        ("text", "5", ['x = "5"', 'x = "5.0"'], [0]),
        ("text", "true", ['x = "true"', 'x = "True"'], [0]),
    ],
    ids=name_of_type,
)
def test_values_that_durable_rules_mistakes_are_right(kind, value, whens, holding):
    assert fired({"x": kind}, whens, x=value) == holding


@needs_durable
@pytest.mark.parametrize(
    ("asked", "answered"),
    # Three pairs have one 32-bit FNV-1a hash; the others are the engine's own words.
    [
        ("costarring", "liquid"),
        ("declinate", "macallums"),
        ("altarage", "zinke"),
        ("id", "sid"),
        ("sid", "id"),
        ("exception", "label"),
    ],
)
def test_names_that_collide_are_different_facts(asked, answered):
    types = {asked: "bool", answered: "bool"}

    assert fired(types, [f"{asked} = true"], **{answered: True}) == []
    assert fired(types, [f"{asked} = true"], **{asked: True}) == [0]


@pytest.mark.parametrize("name", ["$s", "$m", "Id", "a.b", "facts", "any", "x" * 65])
def test_names_of_the_engine_and_of_the_format_cannot_be_declared(name):
    text = dictionary(x="bool").replace("[x]", f'["{name}"]')

    with pytest.raises(RuleFileError, match="cannot be the name of a fact"):
        load({"facts.toml": text})


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("integer", 10**400),
        ("integer", -(10**400)),
        ("integer", HUGE),
        ("number", 10**400),
        ("number", math.inf),
        ("number", math.nan),
        ("integer", {"low": 10**400}),
        ("number", {"low": 0, "high": math.nan}),
        ("number", {"low": -math.inf}),
        ("integer", {"value": HUGE, "evidence": "person:Ada"}),
        ("text", HALF),
        ("enum", HALF),
        ("date", HALF),
        ("text", HUGE),
        ("text", {"value": "x", "evidence": f"person:{HALF}"}),
        ("text", {"value": "x", "model": HALF}),
        ("text", {"value": "x", HALF: 1}),
        ("date", "x" * 70_000),
        ("enum", "x" * 70_000),
        ("bool", ["x"] * 3),
    ],
    ids=name_of_type,
)
def test_an_impossible_answer_is_one_short_printable_error(kind, answer):
    text = dictionary(x=kind)
    if kind == "enum":
        text += 'values = ["a", "b"]\n'
    definitions = load({"facts.toml": text}).facts

    with pytest.raises(FactError) as refused:
        fact_sheet({"x": answer}, definitions)

    message = str(refused.value)
    message.encode("utf-8")
    assert message.startswith("x")
    assert message.count("\n") == 1
    assert len(message) < 1000


@pytest.mark.parametrize(
    "name", ["x" * 70_000, HALF, "$s", "sid", ""], ids=name_of_type
)
def test_an_unknown_name_is_one_short_printable_error(name):
    with pytest.raises(FactError, match="unknown fact") as refused:
        fact_sheet({name: 1}, load({"facts.toml": dictionary(x="bool")}).facts)

    str(refused.value).encode("utf-8")
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize(
    "entry",
    [
        {"difference": 10**400},
        {"p_value": math.nan},
        {"needs_n": HUGE},
        {"metric": HALF},
        {HALF: 1},
    ],
    ids=name_of_type,
)
def test_an_impossible_comparison_is_one_printable_error(entry):
    right = {
        "a": "rag",
        "b": "prompt",
        "metric": "accuracy",
        "difference": 0.1,
        "low": 0.0,
        "high": 0.2,
        "p_value": 0.04,
        "conclusion": "win",
    }

    with pytest.raises(FactError, match="comparison 1") as refused:
        fact_sheet({"facts": {}, "comparisons": [{**right, **entry}]}, {})

    str(refused.value).encode("utf-8")


@pytest.mark.parametrize("value", [10**300, 2**1023, 1, 0], ids=name_of_type)
@pytest.mark.parametrize(
    "name", ["training_examples", "corpus_tokens", "request_volume_per_day"]
)
def test_a_verdict_survives_the_largest_numbers(shipped, name, value):
    sheet = fact_sheet({name: value, "task_type": "extraction"}, shipped.facts).sheet

    verdict = advise(shipped, sheet, today=TODAY)

    json.dumps(asdict(verdict), default=str).encode("utf-8")
    assert fact_sheet(sheet_to_raw(sheet), shipped.facts).sheet == sheet


@needs_durable
def test_eight_threads_at_once_give_the_verdicts_of_one(shipped):
    sheets = [fact_sheet(case.facts, shipped.facts).sheet for case in shipped.cases[:8]]
    alone = [advise(shipped, sheet, today=TODAY) for sheet in sheets]
    together = [[] for _ in sheets]
    start = threading.Barrier(len(sheets))

    def ask(place):
        start.wait()
        for _ in range(3):
            together[place].append(advise(shipped, sheets[place], today=TODAY))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(sheets))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert together == [[verdict] * 3 for verdict in alone]


@needs_durable
@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="counts pages as Linux does"
)
def test_thousands_of_evaluations_keep_no_memory(shipped):
    sheets = [fact_sheet(case.facts, shipped.facts).sheet for case in shipped.cases]
    sheets.append(FactSheet({"x": Fact("x", "y" * 70_000)}))

    def evaluate(times):
        for number in range(times):
            evaluate_criteria(shipped, sheets[number % len(sheets)])
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    before = evaluate(500)

    assert evaluate(5000) - before < 4_000_000


@pytest.fixture(scope="module")
def shipped():
    """The shipped rule set."""
    return load(resources.rule_texts())

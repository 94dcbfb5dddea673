"""Hostile fact files: one clear message and status 2, never a traceback or a hang."""

import json
from pathlib import Path

import pytest

from .conftest import Tunewise, mended

DEEP = 100_000
REFUSED = {
    "infinite": '{"training_examples": 1e400}',
    "NaN": '{"target_score": NaN}',
    "Infinity": '{"target_score": Infinity}',
    "minus infinity": '{"training_examples": {"low": -Infinity}}',
    "400 digits": f'{{"training_examples": {"9" * 400}}}',
    "5,000 digits": f'{{"training_examples": {"9" * 5000}}}',
    "5,000 hexadecimal digits": f"training_examples = 0x{'f' * 5000}",
    "5,000 digits in TOML": f"training_examples = {'9' * 5000}",
    "400 digits in a range": f'{{"training_examples": {{"high": {"9" * 400}}}}}',
    "a NUL": '{"licences_allowed": "MIT\\u0000"}',
    "an escape sequence in evidence": (
        '{"labels": {"value": 3, "evidence": "person:Ada\\u001b[31m"}}'
    ),
    "half a character": '{"licences_allowed": "\\ud800"}',
    "half a character in an enum": '{"task_type": "\\udfff"}',
    "half a character in a name": '{"\\ud800": true}',
    "half a character in evidence": (
        '{"must_cite_sources": {"value": true, "evidence": "person:\\ud800"}}'
    ),
    "a long enum": f'{{"task_type": "{"x" * 70_000}"}}',
    "a long name": f'{{"{"x" * 70_000}": true}}',
    "sid": '{"sid": "s"}',
    "id": '{"id": 1}',
    "$s": '{"$s": 1}',
    "colliding": '{"costarring": true, "liquid": true}',
    "NUL": "training_examples = \0",
    "deep JSON": '{"x": ' + "[" * DEEP,
    "deep TOML": "x = " + "[" * DEEP,
    "a list of comparisons that is none": '{"facts": {}, "comparisons": 1e400}',
    "a list": "[1, 2]",
    "nothing but a brace": "{",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_a_hostile_fact_file_gets_one_short_message(
    tunewise: Tunewise, text: str
) -> None:
    message = mended(tunewise("advise", "-", stdin=text))

    message.encode("utf-8")
    assert message.startswith("standard input: ")
    assert message.count("\n") == 2
    assert len(message) < 1000


@pytest.mark.parametrize(
    "text",
    [
        '{"licences_allowed": "' + "x" * 70_000 + '"}',
        '{"training_examples": 1' + "0" * 300 + "}",
        '{"error_cost": 1e-05, "tokens_in": 1e16}',
        '{"licences_allowed": "\\ud83d\\ude00 \\u2028 \\"q\\" \\\\ \\n"}',
    ],
    ids=["long text", "300 zeros", "parse errors of durable-rules", "odd characters"],
)
@pytest.mark.parametrize("flags", [(), ("--json",)], ids=["text", "JSON"])
def test_odd_facts_that_are_right_get_a_verdict(
    tunewise: Tunewise, text: str, flags: tuple[str, ...]
) -> None:
    said = tunewise("advise", "-", *flags, stdin=text)

    assert (said.status, said.err) == (0, "")
    said.out.encode("utf-8")


@pytest.mark.parametrize(
    "line",
    [
        '{"id": "a", "facts": {"training_examples": 1e400}, "acceptable": ["rag"]}',
        '{"id": "a", "facts": {"target_score": NaN}, "acceptable": ["rag"]}',
        '{"id": "a", "facts": {"training_examples": 9%s}, "acceptable": ["rag"]}'
        % ("9" * 400),
        '{"id": "a", "facts": {"training_examples": 9%s}, "acceptable": ["rag"]}'
        % ("9" * 5000),
        '{"id": "\\ud800", "facts": {}, "acceptable": ["rag"]}',
        '{"id": "a", "facts": {"\\ud800": 1}, "acceptable": ["rag"]}',
        '{"id": "a", "facts": {}, "acceptable": [["rag"]]}',
        '{"id": "a", "facts": {}, "acceptable": ["rag"], "outcome": ["rag"]}',
        '{"id": "a", "facts": ' + "[" * DEEP,
    ],
    ids=lambda line: line[:60],
)
def test_a_hostile_published_case_is_named(
    tunewise: Tunewise, tmp_path: Path, line: str
) -> None:
    cases = tmp_path / "cases.jsonl"
    right = {"id": "b", "facts": {}, "acceptable": ["rag"]}
    cases.write_text(f"{json.dumps(right)}\n{line}\n", encoding="utf-8")

    message = mended(tunewise("rules", "score", cases))

    assert message.startswith(str(cases))
    assert message.count("\n") == 2
    assert len(message) < 1000

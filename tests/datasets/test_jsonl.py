import json

import pytest

from tunewise.datasets.findings import FindingLog
from tunewise.datasets.jsonl import parse_entries, parse_records
from tunewise.domain.errors import DatasetError


def entries(data):
    log = FindingLog("f.jsonl")
    return parse_entries(data, log), log.findings()


def test_bom_crlf_and_empty_lines_are_accepted_and_lines_counted() -> None:
    found, findings = entries(b'\xef\xbb\xbf{"a": 1}\r\n\r\n{"a": 2}\r\n')

    assert [(r.line, r.value) for r in found] == [(1, {"a": 1}), (3, {"a": 2})]
    assert findings == ()


def test_only_a_line_feed_ends_a_line() -> None:
    found, findings = entries('{"a": "one\u2028two\x85three"}\n')

    assert found[0].value == {"a": "one\u2028two\x85three"}
    assert findings == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b" \n\n", "empty_file"),
        (b'{"a": }', "not_json"),
        (b'{"a": "\xff"}', "not_utf8"),
        (b'{"a": "\\ud83d"}', "not_utf8"),
        ('{"a": 1}'.encode("utf-16"), "not_utf8"),
        (b"[" * 100_000, "not_json"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "not_json"),
        (b'[{"messages": []}]', "not_jsonl"),
        (b'{\n "a": 1\n}', "not_jsonl"),
    ],
)
def test_what_cannot_be_read_blocks(data: bytes, code: str) -> None:
    found, findings = entries(data)

    assert found == ()
    assert [(f.code, f.severity) for f in findings] == [(code, "block")]


def test_a_bad_line_does_not_hide_the_others() -> None:
    found, findings = entries(b'{"a": 1}\nnope\n{"a": 2}\n{"a": "\xff"}\n')

    assert [r.line for r in found] == [1, 3]
    assert {f.code: f.lines for f in findings} == {"not_json": (2,), "not_utf8": (4,)}


def test_an_alpaca_array_is_told_what_to_do() -> None:
    data = json.dumps([{"instruction": "hi", "input": "", "output": "Hello"}])

    _, findings = entries(data)

    assert "Alpaca" in findings[0].message
    assert '"messages"' in findings[0].message


def test_surrogate_pairs_are_whole_characters() -> None:
    found, findings = entries(rb'{"a": "\ud83d\ude00"}')

    assert found[0].value == {"a": "😀"}
    assert findings == ()


def test_records_must_be_objects() -> None:
    with pytest.raises(DatasetError, match=r"v\.jsonl:2: the line is no JSON obj"):
        parse_records(b'{"a": 1}\n2\n', file="v.jsonl")

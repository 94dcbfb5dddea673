import json
import tracemalloc

import pytest

from tunewise.datasets.findings import FindingLog
from tunewise.datasets.jsonl import LONGEST_LINE, parse_entries, parse_records
from tunewise.domain.errors import DatasetError


def entries(data):
    log = FindingLog("f.jsonl")
    return tuple(parse_entries(data, log)), log.findings()


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
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'{"a": {"b": 1, "b": 1}}', "duplicate_key"),
        (b'{"a": "\x00"}', "nul_byte"),
        (b'{"a": "\\u0000"}', "nul_byte"),
        ('{"a": 1}'.encode("utf-16-le"), "nul_byte"),
        (b"\x00" * 100, "nul_byte"),
        (b'{"a": NaN}', "not_json"),
        (b'{"a": ' * 101 + b"1" + b"}" * 101, "not_json"),
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


def test_each_cause_is_told_with_its_lines_and_in_our_words() -> None:
    deep = b'{"a": ' * 101 + b"1" + b"}" * 101
    lines = [b"nope", b'{"a": NaN}', deep, b"9" * 5_000, b"[" * 5_000, b' {"a": x}']

    _, findings = entries(b"\n".join([b'{"a": 1}', *lines]))

    told = {f.lines: f.message for f in findings}
    assert {
        lines: m.partition("(")[2].partition(")")[0] for lines, m in told.items()
    } == {
        (2, 7): "a value is missing or is none of JSON's, column 1",
        (3,): "NaN is no JSON number",
        (4, 6): "objects and lists stand more than 100 deep in each other",
        (5,): "a number has more than 4,000 digits",
    }
    assert "that is line 2; the others are like it" in told[2, 7]


@pytest.mark.parametrize(
    "line", ["{1: 2}", '{"a" 1}', '{"a": 1 2}', "{} x", '{"a": "b', '{"a": "\\q"}']
)
def test_no_words_of_python_are_told(line: str) -> None:
    with pytest.raises(json.JSONDecodeError) as theirs:
        json.loads(line)

    _, findings = entries(f"{{}}\n{line}")

    assert theirs.value.msg.split()[0] not in findings[0].message
    assert "breaks the rules" not in findings[0].message


def test_of_many_causes_twenty_are_told_apart() -> None:
    log = FindingLog("f.jsonl")

    for line in range(1, 31):
        log.warn(
            "unknown_key", line, f"the key 'k{line}' is not known", "Leave it out."
        )

    findings = log.findings()
    assert [f.lines for f in findings[:20]] == [(n,) for n in range(1, 21)]
    assert findings[20].lines == tuple(range(21, 31))
    assert "line 21; the others have other causes" in findings[20].message


def test_an_array_too_long_to_be_read_is_told_by_its_beginning() -> None:
    found, findings = entries(b"[\n" + b'{"a": 1},\n' * 2_000_000 + b"{}]")

    assert found == ()
    assert [f.code for f in findings] == ["not_jsonl"]


def test_the_text_of_an_escape_is_no_nul() -> None:
    found, findings = entries(rb'{"a": "\\u0000"}')

    assert (found[0].value, findings) == ({"a": r"\u0000"}, ())


def test_a_line_that_is_too_long_hides_no_other() -> None:
    long = b'{"a": "' + b"x" * (2 * LONGEST_LINE) + b'"}\n'

    found, findings = entries(b'{"a": 1}\n' + long + b'{"a": 3}\n' + long)

    assert [r.line for r in found] == [1, 3]
    assert [(f.code, f.lines) for f in findings] == [("line_too_long", (2, 4))]


def test_a_line_of_the_longest_length_is_taken() -> None:
    line = b'{"a": "' + b"x" * (LONGEST_LINE - 9) + b'"}'
    assert len(line) == LONGEST_LINE

    for data in (line, line + b"\n", b"{}\n" + line + b"\n{}"):
        found, findings = entries(data)

        assert findings == ()
        assert len(found) == max(1, data.count(b"{}") + 1)


def test_a_single_line_of_200_megabytes_is_refused_in_bounded_memory(tmp_path) -> None:
    path = tmp_path / "one.jsonl"
    with path.open("wb") as file:
        file.write(b'{"messages": [{"role": "user", "content": "')
        for _ in range(200):
            file.write(b"x" * 1_000_000)
    log = FindingLog("one.jsonl")

    tracemalloc.start()
    with path.open("rb") as file:
        found = tuple(parse_entries(file, log))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == ()
    assert [f.code for f in log.findings()] == ["line_too_long"]
    assert peak < 6 * LONGEST_LINE


def test_objects_inside_each_other_are_taken_to_a_hundred() -> None:
    found, findings = entries(b'{"a": ' * 100 + b"1" + b"}" * 100)

    assert (len(found), findings) == (1, ())


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

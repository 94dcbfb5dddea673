import json

import pytest

from tunewise.datasets.chat import parse
from tunewise.domain.dataset import Message, Severity

GOOD = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]


def parsed(*records):
    return parse("\n".join(json.dumps(r) for r in records), file="t.jsonl")


def messages(*pairs):
    return {"messages": [{"role": r, "content": c} for r, c in pairs]}


def test_a_line_becomes_an_example_with_its_metadata_and_line() -> None:
    metadata = {
        "id": 7,
        "group": "acme",
        "timestamp": "2026-03-31",
        "gold_doc_ids": ["d1"],
        "answers": ["Hello", "Hi"],
        "unanswerable": True,
    }

    found = parsed({"messages": GOOD}, {"messages": GOOD, "metadata": metadata})

    example = found.examples[1]
    assert found.findings == ()
    assert example.messages == (Message("user", "Hi"), Message("assistant", "Hello"))
    assert (example.id, example.group, example.line) == ("7", "acme", 2)
    assert example.gold_doc_ids == ("d1",)
    assert example.answers == ("Hello", "Hi")
    assert example.unanswerable
    assert not found.examples[0].unanswerable


BLOCKING = [
    ([1], "data_type"),
    ({"messages": [1]}, "data_type"),
    ({}, "missing_messages_list"),
    ({"messages": "Hi"}, "missing_messages_list"),
    ({"messages": []}, "missing_messages_list"),
    ({"messages": [{"role": "user"}]}, "message_missing_key"),
    (messages(("bot", "Hi")), "unrecognized_role"),
    (messages((["user"], "Hi")), "unrecognized_role"),
    (messages(("user", None), ("assistant", "x")), "missing_content"),
    (messages(("user", "Hi")), "example_missing_assistant_message"),
    (messages(("assistant", "x"), ("user", "Hi")), "last_message_not_assistant"),
    (messages(("user", "Hi"), ("assistant", " ")), "empty_reference"),
    ({"messages": GOOD, "metadata": []}, "data_type"),
    ({"messages": GOOD, "metadata": {"id": [1]}}, "data_type"),
    ({"messages": GOOD, "metadata": {"answers": "x"}}, "data_type"),
    ({"messages": GOOD, "metadata": {"unanswerable": "yes"}}, "data_type"),
    ({"messages": GOOD, "metadata": {"unanswerable": 1}}, "data_type"),
]


@pytest.mark.parametrize(("record", "code"), BLOCKING)
def test_a_fault_that_blocks_yields_no_example(record: object, code: str) -> None:
    found = parsed(record)

    assert found.examples == ()
    assert [(f.code, f.severity, f.lines) for f in found.findings] == [
        (code, Severity.BLOCK, (1,))
    ]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"messages": GOOD, "source": "web"}, "unknown_key"),
        ({"messages": GOOD, "metadata": {"why": "x"}}, "unknown_metadata_key"),
        ({"messages": GOOD, "metadata": {"timestamp": "soon"}}, "bad_timestamp"),
        ({"messages": [{**GOOD[0], "weight": 0}, GOOD[1]]}, "message_unrecognized_key"),
        (messages(("user", ""), ("assistant", "x")), "missing_content"),
        (
            messages(("user", "a"), ("system", "b"), ("assistant", "c")),
            "role_order",
        ),
    ],
)
def test_a_fault_that_the_example_survives_is_told(record: object, code: str) -> None:
    found = parsed(record)

    assert len(found.examples) == 1
    assert [f.code for f in found.findings] == [code]
    assert found.findings[0].severity is not Severity.BLOCK


def test_one_fault_on_many_lines_is_one_finding() -> None:
    found = parsed(*[{"messages": GOOD, "source": "web"}] * 90)

    assert len(found.findings) == 1
    assert found.findings[0].lines == tuple(range(1, 91))
    assert found.findings[0].message.startswith("lines 1, 2, 3, 4, 5 and 85 more: ")


def test_an_id_may_repeat_only_with_its_content() -> None:
    one = {"messages": GOOD, "metadata": {"id": "a"}}
    other = {**messages(("user", "Hi"), ("assistant", "Bye")), "metadata": {"id": "a"}}

    found = parsed(one, one, other).findings

    assert [(f.code, f.severity, f.lines) for f in found] == [
        ("duplicate_id", Severity.BLOCK, (3,)),
        ("duplicate_id", Severity.WARN, (2,)),
    ]


@pytest.mark.parametrize(
    ("record", "hint"),
    [
        ({"conversations": []}, "ShareGPT"),
        ({"prompt": "Hi", "completion": "Hello"}, "Make prompt the user's message"),
        ({"id": "d", "text": "…"}, "--documents"),
    ],
)
def test_records_of_other_tools_are_told_what_to_do(record: object, hint: str) -> None:
    assert hint in parsed(record).findings[0].message


def test_content_in_parts_is_named() -> None:
    parts = [{"type": "text", "value": "hi"}]

    found = parsed({"messages": [{"role": "user", "content": parts}, GOOD[1]]})

    assert "is a list, not text" in found.findings[0].message


def test_every_wrong_type_of_one_line_is_named() -> None:
    wrong = {"id": ["a"], "group": {}, "answers": 3}

    found = parsed({"messages": GOOD}, {"messages": GOOD, "metadata": wrong})

    assert [(f.lines, f.message.partition(". ")[0]) for f in found.findings] == [
        ((2,), "line 2: metadata.id is a list"),
        ((2,), "line 2: metadata.group is an object"),
        ((2,), "line 2: metadata.answers is a number"),
    ]


def test_null_and_a_number_are_two_causes() -> None:
    told = [
        messages(("user", content), ("assistant", "a")) for content in (None, 7, None)
    ]

    assert {f.lines: f.message for f in parsed(*told).findings} == {
        (1, 3): "lines 1, 3: the content of a message is null, not text. "
        "Write the text as one string.",
        (2,): "line 2: the content of a message is a number, not text. "
        "Write the text as one string.",
    }

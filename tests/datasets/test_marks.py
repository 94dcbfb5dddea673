import json

import pytest

from tunewise.datasets.marks import mark_in
from tunewise.domain.dataset import Message


@pytest.mark.parametrize(
    "text",
    [
        "Hello, I am {{name}}.",
        "Dear [Your Name], thank you.",
        "Dear [NAME], your order [ORDER_ID] is on its way.",
        "Dear [CUSTOMER NAME],",
        "Best regards,\n[NAME]",
        "Your parcel <customer_name> left.",
        "Dear <name>,",
        "Dear <CUSTOMER_NAME>,",
        "Hello {name}, welcome.",
        "Hello ${NAME}, welcome.",
        "Hello %NAME%, welcome.",
        "<p>Dear {name},</p>",
        "Return the label of this ticket: {ticket}",
        "TODO: fill in the answer",
        "Ticket [ID] of [ID_2]",
        "The date is TBD.",
        "Lorem ipsum dolor sit amet",
        '{"name": "[CUSTOMER NAME]", "id": [1]}',
        '{"lines": [{"text": "Hello {name}"}]}',
    ],
)
def test_a_mark_that_nobody_filled_is_found(text: str) -> None:
    assert mark_in(Message("assistant", text))


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": 1}}',
        '{"name": {"first": ["NAME"]}, "ids": [1, 2]}',
        '{"{name}": 1}',  # a key, which no text of the answer is
        "[1, 2]",
        '["CARD", "REFUND"]',
        "See [1], [12] and [RFC 2119] for this.",
        "Read [THE GUIDE](https://example.com) or [THE GUIDE][guide].",
        "![LOGO](logo.png)",
        "<b>bold</b> and <br> and <order_id>12</order_id>",
        "<input disabled> and <p> and vector<int> and <iostream>",
        "[QUOTE]what was said[/QUOTE]",
        "[INFO] started\n[ERROR] failed",
        "[CONTEXT]\nThe text.\n[QUESTION]\nWhat?",
        "Use `{name}` or `<branch name>` or ```\nHello {name}\n```",
        'print(f"Hello {name}")',
        "for (const {name} of rows) {\n  show({name});\n}",
        "let x = {name}",
        r"\frac{ab}{cd} and x^{nn} and \text{where}",
        "GET https://example.com/orders/{order_id}/lines?id={line_id}",
        "cd ${HOME}/bin and %APPDATA%\\Tunewise",
        "The set {1, 2} and [A-Z] and [a-z0-9] and a < b > c",
        "It is 5 % of 10 % or 100%.",
        "SELECT name FROM t WHERE id IN {ids}",
        "[CHORUS] la la [OK] [API]",
        "The TODO list is long.",
    ],
)
def test_what_only_looks_like_a_mark_is_left_alone(text: str) -> None:
    assert mark_in(Message("assistant", text)) == ""


def test_a_prompt_may_fence_its_mark() -> None:
    fenced = "Classify:\n```\n{{ticket}}\n```"

    assert mark_in(Message("user", fenced)) == "{{ticket}}"
    assert mark_in(Message("assistant", fenced)) == ""


def test_text_that_only_begins_like_json_is_read_as_text() -> None:
    assert mark_in(Message("assistant", "{name}, hello")) == "{name}"
    assert mark_in(Message("assistant", json.dumps("{name}"))) == "{name}"

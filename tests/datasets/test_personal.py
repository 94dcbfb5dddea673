import pytest

from tunewise.datasets.personal import check_personal
from tunewise.domain.dataset import Dataset, Document


def codes(dataset, text: str):
    return [f.code for f in check_personal(dataset(train=[(text, "a")]), {})]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("write to jane.doe@firm.de please", "personal_email"),
        ("call +49 30 901820 today", "personal_phone"),
        ("call (415) 555-0132", "personal_phone"),
        ("pay to GB82 WEST 1234 5698 7654 32", "personal_iban"),
        ("pay to DE89370400440532013000.", "personal_iban"),
        ("card 4111 1111 1111 1111 was declined", "personal_card"),
        ("logged in from 8.8.8.8 at noon", "personal_ip"),
        ("key AKIAIOSFODNN7EXAMPLE leaked", "secret"),
    ],
)
def test_personal_data_is_found(dataset, text: str, code: str) -> None:
    assert codes(dataset, text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "write to someone@example.com",
        "CVE-2022-41080 was added on 2022-03-03",
        "order 4111 1111 1111 1112",  # Luhn fails
        "GB83 WEST 1234 5698 7654 32",  # mod 97 fails
        "before version 12.1.0.22 of the firmware",
        "the router at 192.168.1.1",
        "999.1.2.3 is no address",
        "it cost 1,234,567.89 in 2024",
        "the timestamp 1700000000000 of the log",
    ],
)
def test_what_only_looks_like_it_is_left_alone(dataset, text: str) -> None:
    assert codes(dataset, text) == []


def test_the_message_does_not_repeat_the_value(dataset) -> None:
    data = dataset(train=[("jane.doe@firm.de", "a")])

    message = next(iter(check_personal(data, {}))).message

    assert "jan…" in message
    assert "firm" not in message


def test_documents_are_looked_at_too() -> None:
    data = Dataset({}, (Document("d", "", "mail me: x.y@firm.de"),))

    assert [f.file for f in check_personal(data, {"documents": "d.jsonl"})] == [
        "d.jsonl"
    ]

import json
from pathlib import Path

import pytest

from tunewise.datasets.later import read_later
from tunewise.domain.errors import DatasetError

ASKED = {"role": "user", "content": "Where is my card?"}
ANSWERED = {"role": "assistant", "content": "card"}


def write(path: Path, *lines: object) -> Path:
    path.write_text(
        "\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines)
    )
    return path


def test_lines_with_and_without_an_answer_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "later.jsonl",
        {"messages": [ASKED, ANSWERED]},
        {"messages": [ASKED], "metadata": {"id": "t-2"}},
        {"prompt": "And my refund?"},
        {"messages": [ASKED, {"role": "assistant", "content": ""}]},
    )

    later = read_later(path)

    assert [e.reference for e in later.examples] == ["card", "", "", ""]
    assert later.examples[1].id == "t-2"
    assert later.examples[2].question == "And my refund?"
    assert [e.line for e in later.answered] == [1]
    assert later.unread == ()


def test_lines_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    path = write(
        tmp_path / "later.jsonl",
        {"messages": [ASKED]},
        "{broken",
        {"text": "no prompt"},
        {"messages": [{"role": "system", "content": "Be kind."}]},
    )

    later = read_later(path)

    assert (len(later.examples), later.unread) == (1, (2, 3, 4))
    assert {f.code for f in later.faults} == {
        "not_json",
        "missing_messages_list",
        "example_missing_assistant_message",
    }


def test_a_file_without_any_example_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no example that can be read"):
        read_later(write(tmp_path / "later.jsonl", "{broken"))

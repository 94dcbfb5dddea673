"""Answers from elsewhere are read as people and spreadsheets write them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tunewise.domain.errors import DatasetError
from tunewise.workflow.answers.files import read


def written(folder: Path, content: str | bytes, name: str = "answers") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_csv_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    content = '\ufeffID;Answer;Note\r\n17;"two\nlines; ""quoted""";x\r\n\r\nt-2;;y\r\n'

    file = read(written(tmp_path, content))

    assert [(a.id, a.text, a.place) for a in file.answers] == [
        ("17", 'two\nlines; "quoted"', 2),
        ("t-2", "", 5),
    ]
    assert (file.tool, file.unread) == ("csv", ("note",))


def test_json_lines_say_more_of_an_answer(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 17, "answer": "a", "latency": 0.5, "tokens": 3, "passages": ["d1", 2]},
        {"id": "x", "answer": {"b": 1}, "latency_ms": 250, "prompt_tokens": 12.0},
        {"id": 18.0, "answer": None},
    ]
    content = "\ufeff" + "\n\n".join(json.dumps(row) for row in rows)

    first, second, third = read(written(tmp_path, content)).answers

    assert (first.id, first.seconds, first.answer_tokens) == ("17", 0.5, 3)
    assert first.passages == ("d1", "2")
    assert (second.text, second.seconds, second.prompt_tokens) == ('{"b": 1}', 0.25, 12)
    assert (third.id, third.text, third.place) == ("18", "", 5)


def test_a_json_array_is_read_by_entries(tmp_path: Path) -> None:
    path = written(tmp_path, '[{"id": "a", "answer": "x"}, {"id": true, "answer": ""}]')

    with pytest.raises(
        DatasetError, match="answers: entry 2: the id 'True' is no text"
    ):
        read(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("id,text\n1,a\n", ":1: the column 'answer' is missing"),
        ("id,answer,id\n1,a,2\n", ":1: the column 'id' stands twice"),
        ("id,answer\n1,a,b\n", ":2: 3 cells, the head has 2"),
        ("id,answer\n", "the file holds no answer"),
        ("id,answer\n,a\n", ":2: the id '' is no text"),
        ("id,answer,latency\n1,a,soon\n", ":2: latency_seconds: 'soon' is no number"),
        ("id,answer,latency\n1,a,-1\n", ":2: latency_seconds: '-1' is no number"),
        ("id,answer,tokens\n1,a,1.5\n", ":2: answer_tokens: 1.5 is no whole number"),
        ('id,answer\n1,"a\n', ":2: this is no CSV"),
        (b"id,answer\n1,\xff\n", ":2: byte 13 of the file is not UTF-8"),
        ("id,answer\n1,\0\n", ":2: the file holds NUL"),
        ('{"id": 1, "answer": "a"}\nno\n', ":2: this is not JSON"),
        ('{"id": 1, "answer": "a"}\n[1]\n', ":2: the line is no JSON object"),
        ('{"id": 1}\n', ":1: 'answer' is missing"),
        ('{"id": 1, "answer": "\\ud800"}\n', ":1: .*half a character"),
        ('{"id": 1, "id": 2, "answer": ""}\n{}\n', ":1: the key 'id' stands twice"),
        ('{"results": {"version": 3}}', "results.results is missing"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(DatasetError, match=f"^answers.*{message}"):
        read(written(tmp_path, content))


def test_a_file_that_is_not_there_says_what_is_read(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such file\n  Name a CSV"):
        read(tmp_path / "none.csv")


def test_a_prompt_is_picked_out_of_promptfoo_files_only(tmp_path: Path) -> None:
    path = written(tmp_path, "id,answer\n1,a\n")

    with pytest.raises(DatasetError, match=r"--prompt 'short'.*\n  Leave it out"):
        read(path, prompts=["short"])

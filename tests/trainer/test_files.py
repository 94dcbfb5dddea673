import json
import time
from pathlib import Path

import pytest

from trainer.files import (
    Progress,
    read_documents,
    read_examples,
    write_json,
    write_jsonl,
)
from tunewise.datasets import canonical
from tunewise.domain.dataset import Document, Example, Message

EVERYTHING = Example(
    messages=(
        Message("system", "Be short."),
        Message("user", "Ça va 🙂?"),
        Message("assistant", "Oui."),
    ),
    id="e1",
    group="g",
    timestamp="2026-11-22T12:00:00Z",
    gold_doc_ids=("d1", "d2"),
    answers=("Oui", "Si"),
    unanswerable=True,
)
PLAIN = Example((Message("user", "?"), Message("assistant", "!")))


def entries(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_examples_are_read_as_the_workflow_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(canonical.to_jsonl([EVERYTHING, PLAIN]))

    assert read_examples(path) == (EVERYTHING, PLAIN)


def test_documents_are_read_as_the_workflow_writes_them(tmp_path: Path) -> None:
    documents = (Document("a", "Title", "Text."), Document("b", "", "Other."))
    path = tmp_path / "documents.jsonl"
    path.write_bytes(canonical.documents_to_jsonl(documents))

    assert read_documents(path) == documents


# what str.splitlines takes for the end of a line, and JSON leaves as it is
@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"], ids=ascii)
def test_a_separator_inside_a_text_does_not_end_a_line(
    tmp_path: Path, separator
) -> None:
    text = f"one{separator}two"
    example = Example((Message("user", text), Message("assistant", text)))
    document = Document("a", text, text)
    examples_file, documents_file = tmp_path / "e.jsonl", tmp_path / "d.jsonl"
    examples_file.write_bytes(canonical.to_jsonl([example]))
    documents_file.write_bytes(canonical.documents_to_jsonl([document]))

    assert read_examples(examples_file) == (example,)
    assert read_documents(documents_file) == (document,)


def test_empty_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"\n" + canonical.to_jsonl([PLAIN]) + b"\n  \n")

    assert read_examples(path) == (PLAIN,)


def test_json_is_written_whole_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text("old")

    write_json(path, {"status": "finished", "text": "é"})

    assert json.loads(path.read_text(encoding="utf-8")) == {
        "status": "finished",
        "text": "é",
    }
    assert list(tmp_path.iterdir()) == [path]


def test_lines_are_written_in_order(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"

    write_jsonl(path, ({"n": n, "answer": "a\nb"} for n in range(3)))

    assert entries(path) == [{"n": n, "answer": "a\nb"} for n in range(3)]


@pytest.mark.parametrize("before", [None, '{"status": "old"}'])
def test_what_cannot_be_written_whole_is_not_written_at_all(
    tmp_path: Path, before
) -> None:
    path = tmp_path / "result.json"
    if before:
        path.write_text(before)

    with pytest.raises(TypeError):
        write_json(path, {"status": "finished", "text": object()})
    with pytest.raises(TypeError):
        write_jsonl(path, [{"n": 1}, {"n": object()}])

    assert (path.read_text() if path.exists() else None) == before
    assert list(tmp_path.iterdir()) == ([path] if before else [])


def test_a_write_that_was_killed_harms_no_later_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "result.json"
    (tmp_path / "result.json.tmp").write_text('{"half')

    write_json(path, {"status": "finished"})

    assert json.loads(path.read_text()) == {"status": "finished"}
    assert list(tmp_path.iterdir()) == [path]


def test_progress_is_one_json_object_a_line_with_its_time(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    began = time.time()
    progress = Progress(path)

    progress.stage("load", "the model\nand more")
    progress.step("train", 1, 10, metrics={"loss": 0.5})

    stage, step = entries(path)
    assert began <= stage.pop("at") <= step.pop("at") <= time.time()
    assert stage == {"stage": "load", "message": "the model\nand more"}
    assert step == {"stage": "train", "done": 1, "total": 10, "loss": 0.5}


def test_progress_is_appended_to_what_an_earlier_attempt_said(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"

    Progress(path).stage("load")
    Progress(path).stage("train")

    assert [e["stage"] for e in entries(path)] == ["load", "train"]


def test_many_steps_make_few_lines_and_the_last_is_always_there(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    progress = Progress(path)
    began = time.monotonic()

    for n in range(1, 1001):
        progress.step("train", n, 1000)

    told = [e["done"] for e in entries(path)]
    assert told[0] == 1
    assert told[-1] == 1000
    assert len(told) <= 3 + (time.monotonic() - began) * 5  # five a second


def test_a_step_with_metrics_is_never_left_out(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    progress = Progress(path)

    for n in range(1, 6):
        progress.step("train", n, 100, metrics={"loss": 1.0})

    assert len(entries(path)) == 5

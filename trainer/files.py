"""The files of a run: data in, progress and results out.

run.json, *.jsonl  ->  progress.jsonl (appended), checkpoints/,
                       answers.jsonl, result.json (by atomic rename)
"""

import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tunewise.domain.dataset import Document, Example, Message


def read_examples(path: Path) -> tuple[Example, ...]:
    """Read canonical chat JSONL, as the workflow wrote it after its checks."""
    return tuple(_example(json.loads(line)) for line in _lines(path))


def read_documents(path: Path) -> tuple[Document, ...]:
    """Read documents, one ``{"id", "title", "text"}`` a line."""
    return tuple(
        Document(id=str(d["id"]), title=str(d.get("title", "")), text=str(d["text"]))
        for d in map(json.loads, _lines(path))
    )


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Read one JSON object a line, as :func:`write_jsonl` wrote them."""
    return [json.loads(line) for line in _lines(path)]


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Write JSON whole or not at all."""
    _replace(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def write_jsonl(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write one JSON object a line, whole or not at all."""
    _replace(path, "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows))


class Progress:
    """Appends what the run is doing to ``progress.jsonl``, one object a line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = 0.0

    def stage(self, stage: str, message: str = "") -> None:
        """Say that a stage begins."""
        self._write({"stage": stage, "message": message})

    def step(
        self, stage: str, done: int, total: int, *, metrics: Mapping[str, float] = {}
    ) -> None:
        """Say how far a stage is; at most five lines a second, the last always."""
        now = time.monotonic()
        if done < total and now - self._last < 0.2 and not metrics:
            return
        self._last = now
        self._write({"stage": stage, "done": done, "total": total, **metrics})

    def _write(self, entry: dict[str, object]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"at": time.time(), **entry}) + "\n")


def _lines(path: Path) -> list[str]:
    # not splitlines: a text may hold other separators (U+2028)
    return [x for x in path.read_text(encoding="utf-8").split("\n") if x.strip()]


def _example(raw: Mapping[str, object]) -> Example:
    messages = raw["messages"]
    meta = raw.get("metadata") or {}
    assert isinstance(messages, list)
    assert isinstance(meta, dict)
    return Example(
        messages=tuple(Message(m["role"], m["content"]) for m in messages),
        id=str(meta.get("id", "")),
        group=str(meta.get("group", "")),
        timestamp=str(meta.get("timestamp", "")),
        gold_doc_ids=tuple(meta.get("gold_doc_ids", ())),
        answers=tuple(meta.get("answers", ())),
        unanswerable=meta.get("unanswerable") is True,
    )


def _replace(path: Path, text: str) -> None:
    temporary = path.with_suffix(path.suffix + ".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)

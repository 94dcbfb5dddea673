"""Answers that were produced elsewhere, for the toy data's held-out examples."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunewise.workflow.answers.importing import import_answers
from tunewise.workflow.home import Home

# what write_toy holds out: the examples 12 to 17, cards and refunds in turn
REFERENCES = {
    f"{label}-{n}": label
    for n in range(12, 18)
    for label in [("card", "refund")[n % 2]]
}
RIGHT = dict(REFERENCES)
WRONG = {id: "refund" if label == "card" else "card" for id, label in RIGHT.items()}


def answer_file(
    folder: Path, answers: Mapping[str, str], name: str = "answers.jsonl", **more: Any
) -> Path:
    """Write answers as JSON Lines, each record with the same further keys."""
    rows = [{"id": id, "answer": answer, **more} for id, answer in answers.items()]
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def import_arm(
    home: Home,
    spec: Path,
    arm: str,
    answers: Mapping[str, str],
    *,
    name: str = "",
    **more: Any,
) -> dict[str, Any]:
    """Import answers as an arm, and return the report."""
    path = answer_file(spec.parent, answers, name or f"{arm}.jsonl")
    return import_answers(home, spec, arm, path, tell=lambda _: None, **more)

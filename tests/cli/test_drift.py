import json
from pathlib import Path

import pytest

from .conftest import Tunewise, mended

FACTS = {"task_type": "classification", "training_examples": 400}


def rows(words: str, n: int, *, answered: bool = True) -> str:
    lines = []
    for i in range(n):
        label = ("card", "refund")[i % 2]
        messages = [
            {"role": "user", "content": f"{words} {label} {i * 7919 % 1000:03}"}
        ]
        if answered:
            messages.append({"role": "assistant", "content": label})
        lines.append(json.dumps({"messages": messages, "metadata": {"id": f"x{i}"}}))
    return "\n".join(lines) + "\n"


@pytest.fixture
def model(tunewise: Tunewise, tmp_path: Path) -> str:
    """A version made elsewhere, on data of this home, after an accepted decision."""
    (tmp_path / "train.jsonl").write_text(rows("please help with", 100))
    (tmp_path / "facts.json").write_text(json.dumps(FACTS))
    tunewise(
        *("dataset", "register", "mail", "--train", tmp_path / "train.jsonl"),
        *("--accept-because", "a test"),
    )
    propose = ("decision", "propose", tmp_path / "facts.json", "--title", "Mail")
    id = tunewise(*propose, "--json").json["id"]
    tunewise("decision", "accept", id)
    said = {
        "option": "finetune",
        "base_model": {"id": "mistral-7b"},
        "dataset": "mail@1",
        "decision": id,
    }
    (tmp_path / "model.json").write_text(json.dumps(said))
    tunewise("model", "register", "mail", "--from", tmp_path / "model.json")
    return "mail@1"


def test_a_drift_check_says_what_drifted_and_what_the_verdict_becomes(
    tunewise: Tunewise, model: str, tmp_path: Path
) -> None:
    later = tmp_path / "later.jsonl"
    later.write_text(rows("instalment of my mortgage", 80) + "{broken\n")

    said = tunewise("drift", "check", model, later)

    assert said.status == 3
    assert said.out.startswith("drifted\n")
    assert "80 later examples (80 with an answer) against " in said.out
    assert "1 line could not be read: line 81" in said.out
    assert "mortgage" in said.out
    assert "examples_represent_production: unknown → False (prompt_words)" in said.out
    assert "Verdict of " in said.out
    assert "not looked at: score" in said.out
    assert "drift check 1" in tunewise("model", "show", model).out
    assert "has drifted" in tunewise("decision", "check").out


def test_prompts_without_answers_are_taken(
    tunewise: Tunewise, model: str, tmp_path: Path
) -> None:
    later = tmp_path / "later.jsonl"
    later.write_text(rows("please help with", 60, answered=False))

    said = tunewise("drift", "check", model, later, "--json")

    assert (said.status, said.json["drifted"]) == (0, False)
    assert said.json["data"]["answered"] == 0
    assert set(said.json) >= {"drifted", "findings", "before", "after", "because"}


def test_the_words_of_a_check_are_taken_away(
    tunewise: Tunewise, model: str, tmp_path: Path
) -> None:
    later = tmp_path / "later.jsonl"
    later.write_text(rows("instalment of my mortgage", 80))
    tunewise("drift", "check", model, later)

    gone = tunewise("drift", "forget", model, "1", "--because", "names")
    again = tunewise("drift", "forget", model, "1", "--because", "names")

    assert "words and labels of drift check 1 are gone" in gone.out
    assert "no words or labels on record" in mended(again)
    assert tunewise("verify").status == 0

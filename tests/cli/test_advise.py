import json
from pathlib import Path

import pytest

from .conftest import Tunewise, mended

# DESIGN section 5
VERDICT = {
    "recommended",
    "runner_up",
    "margin",
    "lead",
    "ruled_out",
    "totals",
    "findings",
    "not_matched",
    "unknown",
    "assumed",
    "next_question",
    "flips",
    "base_models",
    "training",
    "warnings",
    "rule_set",
    "engine",
}
FINDING = {
    "criterion",
    "option",
    "weight",
    "veto",
    "facts",
    "because",
    "source",
    "origin",
}


def test_advice_is_one_json_document(tunewise: Tunewise, facts: Path) -> None:
    said = tunewise("advise", facts, "--json")

    assert (said.status, said.err) == (0, "")
    view = said.json
    assert set(view) >= VERDICT
    assert all(set(f) >= FINDING for f in view["findings"])
    assert view["ruled_out"]["finetune"] == ["must-cite-sources"]
    assert {"criterion", "failed"} <= set(view["not_matched"][0])
    assert set(view["next_question"]) >= {"fact", "why"}
    assert all(set(f) == {"change", "recommended"} for f in view["flips"])
    assert set(view["base_models"][0]) == {"id", "because", "ruled_out_by"}
    assert view["rule_set"].startswith("sha256:")


def test_advice_for_people_names_verdict_reasons_and_what_would_change_it(
    tunewise: Tunewise, facts: Path
) -> None:
    text = tunewise("advise", facts).out

    assert text.startswith("Verdict: ")
    for heading in ("Why", "Next", "What would change it", "Best next question"):
        assert heading in text
    assert "veto" in text or "Ruled out: finetune, by must-cite-sources" in text


def test_facts_come_from_standard_input_too(tunewise: Tunewise, facts: Path) -> None:
    piped = tunewise("advise", "-", "--json", stdin=facts.read_text())
    as_json = tunewise("--json", "advise", "-", stdin='{"must_cite_sources": true}')

    assert piped.json == tunewise("advise", facts, "--json").json
    assert as_json.json["recommended"] == piped.json["recommended"]


def test_broken_input_is_named(tunewise: Tunewise, home: Path, tmp_path: Path) -> None:
    (tmp_path / "facts.toml").write_text("must_cite_sorces = true")

    assert "standard input: neither" in mended(tunewise("advise", "-", stdin="{"))
    message = mended(tunewise("advise", tmp_path / "facts.toml"))
    assert message.startswith(f"{tmp_path / 'facts.toml'}: unknown fact")
    assert not home.exists()


def test_asking_takes_answers_until_the_input_ends_and_saves_them(
    tunewise: Tunewise, tmp_path: Path, facts: Path
) -> None:
    saved = tmp_path / "saved.json"

    said = tunewise(
        "advise", facts, "--ask", "--save", saved, "--json", stdin="nonsense\n\n"
    )

    assert said.status == 0
    assert said.json["recommended"]
    assert "?" in said.err  # questions are asked beside the document
    assert "is not" in said.err
    written = json.loads(saved.read_text())
    assert written["must_cite_sources"]["value"] is True
    assert tunewise("advise", saved).status == 0


def test_an_answer_changes_the_advice(tunewise: Tunewise, tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text("")
    words = ("advise", tmp_path / "empty.toml", "--json")

    question = tunewise(*words).json["next_question"]["fact"]
    answered = tunewise(*words, "--ask", stdin="information\n").json

    assert question == "failure_kind"
    assert question not in answered["unknown"]


def test_a_file_that_cannot_be_saved_is_named(
    tunewise: Tunewise, facts: Path, tmp_path: Path
) -> None:
    said = tunewise("advise", facts, "--save", tmp_path / "none" / "saved.json")

    assert "cannot be written" in mended(said)


def test_other_rules_can_be_asked(
    tunewise: Tunewise, facts: Path, tmp_path: Path
) -> None:
    (tmp_path / "rules").mkdir()

    missing = tunewise("advise", facts, "--rules", tmp_path / "none")
    empty = tunewise("advise", facts, "--rules", tmp_path / "rules")

    assert "there is no folder of rules here" in mended(missing)
    assert "facts.toml: missing" in mended(empty)


def test_a_new_fact_file_is_printed_or_written(
    tunewise: Tunewise, tmp_path: Path
) -> None:
    path = tmp_path / "new.toml"

    printed = tunewise("facts", "new")
    written = tunewise("facts", "new", "-o", path)

    assert written.out == f"wrote {path}\n"
    assert path.read_text() == printed.out
    assert tunewise("facts", "new", "--json").json["content"] == printed.out
    assert "is there already" in mended(tunewise("facts", "new", "-o", path))


def test_a_new_fact_file_that_cannot_be_written_is_named(
    tunewise: Tunewise, tmp_path: Path
) -> None:
    said = tunewise("facts", "new", "-o", tmp_path / "none" / "new.toml")

    assert "cannot be written" in mended(said)


def test_open_questions_are_listed_by_who_knows(
    tunewise: Tunewise, facts: Path
) -> None:
    rows = tunewise("facts", "questions", facts, "--json").json
    text = tunewise("facts", "questions", facts).out

    assert set(rows[0]) == {"fact", "question", "why", "who"}
    assert "must_cite_sources" not in {row["fact"] for row in rows}
    assert all(row["question"] in text for row in rows)


@pytest.mark.parametrize("words", [["advise"], ["facts", "questions"]], ids=" ".join)
def test_a_missing_fact_file_is_met_with_how_to_make_one(
    tunewise: Tunewise, words: list[str]
) -> None:
    message = mended(tunewise(*words, "none.toml"))

    assert message.startswith("none.toml: there is no such file\n")
    assert "tunewise facts new" in message

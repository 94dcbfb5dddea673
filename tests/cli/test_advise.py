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
    "searched",
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
    assert set(view["searched"]) == {"single", "pairs", "of_pairs"}
    assert set(view["base_models"][0]) == {"id", "because", "ruled_out_by"}
    assert view["rule_set"].startswith("sha256:")


def test_advice_for_people_names_verdict_reasons_and_what_would_change_it(
    tunewise: Tunewise, facts: Path
) -> None:
    text = tunewise("advise", facts).out

    assert text.startswith("Verdict: ")
    for heading in ("Why", "Next", "What would change it", "Best next question"):
        assert heading in text
    assert "Every single change of one fact was tried (" in text
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


FACTS = """
[must_cite_sources]
type = "bool"
question = "Must answers cite their sources?"
why = "A tuned model keeps no link."
who = "domain expert"

[style]
type = "enum"
question = "Which style?"
why = "Style is learnt."
values = ["plain", "house"]
"""
CRITERION = """
title = "T"
since = 2026-11-26
source = "S"
[when]
WHEN
[[then]]
option = "OPTION"
weight = WEIGHT
because = "B OPTION."
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A rule set in which citing speaks for rag, the house's style for tuning."""
    folder = tmp_path / "rules"
    (folder / "criteria").mkdir(parents=True)
    (folder / "facts.toml").write_text(FACTS)
    for id, when, option, weight in (
        ("cite", "must_cite_sources = true", "rag", "3"),
        ("style", 'style = "house"', "finetune", "1"),
    ):
        text = CRITERION.replace("WHEN", when).replace("OPTION", option)
        path = folder / "criteria" / f"{id}.toml"
        path.write_text(text.replace("WEIGHT", weight))
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A fact file in which everything is unknown."""
    path = tmp_path / "empty.toml"
    path.write_text("")
    return path


def test_an_answer_changes_the_advice(
    tunewise: Tunewise, small: Path, empty: Path
) -> None:
    words = ("advise", empty, "--rules", small, "--json")

    before = tunewise(*words).json
    answered = tunewise(*words, "--ask", stdin="yes\n")

    assert before["recommended"] == "defer"
    assert before["next_question"]["fact"] == "must_cite_sources"
    assert answered.json["recommended"] == "rag"
    assert answered.json["unknown"] == ["style"]


def test_a_question_comes_with_why_and_who_and_the_end_is_told(
    tunewise: Tunewise, small: Path, empty: Path
) -> None:
    said = tunewise("advise", empty, "--rules", small, "--ask", stdin="yes\n")

    assert "\nMust answers cite their sources?\n  Why: A tuned model " in said.err
    assert "  Who usually knows: domain expert.\n" in said.err
    assert said.err.endswith("\nNo further answer seems to change this verdict.\n\n")
    assert "Which style?" not in said.err


def test_who_knows_nothing_is_asked_each_question_once(
    tunewise: Tunewise, small: Path, empty: Path
) -> None:
    said = tunewise("advise", empty, "--rules", small, "--ask", stdin="\n\n\n\n")

    assert said.err.count("?") == 2
    assert "No further answer seems to change this verdict." in said.err


def test_at_most_eight_questions_are_asked(tunewise: Tunewise, empty: Path) -> None:
    said = tunewise("advise", empty, "--ask", stdin="\n" * 20)

    assert said.err.count("Who usually knows: ") <= 8
    assert said.err.count("answer (empty: unknown") == 8
    assert "8 questions asked: enough for a useful verdict." in said.err


def test_closing_the_input_ends_the_questions(
    tunewise: Tunewise, small: Path, empty: Path
) -> None:
    said = tunewise("advise", empty, "--rules", small, "--ask", stdin="")

    assert said.status == 0
    assert "You ended the questions." in said.err


def test_full_advice_says_why_each_criterion_did_not_match(
    tunewise: Tunewise, small: Path, tmp_path: Path
) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text("must_cite_sources = false")

    brief = tunewise("advise", facts, "--rules", small).out
    full = tunewise("advise", facts, "--rules", small, "--full").out

    assert "Did not match" not in brief
    assert "2 criteria did not match (--full says why). " in brief
    assert full.partition("\nDid not match\n")[2].splitlines()[:2] == [
        "  cite: must_cite_sources is false, not true",
        "  style: waits for style",
    ]
    assert "2 criteria did not match. " in full


def test_full_advice_names_every_criterion_that_did_not_match(
    tunewise: Tunewise, facts: Path
) -> None:
    view = tunewise("advise", facts, "--json").json

    listed = tunewise("advise", facts, "--full").out.partition("\nDid not match\n")[2]

    for other in view["not_matched"]:
        first = (other["failed"] or [f"waits for {', '.join(other['waiting_for'])}"])[0]
        assert f"  {other['criterion']}: {first}\n" in listed


def test_contradictory_facts_are_named_together_and_nothing_is_decided(
    tunewise: Tunewise, home: Path, tmp_path: Path
) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text(
        "prompt_tried = false\nprompt_score = 0.5\nrag_tried = false\nrag_score = 0.4\n"
    )

    advised = mended(tunewise("advise", facts))
    proposed = mended(tunewise("decision", "propose", facts, "--title", "T"))

    for message in (advised, proposed):
        assert message.startswith(f"{facts}: prompt_tried = false and prompt_score = ")
        assert "rag_tried = false and rag_score = 0.4 contradict" in message
        assert message.count("Mend one of them.") == 2
    assert not home.exists()


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

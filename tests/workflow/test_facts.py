import io
import json
import re
import tomllib
from pathlib import Path

import pytest

from tunewise.domain.errors import FactError
from tunewise.engine.intake import sheet_to_raw
from tunewise.workflow.facts import (
    new_fact_file,
    open_questions,
    read_facts,
    sheet_of,
)
from tunewise.workflow.home import Home


def test_a_new_fact_file_leaves_everything_unknown(home: Home) -> None:
    text = new_fact_file(home.rules())

    assert tomllib.loads(text) == {}


def test_every_sample_of_a_new_fact_file_can_be_used_as_it_stands(home: Home) -> None:
    rules = home.rules()
    text = new_fact_file(rules)

    filled = re.sub(r"(?m)^# (?=[a-z_0-9]+ = )", "", text)
    sheet = sheet_of(tomllib.loads(filled), rules)

    assert {fact.name for fact in sheet} == set(rules.facts)


def test_facts_come_back_as_they_were_written(home: Home, tmp_path: Path) -> None:
    rules = home.rules()
    source = tmp_path / "facts.toml"
    source.write_text(
        """
        must_cite_sources = { value = true, evidence = "person:Ada Byron" }
        training_examples = 160
        rag_score = { value = 0.7, low = 0.6, high = 0.8, on = 2026-11-20 }
        """
    )

    sheet = sheet_of(read_facts(str(source), rules), rules)
    again = sheet_of(json.loads(json.dumps(sheet_to_raw(sheet))), rules)

    assert again == sheet
    assert again.get("rag_score").on == "2026-11-20"


@pytest.mark.parametrize(
    "text",
    [
        "must_cite_sources = true",
        "[facts]\nmust_cite_sources = true",
        '{"must_cite_sources": true}',
        ' {"facts": {"must_cite_sources": {"value": true}}}',
    ],
    ids=["TOML", "TOML in a table", "JSON", "JSON in a table"],
)
def test_facts_are_read_from_a_file_and_from_standard_input(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    rules = home.rules()
    path = tmp_path / "facts"
    path.write_text(text)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))

    sheets = [sheet_of(read_facts(s, rules), rules) for s in (str(path), "-")]

    assert [s.get("must_cite_sources").value for s in sheets] == [True, True]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no such file"),
        (b"{broken", "neither TOML nor JSON"),
        (b"[1, 2]", "neither TOML nor JSON"),
        (b"\xff\xfe", "no text in UTF-8"),
        (b'{"training_examples": 5, "training_examples": 60}', "stands there twice"),
        (b'{"training_examples": 1' + b"0" * 5000 + b"}", "Exceeds the limit (4300"),
        (b'{"x": ' * 100_000, "neither TOML nor JSON (nested too deeply)"),
        (b"must_cite_sorces = true", "Did you mean 'must_cite_sources'?"),
        (b'must_cite_sources = "perhaps"', "is not true or false"),
        (b'{"facts": [1]}', "is not a table"),
    ],
    ids=[
        "missing",
        "broken",
        "a list",
        "not text",
        "a key twice",
        "endless digits",
        "too deep",
        "unknown fact",
        "wrong type",
        "facts no table",
    ],
)
def test_a_file_that_holds_no_facts_is_named(
    home: Home, tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "facts.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(FactError) as told:
        read_facts(str(path), home.rules())

    assert str(told.value).startswith(f"{path}: ")
    assert message in str(told.value)


def test_a_folder_is_no_fact_file(home: Home, tmp_path: Path) -> None:
    with pytest.raises(FactError, match="cannot be read"):
        read_facts(str(tmp_path), home.rules())


def test_open_questions_are_those_without_an_answer_sorted_by_who_knows(
    home: Home,
) -> None:
    rules = home.rules()

    rows = open_questions({"must_cite_sources": True}, rules)

    asked = {row["fact"] for row in rows}
    assert asked == set(rules.facts) - {"must_cite_sources"}
    assert [row["who"] for row in rows] == sorted(row["who"] for row in rows)

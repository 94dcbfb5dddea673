"""Results that promptfoo 0.121.20 wrote: two prompts, two providers, four tests.

The providers are its own ``echo`` and one that always says card, and fails on one
question. The file is ``promptfoo eval -o results.json``, on one line and without its
configuration.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunewise.domain.errors import DatasetError
from tunewise.workflow.answers.files import read
from tunewise.workflow.answers.importing import import_answers
from tunewise.workflow.home import Home

from .conftest import write_spec

RESULTS = Path(__file__).parent / "promptfoo" / "results.json"
KEYWORD = ("short", "keyword")


def changed(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Write the results with every row changed."""
    document = json.loads(RESULTS.read_text(encoding="utf-8"))
    for row in document["results"]["results"]:
        change(row)
    path = folder / "results.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_the_answers_to_one_prompt_by_one_provider_are_read() -> None:
    file = read(RESULTS, prompts=KEYWORD)

    # ids by the test's metadata, else by its variable
    assert [(a.id, a.text) for a in file.answers] == [
        ("card-12", "card"),
        ("refund-13", "card"),
        ("card-14", "card"),  # an assertion of its own failed: that is no error
        ("refund-15", ""),
    ]
    first, *_, last = file.answers
    assert (first.prompt_tokens, first.answer_tokens, first.seconds) == (11, 1, 0.002)
    assert (first.error, last.error) == ("", "the service is down")
    assert (file.tool, file.model, file.prompt) == ("promptfoo", "keyword", "short")


def test_a_provider_goes_by_its_id_too() -> None:
    assert read(RESULTS, prompts=["file://provider.js", "long"]).prompt == "long"
    assert read(RESULTS, prompts=["echo", "long"]).model == "echo"


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ([], "4 prompts or providers are in it\n  Name one of:\n"),
        (["short"], "2 prompts or providers are in it with the names 'short'\n"),
        (["tall"], "no prompt and provider have the names 'tall'\n"),
    ],
)
def test_several_prompts_ask_which_is_meant(prompts: list[str], message: str) -> None:
    with pytest.raises(DatasetError, match=f"results.json: {message}") as raised:
        read(RESULTS, prompts=prompts)

    assert "--prompt 'short' --prompt 'echo'" in str(raised.value)


def test_its_json_lines_are_the_same_rows(tmp_path: Path) -> None:
    rows = json.loads(RESULTS.read_text(encoding="utf-8"))["results"]["results"]
    path = tmp_path / "results.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    assert read(path, prompts=KEYWORD).answers == read(RESULTS, prompts=KEYWORD).answers


def test_the_time_of_a_cached_answer_is_none(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda row: row.get("response", {}).update(cached=True))

    assert {a.seconds for a in read(path, prompts=KEYWORD).answers} == {None}


def test_an_answer_that_is_json_is_scored_as_its_text(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda row: row["response"].update(output={"a": "ü"}))

    assert read(path, prompts=KEYWORD).answers[0].text == '{"a": "ü"}'


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda row: (row["testCase"].update(metadata={}), row["vars"].pop("id", 0)),
            "entry 3: the test has no id\n  Give each test .* metadata: {id",
        ),
        (lambda row: row.pop("provider"), "entry 1: this is no result of promptfoo"),
        (lambda row: row.update(prompt="x"), "entry 1: this is no result of promptfoo"),
    ],
)
def test_what_is_no_result_is_named_by_its_number(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    with pytest.raises(DatasetError, match=f"results.json: {message}"):
        read(changed(tmp_path, change), prompts=KEYWORD)


def test_its_answers_are_an_arm(home: Home, toy: Path) -> None:
    spec = write_spec(toy, "no-such-model", 'arms = ["prompt"]')

    report = import_answers(
        home, spec, "prompt", RESULTS, prompts=KEYWORD, tell=lambda _: None
    )

    arm = report["arms"]["prompt"]
    # 2 of 6: one is wrong, one question failed, and two were not asked
    assert arm["metrics"]["accuracy"]["value"] == pytest.approx(1 / 3)
    assert (arm["imported"]["missing"], arm["imported"]["failed"]) == (2, 1)
    assert (arm["model"], arm["prompt_tokens_mean"]) == ("keyword", 11)
    assert arm["setup"] == "imported from results.json, prompt 'short'"
    assert "for 1 of 6 held-out examples results.json reports an error" in (
        " ".join(report["warnings"])
    )

from pathlib import Path

import pytest

from .conftest import Measured, Tunewise, mended

# DESIGN section 5
EXPERIMENT = {
    "experiment",
    "dataset",
    "heldout_digest",
    "primary_metric",
    "arms",
    "diagnostics",
    "comparisons",
    "decision",
}
ARM = {
    "run",
    "status",
    "model",
    "setup",
    "setups",
    "metrics",
    "latency_seconds",
    "answers_per_second",
    "prompt_tokens_mean",
    "cost",
}
COMPARISON = {
    "a",
    "b",
    "metric",
    "difference",
    "low",
    "high",
    "p_value",
    "conclusion",
    "needs_n",
}


def test_a_run_prints_one_json_document_and_its_progress_beside_it(
    measured: Measured,
) -> None:
    said = measured.said

    assert said.status == 0, said.err
    assert set(said.json) >= EXPERIMENT
    assert "1. Check and register the dataset" in said.err
    assert "Run rag" in said.err


def test_an_arm_on_an_endpoint_says_what_it_was_measured_on(measured: Measured) -> None:
    view = measured.said.json

    assert list(view["arms"]) == ["prompt", "rag"]
    for arm in view["arms"].values():
        assert set(arm) >= ARM
        assert (arm["status"], arm["model"]) == ("finished", "toy-large")
        accuracy = arm["metrics"]["accuracy"]
        assert set(accuracy) == {"value", "low", "high", "n"}
        latency = arm["latency_seconds"]
        assert set(latency) == {"p50", "p95", "first_token", "build", "n"}
    # the endpoint answers by the word in the question: every answer is right
    assert view["arms"]["prompt"]["metrics"]["accuracy"]["value"] == 1.0
    assert all(set(c) >= COMPARISON for c in view["comparisons"])
    assert [(c["a"], c["b"]) for c in view["comparisons"]] == [("prompt", "rag")]


def test_a_finished_experiment_is_shown_as_it_was_reported(
    tunewise: Tunewise, measured: Measured
) -> None:
    ran = measured.said.json

    shown = tunewise("experiment", "show", measured.id, "--json").json

    assert {key: shown[key] for key in EXPERIMENT} == {
        key: ran[key] for key in EXPERIMENT
    }
    text = tunewise("experiment", "show", measured.id).out
    assert "1.00 (0.61–1.00, n = 6)" in text
    assert "first token" in text
    assert "2 held-out examples drawn by a fixed seed" in " ".join(text.split())
    # every answer of both is right, and six examples cannot show more
    assert "prompt and rag: inconclusive, difference +0.00" in text


def test_experiments_are_listed(tunewise: Tunewise, measured: Measured) -> None:
    (row,) = tunewise("experiment", "list", "--json").json

    assert (row["experiment"], row["status"]) == (measured.id, "finished")
    assert row["by"] == "Ada"
    assert measured.id in tunewise("experiment", "list").out


def test_an_unknown_experiment_is_met_with_the_nearest(
    tunewise: Tunewise, measured: Measured
) -> None:
    message = mended(tunewise("experiment", "show", measured.id[:-1]))

    assert f"Did you mean {measured.id}" in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        ("title = ", "not TOML"),
        ("titlle = 'x'", "unknown key 'titlle', did you mean 'title'?"),
        ("title = 'x'", "'dataset' is missing"),
    ],
    ids=["missing", "broken", "unknown key", "too little"],
)
def test_a_specification_that_cannot_be_run_is_named(
    tunewise: Tunewise, tmp_path: Path, home: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "spec.toml"
    if content is not None:
        path.write_text(content)

    told = mended(tunewise("experiment", "run", path))

    assert told.startswith(f"{path}: ")
    assert message in told
    assert not home.exists()


def test_a_run_ends_with_the_command_that_comes_next(
    tunewise: Tunewise, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = {**measured.said.json, "title": "Ada's [toy]"}
    monkeypatch.setattr(
        "tunewise.workflow.experiments.running.run", lambda *_, **__: view
    )

    bare = tunewise("experiment", "run", "spec.toml").out.splitlines()[-1]
    elsewhere = tunewise("--home", measured.home, "experiment", "run", "spec.toml")

    assert bare.startswith("Next: tunewise decision propose ")
    assert bare.endswith("""--title 'Ada'"'"'s [toy]'""")
    assert f"tunewise --home {measured.home} decision" in elsewhere.out


def answers_file(folder: Path, name: str = "answers.csv") -> Path:
    """Write a right answer to each held-out example of the toy, the last left out."""
    rows = [f"heldout-{n},{('card', 'refund')[n % 2]}" for n in range(5)]
    path = folder / name
    path.write_text("\n".join(["id,answer", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def specification(toy: Path) -> Path:
    """A specification of the toy whose base model is nowhere."""
    path = toy / "spec.toml"
    path.write_text(
        'title = "Toy desk"\nbase_model = "nowhere"\narms = ["prompt", "finetune"]\n'
        'dataset = { train = "train.jsonl", validation = "validation.jsonl", '
        'heldout = "heldout.jsonl" }\n'
        'task = { type = "classification", metric = "accuracy" }\n'
    )
    return path


def test_imported_answers_are_printed_as_such(
    tunewise: Tunewise, toy: Path, specification: Path
) -> None:
    said = tunewise("experiment", "import", specification, "prompt", answers_file(toy))
    shown = tunewise("experiment", "list", "--json").json[0]["experiment"]
    view = tunewise("experiment", "show", shown, "--json").json

    assert said.status == 0, said.err
    assert "prompt (imported)" in said.out
    assert "0.83 (" in said.out
    assert "1 of 6 held-out examples have no answer in answers.csv" in said.out
    assert said.out.splitlines()[-1].startswith("Next: tunewise decision propose ")
    assert view["arms"]["prompt"]["imported"]["tool"] == "csv"


def test_an_unknown_id_is_met_with_its_line(
    tunewise: Tunewise, toy: Path, specification: Path
) -> None:
    path = toy / "wrong.csv"
    path.write_text("id,answer\nheldout-9,card\n")

    told = mended(tunewise("experiment", "import", specification, "prompt", path))

    assert "wrong.csv:2: no held-out example has the id 'heldout-9'" in told


def test_predictions_are_counted(
    tunewise: Tunewise, toy: Path, specification: Path
) -> None:
    empty = tunewise("experiment", "predictions").out
    path = answers_file(toy)
    tunewise("experiment", "import", specification, "prompt", path)
    wrong = toy / "wrong.csv"
    wrong.write_text("id,answer\nheldout-0,refund\n")
    tunewise("experiment", "import", specification, "rag", wrong)

    text = tunewise("experiment", "predictions").out
    view = tunewise("experiment", "predictions", "--json").json

    assert "No blind verdict can be held against a measurement yet." in empty
    (row,) = view["experiments"]
    assert row["best"] == ["prompt"]
    assert row["experiment"] in text

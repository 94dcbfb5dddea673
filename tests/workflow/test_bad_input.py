"""What stands in the way of a training is said in one message, before any work.

The tiny model reads bytes, so the lengths of the toy desk can be counted by hand: a
system turn of 32 tokens, a user turn of 8 and its letters, an assistant's of 13 and
its letters. The training examples have 74, 79, 76, 75, 77, 84, 72 and 87.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tunewise.domain.errors import DatasetError, ModelError, SpecError
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments import running
from tunewise.workflow.experiments.telling import Event
from tunewise.workflow.home import Home

from .conftest import write_spec

TUNED = 'arms = ["finetune"]\nseeds = [0]\n'
Break = Callable[[Path], None]


def ignore(_: Event) -> None:
    """Take what it has to tell."""


def tuned(**finetune: object) -> str:
    settings = ", ".join(f"{k} = {json.dumps(v)}" for k, v in finetune.items())
    return f"{TUNED}finetune = {{ epochs = 1, {settings} }}"


# --- the base model


def _no_template(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()


def _one_token_more(folder: Path) -> None:
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    tokenizer["model"]["vocab"]["<extra>"] = 258
    path.write_text(json.dumps(tokenizer))


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _another_config(folder: Path) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"vocab_size": 300}))


def _no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


@pytest.mark.model
@pytest.mark.parametrize(
    ("break_base", "message"),
    [
        (_no_template, "the tokenizer has no chat template"),
        (_one_token_more, "has ids up to 258, and the embedding has 258 rows"),
        (_pickled, r"pickled \(pytorch_model.bin\), and reading them runs code"),
        (_another_config, "says a vocabulary of 300, and the embedding has 258 rows"),
        (_no_tokenizer, "there is no tokenizer here"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_base_model_that_cannot_be_used_is_refused_before_anything_is_written(
    home: Home,
    toy: Path,
    tiny_model: Path,
    tmp_path: Path,
    break_base: Break,
    message: str,
) -> None:
    base = Path(shutil.copytree(tiny_model, tmp_path / "base"))
    break_base(base)

    with pytest.raises(ModelError, match=message):
        running.run(home, write_spec(toy, base), tell=ignore)

    assert not home.path.exists()


# --- the settings


@pytest.mark.model
@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (tuned(max_length=4096), "4096 tokens, but the base model tiny reads 2048"),
        (tuned(method="full", alpha=8), "finetune.alpha: full training has none"),
        (f"{TUNED}hybrid.train = 4", "hybrid.train: 4 examples for an arm that is not"),
        (tuned(too_long="cut"), "'cut' is not known"),
        (tuned(patience=-1), "must lie between 0 and 100, got -1"),
        (tuned(batch_size=0), "must lie between 1 and 4096, got 0"),
        (f"{TUNED}finetune = {{ epochs = 0 }}", "must lie between 1 and 100, got 0"),
        (tuned(learning_rate=-1e-4), "must lie between 1e-09 and 1, got -0.0001"),
        ('arms = ["finetune"]\nseeds = [1, 1]', "at least one seed, each once"),
    ],
    ids=lambda value: value.splitlines()[-1],
)
def test_settings_that_contradict_are_refused_before_anything_is_written(
    home: Home, toy: Path, tiny_model: Path, extra: str, message: str
) -> None:
    with pytest.raises(SpecError, match=message):
        running.run(home, write_spec(toy, tiny_model, extra), tell=ignore)

    assert not home.path.exists()


@pytest.mark.parametrize("name", ["train", "validation", "heldout"])
def test_an_empty_split_is_refused_before_anything_is_written(
    home: Home, toy: Path, name: str
) -> None:
    pytest.importorskip("torch", reason="needs the extra [train]")
    (toy / f"{name}.jsonl").write_text("")
    spec = write_spec(toy, "smollm2-135m-instruct", TUNED)

    with pytest.raises((SpecError, DatasetError), match="empty"):
        running.run(home, spec, tell=ignore)

    assert not home.path.exists()


# --- examples that are too long


@pytest.mark.model
@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (
            tuned(max_length=76, too_long="refuse"),
            "train example 2: 79 tokens, but max_length is 76",
        ),
        (
            tuned(max_length=16),
            "all 8 training examples are longer than max_length = 16 tokens: there is",
        ),
        (
            tuned(max_length=50, too_long="truncate"),
            "train example 1: truncated to 50 tokens, nothing is left to train on",
        ),
    ],
    ids=["refuse", "nothing left", "truncated to nothing"],
)
def test_examples_that_are_too_long_are_refused_before_an_experiment_is_recorded(
    home: Home, toy: Path, tiny_model: Path, extra: str, message: str
) -> None:
    with pytest.raises(SpecError, match=message):
        running.run(home, write_spec(toy, tiny_model, extra), tell=ignore)

    assert experiments.list_all(home) == []
    assert not home.runs.exists()


@pytest.mark.model
def test_what_was_dropped_is_told_and_stands_in_the_run(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    told: list[str] = []
    extra = tuned(max_length=76, batch_size=64, learning_rate=0.01)

    report = running.run(
        home, write_spec(toy, tiny_model, extra), tell=lambda e: told.append(e.text)
    )

    (said,) = [text for text in told if text.startswith("finetune: ")]
    assert said == (
        "finetune: 4 of 8 training examples, 4 dropped (max_length is 76 tokens); "
        "the longest has 87 tokens; 1 step in 1 epoch, 4 at a time."
    )
    train = report["arms"]["finetune"]["train"]
    assert (train["examples"], train["dropped"], train["truncated"]) == (4, 4, 0)
    assert train["steps"] == 1


@pytest.mark.model
def test_a_rate_that_does_not_fit_the_method_is_told_and_stands_in_the_report(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    told: list[str] = []
    extra = tuned(max_length=256, method="full", learning_rate=2e-3)

    report = running.run(
        home, write_spec(toy, tiny_model, extra), tell=lambda e: told.append(e.text)
    )

    (warning,) = (w for w in report["warnings"] if w.startswith("learning_rate"))
    assert warning.startswith("learning_rate 0.002: A rate for LoRA")
    assert f"Take care: {warning}" in told
    assert (
        experiments.show(home, report["experiment"])["warnings"] == report["warnings"]
    )

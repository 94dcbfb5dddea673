"""Builds examples, and hands out the tiny model as base models are loaded."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trainer.files import Progress
from tunewise.domain.dataset import Document, Example, Message
from tunewise.domain.experiment import FinetuneSpec

LORA = FinetuneSpec(
    epochs=3, learning_rate=5e-3, rank=4, alpha=8, batch_size=2, max_length=64
)
FULL = replace(LORA, method="full", learning_rate=2e-3)


def one_turn(question: str, reference: str, **metadata: Any) -> Example:
    """An example of one question and its reference."""
    messages = (Message("user", question), Message("assistant", reference))
    return Example(messages=messages, **metadata)


@pytest.fixture(scope="session")
def ask() -> Callable[..., Example]:
    return one_turn


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    return Progress(tmp_path / "progress.jsonl")


@pytest.fixture(scope="session")
def tokenizer(tiny_model: Path) -> Any:
    from trainer.base import load_tokenizer

    return load_tokenizer(tiny_model)


@pytest.fixture(scope="session")
def fresh(tiny_model: Path) -> Callable[[], Any]:
    """Loads the untouched tiny model, a new one for each call."""
    import torch

    from trainer.base import load_model

    return lambda: load_model(tiny_model, device=torch.device("cpu"))


@pytest.fixture(scope="session")
def examples(tokenizer: Any) -> list[Any]:
    """Five examples to know by heart, as tokens."""
    from trainer.chat import training_tokens

    codes = {"one": "up", "two": "down", "three": "left", "four": "up", "five": "off"}
    return [
        training_tokens(tokenizer, one_turn(q, a).messages) for q, a in codes.items()
    ]


@pytest.fixture
def train(
    fresh: Callable[[], Any], examples: list[Any], progress: Progress
) -> Callable[..., tuple[Any, Any]]:
    """Trains a new base model; ``scores`` are those of its epochs on validation."""
    from trainer import finetune

    def run(spec: FinetuneSpec, folder: Path, **changed: Any) -> tuple[Any, Any]:
        scores: Iterator[float] = iter(changed.pop("scores", [0.1, 0.2, 0.3, 0.4]))
        wanted: dict[str, Any] = {
            "seed": 0,
            "evaluate": lambda _: next(scores),
            "progress": progress,
        }
        model, used = changed.pop("model", None), changed.pop("examples", examples)
        return finetune.train(model or fresh(), used, spec, folder, **wanted | changed)

    return run


@pytest.fixture(scope="session")
def toy() -> dict[str, Any]:
    """A support desk of twelve cases and three articles."""
    codes = {
        "Where is my card?": "late",
        "My card has not come": "late",
        "Card still missing": "late",
        "I lost my card": "lost",
        "My card was stolen": "lost",
        "Change my PIN": "pin",
        "I forgot my PIN": "pin",
        "PIN is blocked": "pin",
    }
    later = {
        "Where does my card stay?": "late",
        "Card is gone": "lost",
        "Stolen card": "lost",
        "New PIN please": "pin",
    }
    last = {
        "Still no card": "late",
        "Lost it": "lost",
        "The PIN": "pin",
        "Card late": "late",
    }
    articles = {
        "late": "Cards arrive within ten days.",
        "lost": "A lost or stolen card is blocked at once.",
        "pin": "A PIN is changed in the app. A blocked PIN needs a call.",
    }

    def split(name: str, cases: dict[str, str]) -> tuple[Example, ...]:
        return tuple(
            one_turn(q, a, id=f"{name}-{n}", gold_doc_ids=(f"d-{a}",))
            for n, (q, a) in enumerate(cases.items())
        )

    return {
        "train": split("train", codes),
        "validation": split("validation", later),
        "heldout": split("heldout", last),
        "documents": tuple(
            Document(f"d-{code}", code, text) for code, text in articles.items()
        ),
    }


@pytest.fixture(scope="session")
def toy_config(tiny_model: Path) -> Callable[..., dict[str, Any]]:
    """Makes the content of a ``run.json`` for the toy, seconds of work at most."""

    def config(arm: str, **changed: Any) -> dict[str, Any]:
        tuning = {
            "epochs": 2,
            "learning_rate": 0.02,
            "rank": 4,
            "alpha": 8,
            "batch_size": 4,
            "max_length": 1024,
        } | changed.pop("finetune", {})
        return {
            "run": f"r-{arm}",
            "arm": arm,
            "seed": 0,
            "task": {"type": "classification", "metric": "accuracy"},
            "train": "../data/train.jsonl",
            "validation": "../data/validation.jsonl",
            "heldout": "../data/heldout.jsonl",
            "documents": "../data/documents.jsonl",
            "model_dir": str(tiny_model),
            "model_name": "tiny",
            "prompt": {"shots": [2]},
            "rag": {"k": [1], "shots": 1, "chunk_tokens": 60},
            "finetune": tuning,
            "hybrid": {"k": 1},
            "latency_examples": 2,
        } | changed

    return config

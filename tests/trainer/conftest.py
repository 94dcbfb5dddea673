"""Builds examples, and hands out the tiny model as base models are loaded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainer.files import Progress
from tunewise.domain.dataset import Example, Message


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

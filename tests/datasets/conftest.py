"""Builds examples and datasets for the tests of this folder."""

from collections.abc import Callable, Iterable

import pytest

from tunewise.domain.dataset import Dataset, Example, Message, Split

Make = Callable[..., Example]


@pytest.fixture
def make() -> Make:
    def example(question: str, answer: str, line: int = 1, **metadata) -> Example:
        messages = (
            Message("system", "Reply with the label."),
            Message("user", question),
            Message("assistant", answer),
        )
        return Example(messages, line=line, **metadata)

    return example


@pytest.fixture
def dataset(make: Make) -> Callable[..., Dataset]:
    def build(**splits: Iterable[tuple[str, str]]) -> Dataset:
        return Dataset(
            {
                Split(name): tuple(
                    make(question, answer, line)
                    for line, (question, answer) in enumerate(pairs, start=1)
                )
                for name, pairs in splits.items()
            }
        )

    return build

import json

import pytest

from tunewise.datasets.statistics import percentiles, statistics
from tunewise.datasets.tokens import TokenCounter, count
from tunewise.domain.dataset import Dataset, Document


def test_a_dataset_in_numbers(dataset) -> None:
    labels = ["yes"] * 6 + ["no"] * 3
    data = dataset(
        train=[(f"question {i}", label) for i, label in enumerate(labels)],
        heldout=[("one", "yes"), ("two", "yes"), ("three", "no"), ("four", "no!")],
    )

    found = statistics(data, count(data, TokenCounter(len, "letters")))

    assert found["examples"] == 13
    assert found["labels"] == [
        {"label": "yes", "train": 6, "validation": 0, "heldout": 2},
        {"label": "no", "train": 3, "validation": 0, "heldout": 1},
        {"label": "no!", "train": 0, "validation": 0, "heldout": 1},
    ]
    assert found["majority_share"] == 0.5
    assert found["splits"]["train"]["messages_per_example"]["max"] == 3.0
    # "question 0": 10 + label 3 + system 21 + 3 * 4 turn marks
    assert found["splits"]["train"]["tokens"]["max"] == 46.0
    assert found["splits"]["train"]["sampled"] is None
    assert found["tokens_counted_by"] == {
        "base_model": "letters",
        "estimate": False,
        "how": "counted as letters does",
        "max_length": 1024,
        "context_tokens": None,
    }
    assert json.loads(json.dumps(found)) == found


def test_more_than_5000_examples_are_sampled_and_it_says_so(dataset) -> None:
    data = dataset(train=[("x" * 5_000 if n % 2 else "y", "a") for n in range(6_000)])

    found = statistics(data, count(data, TokenCounter()))
    train = found["splits"]["train"]

    assert train["sampled"] == {"n": 5000, "of": 6000, "seed": 20261126}
    assert train["truncated_share"] == pytest.approx(0.5, abs=0.03)
    # by hand: (1,250 + 2 * 6 + 7) and (1 + ...): 3 messages of 4 marks, system 21
    # letters are 6 tokens, "a" is 1; the mean is half of 1,269 + 20
    assert train["tokens_total"] == pytest.approx(6_000 * (1_269 + 20) / 2, rel=0.03)
    assert found["tokens_counted_by"]["estimate"] is True


def test_documents_and_an_empty_dataset_have_statistics() -> None:
    found = statistics(Dataset({}, (Document("d", "", "four"),)))

    assert found["documents"]["characters"]["max"] == 4.0
    assert found["splits"] == {}
    assert found["majority_share"] is None


def test_percentiles_of_one_to_a_hundred() -> None:
    found = percentiles(range(1, 101))

    # linear between ranks: p5 = 1 + .05 * 99 = 5.95, p50 = 50.5
    assert (found["p5"], found["p50"], found["mean"]) == (6.0, 50.5, 50.5)

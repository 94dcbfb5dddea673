import pytest

from tunewise.datasets.sizes import (
    check_lengths,
    check_sizes,
    check_variety,
    distinct_share,
    on_few_documents,
    smallest_difference,
)
from tunewise.datasets.tokens import TokenCounter, count
from tunewise.domain.dataset import Example, Message


def pairs(n: int):
    return [(f"q{i}", "a") for i in range(n)]


@pytest.mark.parametrize(
    ("train", "heldout", "expected"),
    [
        (5, 500, [("few_train_examples", "warn")]),
        (50, 500, [("few_train_examples", "note")]),
        (500, 20, [("few_heldout_examples", "warn")]),
        (500, 0, [("few_heldout_examples", "warn")]),
        (500, 500, []),
        (0, 0, []),
    ],
)
def test_small_splits_are_told(dataset, train: int, heldout: int, expected) -> None:
    data = dataset(train=pairs(train), heldout=pairs(heldout))

    assert [(f.code, f.severity) for f in check_sizes(data, {})] == expected


# research/trainers-evaluation.md section 2, row d = .2
@pytest.mark.parametrize(
    ("n", "points"), [(50, 17.7), (100, 12.5), (200, 8.9), (500, 5.6), (1000, 4.0)]
)
def test_the_smallest_difference_is_that_of_the_table(n: int, points: float) -> None:
    assert 100 * smallest_difference(n) == pytest.approx(points, abs=0.06)


def test_long_examples_are_found_with_a_counter(dataset) -> None:
    data = dataset(train=[("short", "a"), ("x" * 90, "a")])
    tokens = count(data, TokenCounter(len, "by characters", context_tokens=100))

    found = list(check_lengths(data, {}, tokens))

    assert [(f.code, f.lines) for f in found] == [
        ("over_context", (2,)),
        ("over_long", (2,)),
    ]
    assert (
        "more than 100 tokens (counted as by characters does; the longest"
        in found[0].message
    )
    assert list(check_lengths(data, {}, None)) == []


def test_an_estimate_says_that_it_is_one(dataset) -> None:
    data = dataset(train=[("x" * 5_000, "a")])

    (found,) = check_lengths(data, {}, count(data, TokenCounter()))

    assert found.code == "over_long"
    assert "1,024 tokens (estimated, 1 for 4 bytes; the longest 1," in found.message


def test_lengths_of_many_examples_are_those_of_a_sample(dataset) -> None:
    data = dataset(train=[("x" * 5_000, "a")] * 6_000)

    (found,) = check_lengths(data, {}, count(data, TokenCounter()))

    assert "in a sample of 5,000 of 6,000 (seed 20261126), 5,000 examples" in (
        found.message
    )
    assert len(found.lines) == 5_000


def test_distinct_pairs_are_counted() -> None:
    # "a b c" has ab, bc; "a b d" has ab, bd: 3 different of 4
    assert distinct_share(["a b c", "a b d"], 2) == pytest.approx(0.75)
    assert distinct_share([], 2) == 1.0


def test_prompts_of_one_template_are_little_varied(dataset) -> None:
    data = dataset(
        train=[(f"what is the due date of ticket {i}", "a") for i in range(200)]
    )

    assert [f.code for f in check_variety(data, {})] == ["low_diversity"]


def on(*documents: str, group: str = "") -> list[Example]:
    chat = (Message("user", "?"), Message("assistant", "!"))
    return [
        Example(chat, gold_doc_ids=(d, "more") if d else (), group=group)
        for d in documents
    ]


def test_questions_that_share_their_document_are_told() -> None:
    found = on_few_documents(on("a", "a", "b", "b", ""))

    assert found.startswith("4 held-out examples rest on 2 documents, ")
    assert "metadata.group" in found


@pytest.mark.parametrize(
    "heldout",
    [
        on(),
        on("", ""),
        on("a"),
        on("a", "b"),
        on("a", *"abcdefghi"),  # nine documents for ten examples
        on("a", "a", group="customer"),  # a person has said what belongs together
    ],
)
def test_questions_on_documents_of_their_own_are_not(heldout: list[Example]) -> None:
    assert on_few_documents(heldout) == ""

import pytest

from tunewise.datasets.sizes import (
    check_lengths,
    check_sizes,
    check_variety,
    distinct_share,
    smallest_difference,
    token_counts,
)


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

    found = list(check_lengths(data, {}, len, 100))

    assert [(f.code, f.lines) for f in found] == [("over_long", (2,))]
    assert list(check_lengths(data, {}, None, 1)) == []


def test_tokens_include_the_turn_marks(make) -> None:
    # system 21 + user 1 + assistant 1 characters, and 4 for each of 3 messages
    assert token_counts([make("q", "a")], len) == [21 + 1 + 1 + 12]


def test_distinct_pairs_are_counted() -> None:
    # "a b c" has ab, bc; "a b d" has ab, bd: 3 different of 4
    assert distinct_share(["a b c", "a b d"], 2) == pytest.approx(0.75)
    assert distinct_share([], 2) == 1.0


def test_prompts_of_one_template_are_little_varied(dataset) -> None:
    data = dataset(
        train=[(f"what is the due date of ticket {i}", "a") for i in range(200)]
    )

    assert [f.code for f in check_variety(data, {})] == ["low_diversity"]

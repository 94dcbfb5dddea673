import pytest

from tunewise.datasets.labels import label_counts


@pytest.mark.parametrize(
    ("references", "closed"),
    [
        (["yes", "no"] * 3, True),
        ([" yes", "yes "] * 3, True),
        ([f"intent_{i % 77}" for i in range(5_000)], True),
        ([], False),
        (["a", "b", "c"], False),  # each once
        ([f"label {i % 300}" for i in range(5_000)], False),  # too many
        (["yes"] * 98 + ["2024-01-02", "2024-03-04"], False),  # a tail of single ones
        (["x" * 101] * 10, False),
        (["two\nlines"] * 10, False),
        (['{"intent": "a"}'] * 10, False),
    ],
)
def test_a_label_set_is_closed_when_its_labels_are_few_and_short(
    references: list[str], closed: bool
) -> None:
    assert (label_counts(references) is not None) is closed

from tunewise.datasets.groups import check_groups
from tunewise.domain.dataset import Dataset, Split


def test_groups_that_train_does_not_show_are_told(make) -> None:
    data = Dataset(
        {
            Split.TRAIN: (make("a", "x", 1, group="one"),),
            Split.HELDOUT: (
                make("b", "x", 1, group="one"),
                make("c", "x", 2, group="two"),
                make("d", "x", 3),
                make("e", "x", 4, group="two"),
            ),
        }
    )

    (found,) = check_groups(data, {"heldout": "test.jsonl"})

    assert (found.code, found.file, found.lines) == (
        "unseen_groups",
        "test.jsonl",
        (2, 4),
    )
    assert "1 group of held-out (50.0 % of its examples)" in found.message


def test_without_groups_in_train_nothing_is_said(make) -> None:
    data = Dataset(
        {
            Split.TRAIN: (make("a", "x"),),
            Split.HELDOUT: (make("b", "x", group="two"),),
        }
    )

    assert list(check_groups(data, {})) == []

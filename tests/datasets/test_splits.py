from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tunewise.datasets.splits import fill, limit, part
from tunewise.domain.dataset import Dataset, Example, Message, Split


def example(question: str, answer: str = "a", group: str = "") -> Example:
    messages = (Message("user", question), Message("assistant", answer))
    return Example(messages, group=group)


def sides(data: Dataset) -> dict[Example, Split]:
    return {e: s for s in Split for e in data.split(s)}


def test_a_fifth_goes_to_each_missing_split() -> None:
    train = tuple(example(f"question {i}") for i in range(2_000))

    filled = fill(Dataset({Split.TRAIN: train}))

    # binomial: 400 +- 4 standard deviations of sqrt(2000 * .2 * .8) = 18
    assert abs(len(filled.split(Split.HELDOUT)) - 400) < 72
    assert abs(len(filled.split(Split.VALIDATION)) - 400) < 72
    assert Counter(train) == Counter(sides(filled).keys())


def test_given_splits_are_left_alone() -> None:
    train = tuple(example(f"question {i}") for i in range(100))
    heldout = (example("held"),)

    filled = fill(Dataset({Split.TRAIN: train, Split.HELDOUT: heldout}))

    assert filled.split(Split.HELDOUT) == heldout
    assert filled.split(Split.VALIDATION) == (
        fill(Dataset({Split.TRAIN: train})).split(Split.VALIDATION)
    )


def test_no_example_changes_side_when_others_are_added() -> None:
    train = tuple(example(f"question {i}") for i in range(300))

    few = sides(fill(Dataset({Split.TRAIN: train[:100]})))
    many = sides(fill(Dataset({Split.TRAIN: train})))

    assert all(many[e] is side for e, side in few.items())


def test_a_group_and_a_prompt_stay_together() -> None:
    grouped = tuple(example(f"q{i}", group=f"g{i % 7}") for i in range(70))
    reworded = tuple(example("Same  prompt", answer=str(i)) for i in range(5))
    reworded += tuple(example("same prompt", answer=str(i)) for i in range(5))
    others = tuple(example(f"other {i}") for i in range(9))

    by_group = sides(fill(Dataset({Split.TRAIN: grouped})))
    by_prompt = sides(fill(Dataset({Split.TRAIN: reworded + others})))

    assert len({(e.group, s) for e, s in by_group.items()}) == 7
    assert len({by_prompt[e] for e in reworded}) == 1


@given(st.integers(3, 12))
def test_three_prompts_are_enough_for_three_splits(n: int) -> None:
    filled = fill(Dataset({Split.TRAIN: tuple(example(f"q{i}") for i in range(n))}))

    assert all(filled.split(s) for s in Split)


def test_less_than_three_prompts_leave_train_something() -> None:
    filled = fill(Dataset({Split.TRAIN: (example("only one"),)}))

    assert sum(len(filled.split(s)) for s in Split) == 1
    assert fill(Dataset({})).split(Split.HELDOUT) == ()


def test_a_limit_keeps_each_labels_share_and_nests() -> None:
    labels = ["yes"] * 60 + ["no"] * 30 + ["maybe"] * 10
    examples = tuple(example(f"q{i}", label) for i, label in enumerate(labels))

    ten, fifty = limit(examples, 10), limit(examples, 50)

    assert Counter(e.reference for e in ten) == {"yes": 6, "no": 3, "maybe": 1}
    assert Counter(e.reference for e in fifty) == {"yes": 30, "no": 15, "maybe": 5}
    assert set(ten) <= set(fifty)
    assert list(fifty) == [e for e in examples if e in set(fifty)]  # file order


def test_a_limit_does_not_depend_on_file_order() -> None:
    examples = tuple(example(f"q{i}", f"answer {i}") for i in range(40))

    assert set(limit(examples, 7)) == set(limit(examples[::-1], 7))
    assert limit(examples, 0) == limit(examples, 99) == examples


def test_a_quarter_lies_in_the_half_and_every_label_keeps_its_share() -> None:
    train = tuple(
        example(f"question {i}", "card" if i % 4 else "refund") for i in range(160)
    )

    quarter, half = part(train, 4), part(train, 2)

    assert (len(quarter), len(half)) == (40, 80)
    assert set(quarter) < set(half) < set(train)
    assert Counter(e.reference for e in quarter) == {"card": 30, "refund": 10}
    assert part(tuple(reversed(train)), 4) == tuple(reversed(quarter))


def test_parts_keep_groups_whole() -> None:
    train = tuple(example(f"question {i}", group=f"g{i // 5}") for i in range(200))
    sizes = Counter(e.group for e in train)

    quarter, half = part(train, 4), part(train, 2)

    for some, size in ((quarter, 50), (half, 100)):
        assert len(some) == size
        assert all(n == sizes[g] for g, n in Counter(e.group for e in some).items())
    assert {e.group for e in quarter} < {e.group for e in half}


def test_a_group_that_is_most_of_train_is_parted() -> None:
    train = tuple(
        example(f"question {i}", group="one" if i < 90 else "two") for i in range(100)
    )

    assert len(part(train, 4)) == 25


def test_a_part_of_too_few_is_empty() -> None:
    assert part((example("one"), example("two")), 4) == ()


@given(st.lists(st.integers(0, 30), min_size=8, max_size=120))
def test_smaller_parts_always_lie_in_larger_ones(groups: list[int]) -> None:
    train = tuple(example(f"q{i}", group=f"g{g}") for i, g in enumerate(groups))

    assert set(part(train, 4)) <= set(part(train, 2)) <= set(train)

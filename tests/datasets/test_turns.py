from tunewise.datasets.turns import check_turns
from tunewise.domain.dataset import Dataset, Example, Message, Split


def dataset(*roles: str) -> Dataset:
    examples = tuple(
        Example(tuple(Message(r, "x") for r in named.split()), line=line)
        for line, named in enumerate(roles, start=1)
    )
    return Dataset({Split.TRAIN: examples})


def test_an_example_without_a_user_is_told_by_its_line() -> None:
    data = dataset("system user assistant", "system assistant")

    (found,) = check_turns(data, {"train": "t.jsonl"})

    assert (found.code, found.file, found.lines) == (
        "missing_user_message",
        "t.jsonl",
        (2,),
    )


def test_a_system_message_is_missed_where_others_have_one() -> None:
    some = dataset("system user assistant", "user assistant")
    none = dataset("user assistant", "user assistant")

    assert [(f.code, f.lines) for f in check_turns(some, {})] == [
        ("missing_system_message", (2,))
    ]
    assert list(check_turns(none, {})) == []

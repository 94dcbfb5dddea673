import pytest

from tunewise.datasets.diff import diff, diff_records
from tunewise.domain.dataset import Dataset, Document, Split
from tunewise.domain.errors import DatasetError


def keys(changes):
    return [c.key for c in changes]


def test_records_are_paired_by_key() -> None:
    a = [{"id": 1, "v": "a"}, {"id": 2, "v": "b"}, {"id": 3, "v": "c"}]
    b = [{"id": 3, "v": "c"}, {"id": 2, "v": "B", "w": 0}, {"id": 4, "v": "d"}]

    found = diff_records(a, b, "id")

    assert (keys(found.added), keys(found.removed)) == (["4"], ["1"])
    assert [(c.key, c.fields) for c in found.changed] == [("2", ("v", "w"))]
    assert found.changed[0].before == a[1]
    assert found.changed[0].after == b[1]
    assert (found.moved, found.unchanged) == ((), 1)


def test_a_key_may_lie_inside_another_field() -> None:
    found = diff_records(
        [{"metadata": {"id": "x"}, "v": 1}],
        [{"metadata": {"id": "x"}, "v": 2}],
        "metadata.id",
    )

    assert keys(found.changed) == ["x"]


def test_examples_that_all_have_an_id_are_paired_by_it() -> None:
    def example(id: str, text: str) -> dict[str, object]:
        return {"messages": text, "metadata": {"id": id}}

    a = [example("x", "a cat"), example("y", "a dog")]
    b = [example("y", "a bird of prey"), example("z", "a cat")]

    found = diff_records(a, b)

    assert keys(found.changed) == ["y"]
    assert (keys(found.added), keys(found.removed)) == (["z"], ["x"])


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([{"id": 1}, {"id": 1}], "record 2 of the first: a second record has id = '1'"),
        ([{"id": 1}, {"name": "x"}], "record 2 of the first: it has no 'id'"),
    ],
)
def test_a_key_must_name_each_record(records, said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        diff_records(records, records, "id")


def test_records_without_a_key_are_paired_by_likeness() -> None:
    text = "a long description of one thing that somebody edits a little"
    a = [{"t": text}, {"t": "gone for good, nothing like it"}]
    b = [{"t": text + " now"}, {"t": "12345 67890 completely new"}]

    found = diff_records(a, b)

    assert [(c.before, c.after) for c in found.changed] == [(a[0], b[0])]
    assert len(found.added) == len(found.removed) == 1


def test_examples_change_move_come_and_go(make) -> None:
    stays, edited, moves = make("stays", "a"), make("edited", "a"), make("moves", "c")
    gone, new = make("gone away", "d"), make("entirely new here", "e")
    a = Dataset({Split.TRAIN: (stays, edited, moves, gone)})
    b = Dataset(
        {Split.TRAIN: (new, make("edited", "b"), stays), Split.HELDOUT: (moves,)}
    )

    found = diff(a, b)

    assert keys(found.added) == ["entirely new here"]
    assert keys(found.removed) == ["gone away"]
    assert [(c.key, c.fields) for c in found.changed] == [("edited", ("messages",))]
    assert [(c.key, c.before, c.after) for c in found.moved] == [
        ("moves", {"split": "train"}, {"split": "heldout"})
    ]
    assert found.unchanged == 1


def test_an_id_pairs_examples_that_have_nothing_else_in_common(make) -> None:
    a = Dataset({Split.TRAIN: (make("before", "a", id="7"),)})
    b = Dataset({Split.TRAIN: (make("something else", "z", id="7"),)})

    assert keys(diff(a, b).changed) == ["7"]


def test_repetition_is_counted(make) -> None:
    one = make("same", "a")
    a, b = Dataset({Split.TRAIN: (one, one)}), Dataset({Split.TRAIN: (one,)})

    assert (len(diff(a, b).removed), diff(a, b).unchanged) == (1, 1)


def test_documents_are_compared_by_id() -> None:
    a = Dataset({}, (Document("d", "", "old"), Document("e", "", "x")))
    b = Dataset({}, (Document("d", "", "new"), Document("f", "", "x")))

    found = diff(a, b)

    assert keys(found.changed) == ["document:d"]
    assert keys(found.added) == ["document:f"]
    assert keys(found.removed) == ["document:e"]


def test_a_dataset_does_not_differ_from_itself(make) -> None:
    data = Dataset({Split.TRAIN: (make("q", "a", id="1"), make("r", "b"))})

    found = diff(data, data)

    assert found.unchanged == 2
    assert found.added + found.removed + found.changed + found.moved == ()

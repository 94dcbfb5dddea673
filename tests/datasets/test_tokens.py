import pytest

from tunewise.datasets.tokens import TokenCounter, count
from tunewise.domain.dataset import Dataset, Document, Example, Message, Split


def test_tokens_include_the_turn_marks(dataset) -> None:
    # system 21 + user 1 + assistant 1 characters, and 4 for each of 3 messages
    found = count(dataset(train=[("q", "a")]), TokenCounter(len, "x"))

    assert found.splits[Split.TRAIN].lengths == (21 + 1 + 1 + 12,)


def test_every_message_of_the_assistant_is_trained_on() -> None:
    roles = ("user", "assistant", "user", "assistant")
    chat = tuple(Message(role, "x" * n) for n, role in enumerate(roles, start=1))
    data = Dataset({Split.TRAIN: (Example(chat, line=7),)})

    found = count(data, TokenCounter(len, "x")).splits[Split.TRAIN]

    assert (found.trained, found.references, found.lines) == (2 + 4, (4,), (7,))


def test_a_sample_is_the_same_every_time_and_says_of_how_many(dataset) -> None:
    data = dataset(heldout=[(str(n), "a") for n in range(5_001)])

    first, again = (count(data, TokenCounter()).splits[Split.HELDOUT] for _ in "12")

    assert first == again
    assert (len(first.lines), first.of) == (5_000, 5_001)
    assert list(first.lines) == sorted(first.lines)


def test_documents_are_counted() -> None:
    found = count(Dataset({}, (Document("d", "", "four"),)), TokenCounter())

    assert found.documents == (1,)


@pytest.mark.parametrize(
    ("context", "longest"), [(None, 1024), (512, 512), (8192, 1024)]
)
def test_training_takes_no_more_than_the_base_model_reads(context, longest) -> None:
    assert TokenCounter(len, "x", context).max_length == longest

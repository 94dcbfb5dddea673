"""A hybrid shows as many passages as find the answer, and no more."""

import pytest

from trainer.passage_count import pick_count
from trainer.passages import Passage
from trainer.retrieval import PassageIndex

PASSAGES = tuple(Passage(f"d{n}", "", f"the answer is {n}") for n in range(4))


class InOrder(PassageIndex):
    """Ranks passages as the digits of a question say."""

    def search(self, question: str, k: int) -> tuple[Passage, ...]:
        return tuple(self.passages[int(digit)] for digit in question)[:k]

    def described(self) -> dict[str, object]:
        return {}


def words(text: str) -> int:
    return len(text.split())


def asked(ask, first: int, second: int = 0, third: int = 0, none: int = 0):
    """Return examples whose right passage stands first, second, third or nowhere."""
    orders = ["0123"] * first + ["1023"] * second + ["1203"] * third + ["1230"] * none
    return [ask(order, "answer is 0", gold_doc_ids=("d0",)) for order in orders]


@pytest.mark.parametrize(
    ("ranks", "k"),
    [
        ((100,), 1),  # the first always has it
        ((98, 2), 1),  # 2 of 100 more: not more than the least gain
        ((97, 3), 2),
        ((50, 40, 10), 3),
        ((50, 40, 0, 10), 2),  # a third passage finds nothing more
        ((0, 0, 0, 100), 1),  # none finds it
    ],
)
def test_the_fewest_passages_that_find_nearly_as_much_are_picked(ask, ranks, k) -> None:
    found = pick_count(InOrder(PASSAGES), asked(ask, *ranks), (3, 1, 2), words)

    assert found.k == k
    assert found.questions == sum(ranks)


def test_what_was_tried_is_told_with_its_tokens(ask) -> None:
    found = pick_count(InOrder(PASSAGES), asked(ask, 3, 1), (1, 2), words)

    # 3 of 4 have the answer first; a passage has four words
    assert found.described()["tried"] == [
        {"k": 1, "found": 0.75, "passage_tokens_mean": 4.0},
        {"k": 2, "found": 1.0, "passage_tokens_mean": 8.0},
    ]


def test_where_no_right_passage_is_known_the_fewest_are_shown(ask) -> None:
    found = pick_count(InOrder(PASSAGES), [ask("0123", "elsewhere")], (2, 4), words)

    assert (found.k, found.questions) == (2, 0)
    assert [tried.found for tried in found.tried] == [None, None]


def test_one_number_is_taken_as_it_stands(ask) -> None:
    assert pick_count(InOrder(PASSAGES), asked(ask, 0, 5), (1,), words).k == 1

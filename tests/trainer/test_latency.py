import time

import pytest

from trainer.answering import Timed
from trainer.latency import Latency, choose, measure, summary

SLOW = 0.02  # seconds that building a prompt takes here


class Clockwork:
    """Answers every chat in a second, its first token in a quarter of one."""

    def __init__(self, first: float | None = 0.25) -> None:
        self.asked: list[str] = []
        self.first = first

    def time_alone(self, chat) -> Timed:
        self.asked.append(chat[-1].content)
        return Timed(self.first, 1.0)


@pytest.fixture
def heldout(ask):
    return [ask(f"q{n}", "a") for n in range(30)]


def silent(done: int, total: int) -> None:
    pass


def test_the_same_twenty_are_drawn_every_time_and_from_all_over(heldout, ask) -> None:
    one = choose(heldout, [ask("w", "a")], 20)
    other = choose(list(heldout), [ask("w", "a")], 20)

    assert one == other
    assert len(set(one.timed)) == 20
    assert one.timed != tuple(heldout[:20])
    assert set(one.timed) & set(heldout[20:])


def test_who_warms_up_is_not_timed(heldout, ask) -> None:
    outside = choose(heldout, [ask("w", "a"), ask("v", "a")], 20)
    inside = choose(heldout, [], 20)

    assert outside.warm_up.question == "w"
    assert inside.warm_up in heldout
    assert inside.warm_up not in inside.timed
    assert len(inside.timed) == 20


def test_a_short_split_times_what_it_has(heldout, ask) -> None:
    assert len(choose(heldout[:5], [ask("w", "a")], 20).timed) == 5
    assert len(choose(heldout[:5], [], 20).timed) == 4
    assert choose(heldout[:1], [], 20).timed == (heldout[0],)
    assert choose(heldout, [], 0) is None
    assert choose([], [ask("w", "a")], 20) is None


def test_building_the_prompt_counts_and_every_example_is_asked_once(
    heldout, ask
) -> None:
    def build(example):
        time.sleep(SLOW)
        return example.prompt

    answerer, told = Clockwork(), []
    chosen = choose(heldout, [ask("w", "a")], 3)

    found = measure(answerer, build, chosen, progress=lambda *step: told.append(step))

    assert answerer.asked == ["w", *(e.question for e in chosen.timed)]
    assert told == [(1, 3), (2, 3), (3, 3)]
    for one in found:
        assert one.build_seconds >= SLOW
        assert one.first_token_seconds == pytest.approx(one.build_seconds + 0.25)
        assert one.seconds == pytest.approx(one.build_seconds + 1.0)


def test_an_answer_in_one_piece_has_no_first_token(heldout, ask) -> None:
    chosen = choose(heldout, [ask("w", "a")], 2)

    found = measure(Clockwork(first=None), lambda e: e.prompt, chosen, progress=silent)

    assert summary(found)["first_token"] is None
    assert summary(found)["p50"] >= 1.0


def test_percentiles_by_hand() -> None:
    # seconds 1 to 21: the middle one is 11, and 5 % of the way from the top is 20
    found = summary([Latency(0.5, n / 2, float(n)) for n in range(1, 22)])

    assert found == {
        "p50": 11.0,
        "p95": 20.0,
        "first_token": {"p50": 5.5, "p95": 10.0},
        "build": {"p50": 0.5, "p95": 0.5},
        "n": 21,
    }


def test_one_request_says_nothing_of_the_others() -> None:
    assert summary([]) is None
    assert summary([Latency(0.1, 0.2, 0.3)]) is None

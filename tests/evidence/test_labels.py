import numpy as np
import pytest

from tunewise.evidence.intervals import mid_p
from tunewise.evidence.labels import label_score, share


def rows(right: int, wrong: int, missed: int, other: int = 5) -> np.ndarray:
    one = np.eye(4)[:, :3]  # right, wrongly answered, missed, none of them
    return np.repeat(one, [right, wrong, missed, other], axis=0)


def test_each_score_is_a_share_of_its_own_examples() -> None:
    found = label_score(rows(6, 2, 4))

    assert found.support == 10
    assert (found.precision.value, found.precision.n) == (0.75, 8)
    assert (found.recall.value, found.recall.n) == (0.6, 10)
    assert (found.f1.value, found.f1.n) == (pytest.approx(2 * 6 / 18), 12)
    assert (found.recall.low, found.recall.high) == mid_p(6, 10)


def test_the_interval_of_f1_comes_from_the_share_of_either() -> None:
    found = label_score(rows(6, 2, 4))

    # F1 = 2 F* / (1 + F*) with F* = 6 / 12; so are its bounds
    low, high = mid_p(6, 12)
    assert found.f1.low == pytest.approx(2 * low / (1 + low))
    assert found.f1.high == pytest.approx(2 * high / (1 + high))


def test_the_interval_of_f1_covers_the_truth() -> None:
    # 500 draws of 60 examples with 30 % of the label; binomial error of 95 % is 1 pt.
    # P(right) = .2, P(wrong) = .06, P(missed) = .1: F1 = .4 / .56
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(500):
        counts = rows(*rng.multinomial(60, [0.2, 0.06, 0.1, 0.64]))
        found = label_score(counts).f1
        hits += found.low <= 0.4 / 0.56 <= found.high

    assert 0.92 <= hits / 500 <= 0.98


def test_a_label_that_is_never_answered_has_no_precision() -> None:
    found = label_score(rows(0, 0, 3))

    assert found.precision is None
    assert (found.recall.value, found.f1.value) == (0.0, 0.0)
    assert found.f1.high > 0.5  # three examples say little


def test_a_label_that_nothing_should_have_is_no_label() -> None:
    with pytest.raises(ValueError, match="no example should have"):
        label_score(rows(0, 2, 0))


def test_groups_are_drawn_together() -> None:
    counts = rows(20, 0, 20, other=0)
    groups = [f"g{n // 10}" for n in range(40)]  # two are all right, two all wrong

    alone = label_score(counts).recall
    grouped = label_score(counts, groups=groups).recall

    assert grouped.value == alone.value
    assert grouped.high - grouped.low > alone.high - alone.low


def test_groups_without_the_label_do_not_narrow_its_interval() -> None:
    counts = rows(3, 0, 0, other=300)
    groups = [f"g{n}" for n in range(303)]

    found = label_score(counts, groups=groups)

    assert found.recall.low == pytest.approx(mid_p(3, 3).low)


def test_nothing_counted_is_no_share() -> None:
    assert share(np.zeros(3), np.zeros(3)) is None

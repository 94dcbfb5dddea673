import numpy as np
import pytest

from tunewise.evidence.aggregates import mean
from tunewise.evidence.intervals import mid_p, score_of
from tunewise.evidence.slices import slices_of, too_small


def test_slices_are_scored_with_their_own_interval_and_number(counts) -> None:
    labels = ["card"] * 40 + ["refund"] * 20
    right = [1] * 30 + [0] * 10 + [1] * 5 + [0] * 15

    card, refund = slices_of(counts(right), mean, {"label": labels}, seed=0)

    assert (card.kind, card.name, card.score.n) == ("label", "card", 40)
    assert (card.score.value, refund.score.value) == (0.75, 0.25)
    assert (refund.score.low, refund.score.high) == pytest.approx(mid_p(5, 20))


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["few"] * 19 + ["many"] * 41, ["many"]),
        ([""] * 30 + ["named"] * 30, ["named"]),
        (["everything"] * 60, []),
    ],
)
def test_few_examples_and_all_examples_are_no_slice(counts, names, found) -> None:
    slices = slices_of(counts([1, 0] * 30), mean, {"group": names}, seed=0)

    assert [s.name for s in slices] == found


def test_examples_of_one_group_stay_together_within_a_slice(counts) -> None:
    rng = np.random.default_rng(0)
    values = np.repeat(rng.integers(0, 2, 12), 5)
    groups = [str(i // 5) for i in range(60)]
    length = ["short"] * 40 + ["long"] * 20
    parts = {"length": length, "group": ["a"] * 30 + ["b"] * 30}

    short, *_ = slices_of(counts(values), mean, parts, seed=0, groups=groups)

    alone = score_of(counts(values[:40]), mean, seed=0)
    assert short.score.value == alone.value
    assert (short.score.high - short.score.low) > 1.5 * (alone.high - alone.low)


def test_a_slice_that_is_a_group_is_about_that_group(counts) -> None:
    groups = ["a"] * 30 + ["b"] * 30
    right = [1] * 20 + [0] * 40

    (a, _) = slices_of(counts(right), mean, {"group": groups}, seed=0, groups=groups)

    assert (a.score.low, a.score.high) == pytest.approx(mid_p(20, 30))


def test_what_is_too_small_is_counted() -> None:
    assert too_small(["a"] * 20 + ["b", "b", "c", ""]) == 2

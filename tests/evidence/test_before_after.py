import numpy as np
import pytest
from scipy.stats import bootstrap

from tunewise.evidence.before_after import before_after


def test_the_difference_is_the_mean_over_examples() -> None:
    found = before_after([2.0, 3.0, 4.0], [2.5, 3.0, 5.0], seed=0)

    # by hand: (0.5 + 0 + 1) / 3
    assert found.difference == pytest.approx(0.5)
    assert (found.before, found.after) == (3.0, 3.5)
    assert (found.low <= 0.5 <= found.high, found.n) == (True, 3)


def test_examples_are_drawn_in_pairs_so_that_their_difficulty_falls_out() -> None:
    hard = np.random.default_rng(1).normal(5, 3, size=48)
    rise = np.random.default_rng(2).normal(0.5, 0.2, size=48)

    found = before_after(list(hard), list(hard + rise), seed=0)

    # unpaired the error would be 3 * sqrt(2 / 48) = 0.6, and nothing shown
    assert found.high - found.low < 0.2
    assert (found.risen, found.fallen) == (True, False)


def test_the_interval_is_about_scipys_bca_of_the_differences() -> None:
    apart = np.random.default_rng(3).gamma(1.0, 0.4, size=48)

    found = before_after([0.0] * 48, list(apart), seed=0)

    theirs = bootstrap(
        (apart,), np.mean, n_resamples=9_999, rng=np.random.default_rng(0)
    ).confidence_interval
    # ours reaches as far as Student's t over 48 units says: 2.01 * 1.01 for 1.96
    assert found.low == pytest.approx(theirs.low, abs=0.02)
    assert found.high == pytest.approx(theirs.high, abs=0.03)


def test_no_change_is_no_change_and_nothing_is_shown() -> None:
    found = before_after([0.3, 1.7, 2.2], [0.3, 1.7, 2.2], seed=0)

    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)
    assert (found.risen, found.fallen) == (False, False)


def test_what_falls_is_said_to_have_fallen() -> None:
    found = before_after([1.0] * 30, [0.5 + n / 100 for n in range(30)], seed=0)

    assert (found.risen, found.fallen) == (False, True)


@pytest.mark.parametrize("after", [[1.0], [1.0, 2.0, 3.0]], ids=["one", "three"])
def test_measures_of_other_examples_are_refused(after: list[float]) -> None:
    with pytest.raises(ValueError, match="2 measures before and"):
        before_after([1.0, 2.0], after, seed=0)


def test_one_example_alone_says_nothing() -> None:
    with pytest.raises(ValueError, match="1 measures before and 1 after"):
        before_after([1.0], [2.0], seed=0)

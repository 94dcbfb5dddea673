import numpy as np
import pytest
import scipy.stats

from tunewise.evidence.aggregates import mean
from tunewise.evidence.intervals import bootstrap, score_of, unit_sums, wilson


@pytest.mark.parametrize(("k", "n"), [(0, 10), (8, 10), (10, 10), (37, 120), (0, 1)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_wilson_is_scipys(k: int, n: int, confidence: float) -> None:
    expected = scipy.stats.binomtest(k, n).proportion_ci(confidence, method="wilson")

    assert wilson(k, n, confidence) == pytest.approx((expected.low, expected.high))


def test_nothing_seen_bounds_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_bootstrap_agrees_with_scipys_bca(counts) -> None:
    values = np.random.default_rng(1).beta(2, 1, 60)
    expected = scipy.stats.bootstrap(
        (values,), np.mean, method="BCa", n_resamples=9_999, random_state=2
    ).confidence_interval

    found = bootstrap(counts(values), mean, seed=3, resamples=9_999)

    assert found == pytest.approx((expected.low, expected.high), abs=0.004)


def test_bootstrap_covers_the_truth(counts) -> None:
    # 300 draws of 60 from a U-shaped distribution with mean .5; binomial error 1.3 pt
    rng = np.random.default_rng(0)
    hits = 0
    for seed in range(300):
        found = bootstrap(
            counts(rng.beta(0.5, 0.5, 60)), mean, seed=seed, resamples=500
        )
        hits += found.low <= 0.5 <= found.high

    assert 0.90 <= hits / 300 <= 0.985


@pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
def test_equal_scores_do_not_make_an_interval_of_no_width(counts, value: float) -> None:
    found = bootstrap(counts([value] * 10), mean, seed=0)

    assert found == pytest.approx(wilson(value * 10, 10))
    assert found.high - found.low > 0.25


def test_groups_widen_the_interval(counts) -> None:
    # ten groups of ten examples that all score the same: ten units, not a hundred
    values = np.repeat([0.1, 0.9] * 5, 10)
    groups = [f"g{i // 10}" for i in range(100)]

    alone = bootstrap(counts(values), mean, seed=0)
    grouped = bootstrap(counts(values), mean, seed=0, groups=groups)

    assert (grouped.high - grouped.low) > 2 * (alone.high - alone.low)


def test_examples_without_a_group_stand_alone(counts) -> None:
    sums = unit_sums(counts([1, 2, 3, 4]), ["a", "", "a", ""])

    assert sorted(sums.tolist()) == [[2.0, 1.0], [4.0, 1.0], [4.0, 2.0]]


def test_groups_must_be_as_many_as_examples(counts) -> None:
    with pytest.raises(ValueError, match="3 examples, but 1 groups"):
        unit_sums(counts([1, 2, 3]), ["a"])


def test_a_share_is_scored_with_wilson(counts) -> None:
    found = score_of(counts([1] * 8 + [0] * 2), mean, seed=0)

    assert (found.value, found.n) == (0.8, 10)
    assert (found.low, found.high) == pytest.approx(wilson(8, 10))


def test_any_other_metric_holds_its_value_and_repeats_by_seed(counts) -> None:
    values = np.random.default_rng(5).random(30)

    one, other = (score_of(counts(values), mean, seed=7) for _ in range(2))

    assert one == other
    assert one.low <= one.value <= one.high


def test_no_examples_have_no_score() -> None:
    with pytest.raises(ValueError, match="no examples"):
        score_of(np.empty((0, 2)), mean, seed=0)

import numpy as np
import pytest
import scipy.stats

from tunewise.evidence.aggregates import label_counts, macro_f1, mean
from tunewise.evidence.intervals import (
    as_share,
    bootstrap,
    mid_p,
    score_of,
    student,
    unit_sums,
    wilson,
)


@pytest.mark.parametrize(("k", "n"), [(0, 10), (8, 10), (10, 10), (37, 120), (0, 1)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_wilson_is_scipys(k: int, n: int, confidence: float) -> None:
    expected = scipy.stats.binomtest(k, n).proportion_ci(confidence, method="wilson")

    assert wilson(k, n, confidence) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("k", "n"), [(0, 10), (1, 10), (8, 10), (10, 10), (37, 120)])
def test_mid_p_leaves_half_of_five_percent_on_either_side(k: int, n: int) -> None:
    low, high = mid_p(k, n)

    at_low, at_high = (
        scipy.stats.binom.sf(k, n, p) + scipy.stats.binom.pmf(k, n, p) / 2
        for p in (low, high)
    )
    assert low == 0 if k == 0 else at_low == pytest.approx(0.025)
    assert high == 1 if k == n else at_high == pytest.approx(0.975)


def test_mid_p_of_none_is_the_rule_of_three() -> None:
    # half of (1 - p)^n is 2.5 %: p = 1 - .05^(1 / n), about 3 / n
    assert mid_p(0, 300).high == pytest.approx(1 - 0.05 ** (1 / 300))
    assert mid_p(0, 300).high == pytest.approx(0.01, rel=0.01)


def test_mid_p_takes_parts_of_a_success() -> None:
    lows = [mid_p(k, 20).low for k in (3, 3.5, 4)]

    assert lows == sorted(set(lows))
    assert mid_p(1e-9, 20) == pytest.approx(mid_p(0, 20), abs=1e-6)


@pytest.mark.parametrize("n", [50, 100, 200])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_mid_p_covers_93_to_97_percent(n: int, p: float) -> None:
    holds = np.array([mid_p(k, n).low <= p <= mid_p(k, n).high for k in range(n + 1)])

    coverage = scipy.stats.binom.pmf(np.arange(n + 1), n, p) @ holds

    assert 0.93 <= coverage <= 0.97


def test_nothing_seen_bounds_nothing() -> None:
    assert wilson(0, 0) == mid_p(0, 0) == (0.0, 1.0)


def test_bootstrap_agrees_with_scipys_bca_that_reaches_as_far(counts) -> None:
    values = np.random.default_rng(1).beta(2, 1, 60)
    far = student(60, 0.95) * np.sqrt(60 / 59)
    expected = scipy.stats.bootstrap(
        (values,),
        np.mean,
        method="BCa",
        n_resamples=9_999,
        random_state=2,
        confidence_level=2 * scipy.stats.norm.cdf(far) - 1,
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

    assert found == pytest.approx(mid_p(value * 10, 10))
    assert found.high - found.low > 0.25


def test_groups_widen_the_interval(counts) -> None:
    # ten groups of ten examples that all score the same: ten units, not a hundred
    values = np.repeat([0.1, 0.9] * 5, 10)
    groups = [f"g{i // 10}" for i in range(100)]

    alone = score_of(counts(values), mean, seed=0)
    grouped = score_of(counts(values), mean, seed=0, groups=groups)

    assert (grouped.high - grouped.low) > 2 * (alone.high - alone.low)


def test_examples_without_a_group_stand_alone(counts) -> None:
    sums = unit_sums(counts([1, 2, 3, 4]), ["a", "", "a", ""])

    assert sorted(sums.tolist()) == [[2.0, 1.0], [4.0, 1.0], [4.0, 2.0]]


def test_as_many_examples_as_vary_as_much(counts) -> None:
    # 20 groups of 5 that are right or wrong as a whole, p = .3: error^2 is
    # p (1 - p) / 19, so 19 examples, times (1.96 / 2.093)^2 = 16.66
    values = np.repeat([1] * 6 + [0] * 14, 5)
    groups = [str(i // 5) for i in range(100)]

    found = as_share(unit_sums(counts(values), groups), mean)

    assert found == pytest.approx(mid_p(0.3 * 16.66, 16.66), abs=1e-3)


def test_one_group_is_one_unit(counts) -> None:
    found = score_of(counts([1] * 9 + [0]), mean, seed=0, groups=["a"] * 10)

    assert (found.low, found.high) == pytest.approx(mid_p(0.9, 1))


def test_macro_f1_of_a_rare_label_is_less_sure_than_the_bootstrap_has_it() -> None:
    # a label that occurs twice, once right
    expected = ["card"] * 48 + ["refund"] * 2
    rows = label_counts(expected, ["card"] * 48 + ["refund", "card"])

    found = score_of(rows, macro_f1, seed=0)
    drawn = bootstrap(rows, macro_f1, seed=0)

    assert found.low < drawn.low
    assert found.low <= found.value <= found.high


def test_groups_of_one_are_no_groups(counts) -> None:
    values = counts([1] * 8 + [0] * 2)
    alone = [f"customer-{i}" for i in range(10)]

    assert score_of(values, mean, seed=0, groups=alone) == score_of(
        values, mean, seed=0
    )


def test_groups_must_be_as_many_as_examples(counts) -> None:
    with pytest.raises(ValueError, match="3 examples, but 1 groups"):
        unit_sums(counts([1, 2, 3]), ["a"])


def test_a_share_is_scored_with_mid_p(counts) -> None:
    found = score_of(counts([1] * 8 + [0] * 2), mean, seed=0)

    assert (found.value, found.n) == (0.8, 10)
    assert (found.low, found.high) == pytest.approx(mid_p(8, 10))


def test_any_other_metric_holds_its_value_and_repeats_by_seed(counts) -> None:
    values = np.random.default_rng(5).random(30)

    one, other = (score_of(counts(values), mean, seed=7) for _ in range(2))

    assert one == other
    assert one.low <= one.value <= one.high


def test_no_examples_have_no_score() -> None:
    with pytest.raises(ValueError, match="no examples"):
        score_of(np.empty((0, 2)), mean, seed=0)

import numpy as np
import pytest
from sklearn.metrics import f1_score

from tunewise.evidence.aggregates import (
    is_binary,
    label_counts,
    macro_f1,
    mean,
    micro_f1,
)


def test_mean_and_micro_f1_by_hand() -> None:
    assert float(mean(np.array([3.0, 4.0]))) == 0.75
    # 2 * 3 / (2 * 3 + 1 + 2) = 6 / 9
    assert float(micro_f1(np.array([3.0, 1.0, 2.0]))) == pytest.approx(2 / 3)
    assert float(micro_f1(np.zeros(3))) == 0.0


def test_invented_label_lowers_recall_and_adds_no_class() -> None:
    # By hand: "card" has precision 1/1, recall 1/2, F1 2/3; "refund" has F1 1.
    counts = label_counts(["refund", "card", "card"], ["refund", "card", "sorry?"])

    assert float(macro_f1(counts.sum(axis=0))) == pytest.approx((2 / 3 + 1) / 2)


def test_macro_f1_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    expected = rng.integers(0, 5, 200)
    answered = np.where(rng.random(200) < 0.7, expected, rng.integers(0, 5, 200))

    counts = label_counts([str(x) for x in expected], [str(x) for x in answered])

    assert float(macro_f1(counts.sum(axis=0))) == pytest.approx(
        f1_score(expected, answered, average="macro")
    )


def test_many_resamples_are_scored_at_once() -> None:
    sums = np.array([[[1.0, 2.0], [2.0, 2.0]], [[0.0, 0.0], [1.0, 4.0]]])

    assert mean(sums).tolist() == [[0.5, 1.0], [0.0, 0.25]]


def test_a_label_missing_from_a_resample_is_left_out() -> None:
    # label one: F1 = 1; label two is neither expected nor answered
    assert float(macro_f1(np.array([4.0, 0.0, 0.0, 0.0, 0.0, 0.0]))) == 1.0


def test_only_shares_of_single_examples_are_binary(counts) -> None:
    assert is_binary(counts([0, 1, 1]), mean)
    assert not is_binary(counts([0, 0.5, 1]), mean)
    assert not is_binary(counts([0, 1, 1]) * 2, mean)
    assert not is_binary(np.ones((2, 3)), micro_f1)

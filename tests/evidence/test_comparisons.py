import numpy as np
import pytest
import scipy.stats

from tunewise.domain.errors import DatasetError
from tunewise.domain.facts import Conclusion
from tunewise.evidence.aggregates import label_counts, macro_f1
from tunewise.evidence.comparisons import (
    PairedScores,
    compare,
    compare_all,
    holm,
    tango,
)
from tunewise.evidence.intervals import wilson


def outcome(both: int, only_a: int, only_b: int, neither: int):
    """Scores of a and b with these many examples of each kind."""
    a = [1] * both + [1] * only_a + [0] * only_b + [0] * neither
    b = [1] * both + [0] * only_a + [1] * only_b + [0] * neither
    return a, b


def compared(paired, a, b, margin=0.02, groups=None):
    return compare(
        paired("a", a, groups),
        paired("b", b, groups),
        metric="accuracy",
        margin=margin,
        seed=0,
    )


def test_shares_are_compared_with_mcnemars_exact_test(paired) -> None:
    found = compared(paired, *outcome(50, 15, 3, 32))

    assert found.difference == pytest.approx(0.12)
    assert found.p_value == pytest.approx(scipy.stats.binomtest(3, 18).pvalue)
    assert found.conclusion is Conclusion.WIN
    assert found.needs_n is None
    assert found.low > 0


def test_the_other_way_round_it_loses(paired) -> None:
    a, b = outcome(50, 15, 3, 32)

    there, back = compared(paired, a, b), compared(paired, b, a)

    assert back.conclusion is Conclusion.LOSE
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))
    assert back.p_value == there.p_value


def test_tango_without_disagreement_is_wilsons_bound_for_none_of_n() -> None:
    # z^2 / (n + z^2) = 3.8415 / 203.8415
    assert tango(0, 0, 200, 0.95) == pytest.approx((-0.018845, 0.018845), abs=1e-5)
    assert tango(0, 0, 200, 0.95).high == pytest.approx(wilson(0, 200).high)


def test_tango_solves_the_score_equation() -> None:
    # at the upper bound d: (b - c - n d)^2 = z^2 n (2 q + d (1 - d)), where q maximises
    # the likelihood given d: 2 n q^2 + (-b - c + (2 n - b + c) d) q - c d (1 - d) = 0
    b, c, n = 12, 2, 50
    d = tango(b, c, n, 0.95).high
    q = max(np.roots([2 * n, -b - c + (2 * n - b + c) * d, -c * d * (1 - d)]))

    assert (b - c - n * d) ** 2 == pytest.approx(3.841459 * n * (2 * q + d * (1 - d)))


def test_tango_covers_the_truth() -> None:
    rng = np.random.default_rng(0)
    draws = rng.multinomial(80, [0.15, 0.05, 0.8], size=2_000)
    hits = [lo <= 0.1 <= hi for lo, hi in (tango(*k[:2], 80, 0.95) for k in draws)]

    assert 0.935 <= np.mean(hits) <= 0.97


def test_few_identical_answers_prove_no_equivalence(paired) -> None:
    few, many = [1] * 20, [1] * 200

    assert compared(paired, few, few).conclusion is Conclusion.INCONCLUSIVE
    assert compared(paired, many, many).conclusion is Conclusion.EQUIVALENT
    # 2.7055 (1 / .02 - 1) = 132.6, rounded up to two digits
    assert compared(paired, few, few).needs_n == 140


def test_identical_scores_that_are_no_shares_need_as_many(paired) -> None:
    assert compared(paired, [0.5] * 20, [0.5] * 20).needs_n == 140
    assert compared(paired, [0.5] * 20, [0.5] * 20).high > 0.1
    assert (
        compared(paired, [0.5] * 200, [0.5] * 200).conclusion is Conclusion.EQUIVALENT
    )


def test_needs_n_for_a_difference_follows_the_formula(paired) -> None:
    # d = 30 / 100, difference .06: variance .3 - .0036 = .2964;
    # .2964 (2.8 / .06)^2 = 645.5, rounded up to two digits
    found = compared(paired, *outcome(40, 18, 12, 30))

    assert found.conclusion is Conclusion.INCONCLUSIVE
    assert found.needs_n == 650


def test_no_difference_and_no_margin_can_never_be_settled(paired) -> None:
    assert compared(paired, [1] * 9, [1] * 9, margin=0.0).needs_n is None


def test_permutation_agrees_with_scipy(paired) -> None:
    rng = np.random.default_rng(3)
    a = rng.random(40)
    b = np.clip(a - 0.05 + rng.normal(0, 0.15, 40), 0, 1)
    expected = scipy.stats.permutation_test(
        (a, b),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        random_state=0,
    )

    found = compared(paired, a, b)

    assert found.p_value == pytest.approx(expected.pvalue, abs=0.02)
    assert found.low < found.difference < found.high


def test_few_differences_are_permuted_exactly(paired) -> None:
    # 5 differences of one sign: the two extremes of 2^5 swaps
    found = compared(paired, [0.9] * 5 + [0.5] * 30, [0.4] * 5 + [0.5] * 30)

    assert found.p_value == pytest.approx(2 / 32)


def test_groups_keep_the_false_alarms_down(paired) -> None:
    # no true difference, but the ten examples of a group move together
    rng = np.random.default_rng(0)
    member = np.repeat(np.arange(15), 10)
    groups = [str(g) for g in member]
    alarms = {"alone": 0, "grouped": 0}
    for _ in range(30):
        a = np.clip(0.5 + rng.normal(0, 0.2, 15)[member], 0, 1)
        b = np.full(150, 0.5)
        shown = (Conclusion.WIN, Conclusion.LOSE)
        alarms["alone"] += compared(paired, a, b).conclusion in shown
        alarms["grouped"] += compared(paired, a, b, groups=groups).conclusion in shown

    assert alarms["alone"] >= 8
    assert alarms["grouped"] <= 4


def test_macro_f1_is_compared_on_summed_counts() -> None:
    rng = np.random.default_rng(0)
    expected = [str(x) for x in rng.integers(0, 4, 200)]
    wrong = [x if rng.random() < 0.6 else "0" for x in expected]
    a = PairedScores("a", label_counts(expected, expected), macro_f1, "d")
    b = PairedScores("b", label_counts(expected, wrong), macro_f1, "d")

    found = compare(a, b, metric="macro_f1", margin=0.02, seed=0)

    value = float(macro_f1(b.counts.sum(axis=0)))
    assert found.difference == pytest.approx(1 - value)
    assert found.conclusion is Conclusion.WIN


# Holm by hand: sorted .01 .02 .03 .5 -> x4 .04, x3 .06, max(.06, x2 .06), x1 .5
def test_holm_by_hand() -> None:
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_every_pair_is_compared_and_corrected(paired) -> None:
    a, b = outcome(50, 12, 3, 35)  # p .0352 alone, .1055 as the smallest of three
    scores = {"prompt": paired("", b), "rag": paired("", b), "finetune": paired("", a)}

    found = compare_all(scores, metric="accuracy", margin=0.02, seed=0)

    assert [(c.a, c.b) for c in found] == [
        ("prompt", "rag"),
        ("prompt", "finetune"),
        ("rag", "finetune"),
    ]
    assert compared(paired, a, b).conclusion is Conclusion.WIN
    assert found[1].p_value == pytest.approx(3 * scipy.stats.binomtest(3, 15).pvalue)
    assert found[1].conclusion is Conclusion.INCONCLUSIVE


def test_different_heldout_splits_are_refused(paired) -> None:
    with pytest.raises(DatasetError, match="different held-out splits"):
        compare(
            paired("a", [1, 0]),
            paired("b", [1, 0], digest="sha256:2"),
            metric="accuracy",
            margin=0.02,
            seed=0,
        )


def test_different_numbers_of_examples_or_groups_are_refused(paired) -> None:
    with pytest.raises(ValueError, match="counts of shape"):
        compared(paired, [1, 0], [1])
    with pytest.raises(ValueError, match="not the same metric or groups"):
        compare(
            paired("a", [1, 0], ["x", "y"]),
            paired("b", [1, 0]),
            metric="accuracy",
            margin=0.02,
            seed=0,
        )

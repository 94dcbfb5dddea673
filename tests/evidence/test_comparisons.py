import numpy as np
import pytest
import scipy.stats

from tunewise.domain.facts import Conclusion
from tunewise.evidence.aggregates import label_counts, macro_f1
from tunewise.evidence.comparisons import compare, compare_against, compare_all, holm
from tunewise.evidence.paired import PairedScores


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


def test_arms_beside_lookups_are_a_family_of_their_own(paired) -> None:
    a, b = outcome(50, 12, 3, 35)  # p .0352 alone, .0703 as the smaller of two
    lookups = {"majority": paired("", b), "nearest_example": paired("", a)}

    found = compare_against(
        {"prompt": paired("", a)}, lookups, metric="accuracy", margin=0.02, seed=0
    )

    assert [(c.a, c.b) for c in found] == [
        ("prompt", "majority"),
        ("prompt", "nearest_example"),
    ]
    assert found[0].p_value == pytest.approx(2 * scipy.stats.binomtest(3, 15).pvalue)
    assert found[1].p_value == 1.0

import numpy as np
import pytest
import scipy.stats

from tunewise.domain.errors import DatasetError
from tunewise.evidence.intervals import wilson
from tunewise.evidence.paired import difference, tango


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


def test_groups_of_one_are_no_groups(paired) -> None:
    a, b = [1] * 15 + [0] * 25, [0] * 5 + [1] * 10 + [0] * 25
    alone = [str(i) for i in range(40)]

    found = difference(paired("a", a, alone), paired("b", b, alone), seed=0)

    assert found.p_value == scipy.stats.binomtest(5, 5).pvalue
    assert found.interval == tango(5, 0, 40, 0.95)


def test_few_groups_reach_further(paired) -> None:
    # the same differences as 40 examples, and as 8 groups of 5
    rng = np.random.default_rng(0)
    a = np.repeat(rng.random(8), 5)
    groups = [str(i // 5) for i in range(40)]

    alone, grouped = (
        difference(paired("a", a, g), paired("b", [0.5] * 40, g), seed=0).interval
        for g in (None, groups)
    )

    # t(.975, 7) = 2.36 to t(.975, 39) = 2.02, of errors that are about sqrt(5) as wide
    assert (grouped.high - grouped.low) > 2.2 * (alone.high - alone.low)


def test_different_heldout_splits_are_refused(paired) -> None:
    with pytest.raises(DatasetError, match="different held-out splits"):
        difference(paired("a", [1, 0]), paired("b", [1, 0], digest="sha256:2"), seed=0)


def test_different_numbers_of_examples_or_groups_are_refused(paired) -> None:
    with pytest.raises(ValueError, match="counts of shape"):
        difference(paired("a", [1, 0]), paired("b", [1]), seed=0)
    with pytest.raises(ValueError, match="not the same metric or groups"):
        difference(paired("a", [1, 0], ["x", "y"]), paired("b", [1, 0]), seed=0)

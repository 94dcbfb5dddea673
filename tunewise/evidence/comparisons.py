"""Two arms on the same held-out examples: is one better, are they the same, who knows?

Conclusions, from the side of the first arm, in this order:
    win, lose     p < .05 after Holm's correction, and the 95 % interval excludes 0
    equivalent    the 90 % interval lies inside +-margin (two one-sided tests)
    inconclusive  neither; ``needs_n`` says about how many examples would settle it

The margin is fixed before the run. Two families of comparisons, each with a Holm
correction of its own: every pair of arms, which verdicts rest on (``compare_all``);
and every arm beside what needs no model, such as the nearest example
(``compare_against``).
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tunewise.domain.facts import Comparison, Conclusion
from tunewise.evidence.intervals import normal_quantile, wilson
from tunewise.evidence.paired import Difference, PairedScores, difference

ALPHA = 0.05
_TO_DIFFER = 2.8  # z(.975) + z(.8): found with 80 % power
_TO_EQUAL = 2.49  # z(.95) + z(.8): two one-sided tests with 80 % power


def compare(
    a: PairedScores, b: PairedScores, *, metric: str, margin: float, seed: int
) -> Comparison:
    """Compare two arms; the p-value is not corrected for further comparisons.

    Raises
    ------
    DatasetError
        If the arms were scored on different held-out examples.
    """
    return _concluded(difference(a, b, seed=seed), metric, margin)


def compare_all(
    scores: Mapping[str, PairedScores], *, metric: str, margin: float, seed: int
) -> tuple[Comparison, ...]:
    """Compare every pair of arms, with Holm's correction over all of them."""
    named = _named(scores).values()
    return _family(itertools.combinations(named, 2), metric, margin, seed)


def compare_against(
    scores: Mapping[str, PairedScores],
    references: Mapping[str, PairedScores],
    *,
    metric: str,
    margin: float,
    seed: int,
) -> tuple[Comparison, ...]:
    """Compare every arm with every reference, with Holm's correction over these."""
    pairs = itertools.product(_named(scores).values(), _named(references).values())
    return _family(pairs, metric, margin, seed)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected by Holm's step-down method, in the order given.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = highest
    return corrected


def _named(scores: Mapping[str, PairedScores]) -> dict[str, PairedScores]:
    return {arm: replace(s, arm=arm) for arm, s in scores.items()}


def _family(
    pairs: Iterable[tuple[PairedScores, PairedScores]],
    metric: str,
    margin: float,
    seed: int,
) -> tuple[Comparison, ...]:
    found = [difference(a, b, seed=seed) for a, b in pairs]
    corrected = holm([d.p_value for d in found])
    return tuple(
        _concluded(replace(d, p_value=p), metric, margin)
        for d, p in zip(found, corrected, strict=True)
    )


def _concluded(found: Difference, metric: str, margin: float) -> Comparison:
    conclusion = _conclusion(found, margin)
    undecided = conclusion is Conclusion.INCONCLUSIVE
    return Comparison(
        a=found.a,
        b=found.b,
        metric=metric,
        difference=found.value,
        low=found.interval.low,
        high=found.interval.high,
        p_value=found.p_value,
        conclusion=conclusion,
        needs_n=_needs_n(found, margin) if undecided else None,
    )


def _conclusion(found: Difference, margin: float) -> Conclusion:
    if found.p_value < ALPHA and found.interval.low > 0:
        return Conclusion.WIN
    if found.p_value < ALPHA and found.interval.high < 0:
        return Conclusion.LOSE
    # With fewer units than this, a difference of the margin may just not have shown.
    unseen = wilson(0, found.units, 0.90).high
    inside = -margin <= found.inner.low and found.inner.high <= margin
    if inside and unseen <= margin:
        return Conclusion.EQUIVALENT
    return Conclusion.INCONCLUSIVE


def _needs_n(found: Difference, margin: float) -> int | None:
    """Return about how many examples would settle it, if things stay as they look.

    The smaller of two numbers, rounded up to two digits:
      to show the difference     variance (2.8 / |difference|)^2
      to show the equivalence    variance (2.49 / (margin - |difference|))^2, and at
                                 least 2.71 (1 / margin - 1), the rule of three's
    where the variance is that of one example's share in the difference (for shares:
    d - difference^2, with d the share of examples on which the arms differ).
    """
    size = abs(found.value)
    candidates = []
    if size > 0 and found.variance > 0:
        candidates.append(found.variance * (_TO_DIFFER / size) ** 2)
    if size < margin < 1:
        equal = found.variance * (_TO_EQUAL / (margin - size)) ** 2
        unseen = normal_quantile(0.90) ** 2 * (1 / margin - 1)
        candidates.append(max(equal, unseen))
    if not candidates:
        return None
    return _rounded_up(max(min(candidates), found.n + 1))


def _rounded_up(number: float) -> int:
    step = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return int(math.ceil(number / step) * step)

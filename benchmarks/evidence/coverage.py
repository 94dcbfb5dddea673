"""How often does a 95 % interval hold the truth?

    python benchmarks/evidence/coverage.py [DRAWS]

Shares exactly, for each way to make their interval: the sum of the chances of every
count whose interval holds the true share. All else by drawing held-out splits from
populations whose score is known (:mod:`simulated`), 1,000 for each figure: 95 % are
then seen as 93.6 to 96.4 %.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import simulated
from scipy.stats import beta, binom, binomtest
from simulated import Drawn, Kind

from tunewise.evidence.intervals import Interval, mid_p, score_of, wilson
from tunewise.evidence.paired import PairedScores, interval

SIZES = (50, 100, 200)
SHARES = (0.1, 0.5, 0.9)
SEED = 20261127


def main(draws: int = 1_000) -> None:
    """Print the tables of docs/statistics.md."""
    _print_shares()
    _print_scores(draws)
    _print_differences(draws)


def exact_coverage(of: Callable[[int, int], Interval], n: int, p: float) -> float:
    """Return the chance that the interval of a count out of n holds p."""
    holds = [low <= p <= high for low, high in (of(k, n) for k in range(n + 1))]
    return float(binom.pmf(np.arange(n + 1), n, p) @ np.array(holds))


def clopper_pearson(k: int, n: int) -> Interval:
    """Return the exact interval of a share."""
    found = binomtest(k, n).proportion_ci(0.95, method="exact")
    return Interval(float(found.low), float(found.high))


def agresti_coull(k: int, n: int) -> Interval:
    """Return the normal interval after two successes and two failures were added."""
    z = 1.959964
    share = (k + z * z / 2) / (n + z * z)
    spread = z * (share * (1 - share) / (n + z * z)) ** 0.5
    return Interval(share - spread, share + spread)


def jeffreys(k: int, n: int) -> Interval:
    """Return the equal-tailed interval after Jeffreys' prior."""
    low = beta.ppf(0.025, k + 0.5, n - k + 0.5) if k > 0 else 0.0
    high = beta.ppf(0.975, k + 0.5, n - k + 0.5) if k < n else 1.0
    return Interval(float(low), float(high))


WAYS: Mapping[str, Callable[[int, int], Interval]] = {
    "Clopper-Pearson, mid-P": mid_p,
    "Wilson": wilson,
    "Clopper-Pearson": clopper_pearson,
    "Agresti-Coull": agresti_coull,
    "Jeffreys": jeffreys,
}


def _print_shares() -> None:
    print("Exact coverage of 95 % intervals of a share, in percent\n")
    cells = [(n, p) for n in SIZES for p in SHARES]
    _print_row("interval", *(f"n = {n}, p = {p}" for n, p in cells))
    _print_row(*["---"] * (len(cells) + 1))
    for name, of in WAYS.items():
        found = (exact_coverage(of, n, p) for n, p in cells)
        _print_row(name, *(f"{100 * x:.2f}" for x in found))


def _print_scores(draws: int) -> None:
    print("\nCoverage of the interval of a score, in percent\n")
    _print_row("metric", "examples", "chance .1", "chance .5", "chance .9")
    _print_row(*["---"] * 5)
    for name, kind, n, grouped in _scores():
        rates = []
        for p in SHARES:
            rng = np.random.default_rng(SEED)
            truth = kind.truth(p)
            hits = [
                _score_holds(
                    truth, kind, simulated.draw([kind], n, [p], rng, grouped=grouped)
                )
                for _ in range(draws)
            ]
            rates.append(f"{100 * np.mean(hits):.1f}")
        _print_row(name, str(n), *rates)


def _scores() -> Iterator[tuple[str, Kind, int, bool]]:
    for n in SIZES:
        yield "token F1", simulated.TOKEN_F1, n, False
    for n in SIZES:
        yield "field F1", simulated.FIELD_F1, n, False
    for n in SIZES:
        yield "macro F1, eight labels", simulated.MACRO_F1, n, False
    for n in SIZES:
        yield f"share, about {n // 6} groups", simulated.SHARE, n, True
    for n in SIZES:
        yield f"token F1, about {n // 6} groups", simulated.TOKEN_F1, n, True


def _score_holds(truth: float, kind: Kind, drawn: Drawn) -> bool:
    found = score_of(drawn.arms[0], kind.aggregate, seed=SEED, groups=drawn.groups)
    return found.low <= truth <= found.high


def _print_differences(draws: int) -> None:
    print("\nCoverage of the interval of a paired difference, in percent\n")
    _print_row("metric", "examples", "0.3 and 0.3", "0.3 and 0.4", "0.7 and 0.8")
    _print_row(*["---"] * 5)
    for name, kind, n, grouped in (
        *(("share", simulated.SHARE, n, False) for n in SIZES),
        *_scores(),
    ):
        rates = []
        for chances in ((0.3, 0.3), (0.3, 0.4), (0.7, 0.8)):
            rng = np.random.default_rng(SEED)
            hits = [
                _difference_holds(
                    chances,
                    kind,
                    simulated.draw([kind] * 2, n, chances, rng, grouped=grouped),
                )
                for _ in range(draws)
            ]
            rates.append(f"{100 * np.mean(hits):.1f}")
        _print_row(name, str(n), *rates)


def _difference_holds(chances: Sequence[float], kind: Kind, drawn: Drawn) -> bool:
    truth = kind.truth(chances[0]) - kind.truth(chances[1])
    a, b = (
        PairedScores(name, counts, kind.aggregate, "", drawn.groups)
        for name, counts in zip("ab", drawn.arms, strict=True)
    )
    low, high = interval(a, b, 0.95)
    return low <= truth <= high


def _print_row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""How often is a win called where there is no difference?

    python benchmarks/evidence/null_experiments.py [EXPERIMENTS]

For each kind of experiment 2,000, of 20 to 200 held-out examples each, with arms whose
true scores are the same (:mod:`simulated`). A win is false where any two of the arms
are told apart. Beside it, what the same experiments show without the groups, or
without Holm's correction: what these are for.
"""

import itertools
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import simulated
from simulated import Drawn, Kind

from tunewise.domain.facts import Comparison, Conclusion
from tunewise.evidence.comparisons import compare, compare_all
from tunewise.evidence.intervals import mid_p
from tunewise.evidence.paired import PairedScores

SIZES = (20, 50, 100, 200)
CHANCES = (0.1, 0.5, 0.9)
SEED = 20261127
_FIXED = {"metric": "score", "margin": 0.02, "seed": SEED}
_SHOWN = (Conclusion.WIN, Conclusion.LOSE)


@dataclass(frozen=True, slots=True)
class Experiment:
    """One kind of experiment: what each arm is scored with, and whether in groups."""

    kinds: Sequence[Kind]
    grouped: bool = False


EXPERIMENTS: Mapping[str, Experiment] = {
    "accuracy": Experiment([simulated.SHARE] * 2),
    "token F1": Experiment([simulated.TOKEN_F1] * 2),
    "token F1, all or nothing against parts": Experiment(
        [simulated.ALL_OR_NOTHING, simulated.IN_PARTS]
    ),
    "field F1": Experiment([simulated.FIELD_F1] * 2),
    "macro F1, eight labels, some rare": Experiment([simulated.MACRO_F1] * 2),
    "accuracy, in groups": Experiment([simulated.SHARE] * 2, grouped=True),
    "token F1, in groups": Experiment([simulated.TOKEN_F1] * 2, grouped=True),
    "accuracy, 4 arms": Experiment([simulated.SHARE] * 4),
    "token F1, 4 arms": Experiment([simulated.TOKEN_F1] * 4),
}


def main(experiments: int = 2_000) -> None:
    """Print the table of docs/statistics.md."""
    print("| experiment | false wins, % | without groups or Holm, % |")
    print("|---|---|---|")
    for name, kind in EXPERIMENTS.items():
        rng = np.random.default_rng(SEED)
        called = plainly = 0
        for number in range(experiments):
            n, chance = SIZES[number % 4], CHANCES[number % 3]
            arms = len(kind.kinds)
            drawn = simulated.draw(
                kind.kinds, n, [chance] * arms, rng, grouped=kind.grouped
            )
            called += told_apart(compare_all(_scores(kind, drawn), **_FIXED))
            if kind.grouped or arms > 2:
                plainly += told_apart(_uncorrected(kind, drawn))
        beside = _rate(plainly, experiments) if kind.grouped or arms > 2 else "–"
        print(f"| {name} | {_rate(called, experiments)} | {beside} |", flush=True)


def told_apart(comparisons: Sequence[Comparison]) -> bool:
    """Tell whether any two arms are called different."""
    return any(c.conclusion in _SHOWN for c in comparisons)


def _scores(kind: Experiment, drawn: Drawn) -> dict[str, PairedScores]:
    aggregate = kind.kinds[0].aggregate
    return {
        str(n): PairedScores("", counts, aggregate, "", drawn.groups)
        for n, counts in enumerate(drawn.arms)
    }


def _uncorrected(kind: Experiment, drawn: Drawn) -> list[Comparison]:
    scores = _scores(kind, Drawn(drawn.arms, None)).values()
    return [compare(a, b, **_FIXED) for a, b in itertools.combinations(scores, 2)]


def _rate(called: int, of: int) -> str:
    """Return a share in percent with its interval."""
    low, high = (100 * bound for bound in mid_p(called, of))
    return f"{100 * called / of:.1f} ({low:.1f} to {high:.1f})"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

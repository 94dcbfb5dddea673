"""How often is the adviser right on published cases, and is it fitted to them?

    python -m benchmarks.rules.published CASES.jsonl [MORE.jsonl …]

For each file: the shipped rules, each option always, and the guide coded literally
(``guide/``), as shares with Wilson intervals, and balanced: the mean over the options
that were the outcome. Then, over all files together, the weights are fitted anew on a
part and asked about the rest: in five folds, and leaving out one source at a time.

What is fitted is each weight of each criterion, 1 to 3 in its own direction, from 1 on;
the conditions stay: this says how far the weights carry, not how far the criteria do.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunewise import resources
from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import Option, RuleSet, Truth
from tunewise.engine.intake import fact_sheet
from tunewise.engine.loader import load
from tunewise.engine.reference import evaluate_all
from tunewise.engine.what_if import WhatIf
from tunewise.evidence.intervals import wilson

OPTIONS = list(Option)
HEAVIEST = 3
FOLDS = 5
Case = Mapping[str, Any]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int_]


def main(paths: Sequence[str]) -> int:
    """Print the table of each file, and the cross-validation over all."""
    if not paths:
        print("Name the files: python -m benchmarks.rules.published CASES.jsonl")
        return 2
    shipped = load(resources.rule_texts())
    every = []
    for path in paths:
        cases = _read(path)
        every += cases
        print(f"{path}: {len(cases)} cases")
        _line("the shipped rules", cases, [advice(shipped, c) for c in cases])
        _line("the guide, literally", cases, [advice(guide(), c) for c in cases])
        for option in OPTIONS:
            _line(f"always {option}", cases, [option] * len(cases))
    fitting = Fitting(shipped, every)
    sources = [_source(c) for c in every]
    order = {s: n for n, s in enumerate(dict.fromkeys(sources))}
    print(f"weights fitted anew, {len(every)} cases of {len(order)} sources")
    # A source never stands on both sides.
    folds = np.array([order[s] % FOLDS for s in sources])
    _line(f"{FOLDS} folds", every, fitting.held_out(folds))
    one_by_one = np.array([order[s] for s in sources])
    _line("one source left out", every, fitting.held_out(one_by_one))
    _line("fitted and asked on all", every, fitting.fitted_on_all())
    return 0


def guide() -> RuleSet:
    """Return the guide's criteria, coded literally, over the shipped facts."""
    folder = Path(__file__).parent / "guide"
    texts = {f"criteria/{p.name}": p.read_text() for p in folder.glob("*.toml")}
    return load({"facts.toml": resources.rule_texts()["facts.toml"], **texts})


@dataclass(frozen=True, slots=True)
class _Effects:
    """Weights and vetoes of all criteria, one row a criterion, one column an option."""

    weights: Ints
    vetoes: Bools


class Fitting:
    """The rule set as a linear model: which criteria match, and what they weigh.

    Scores in the sheets are not discounted here for a stronger model that is allowed.
    """

    def __init__(self, rules: RuleSet, cases: Sequence[Case]) -> None:
        shape = (len(rules.criteria), len(OPTIONS))
        self._shipped = _Effects(np.zeros(shape, int), np.zeros(shape, bool))
        for row, criterion in enumerate(rules.criteria):
            for then in criterion.then:
                column = OPTIONS.index(then.option)
                self._shipped.weights[row, column] += then.weight
                self._shipped.vetoes[row, column] |= then.veto
        truths = [evaluate_all(rules.criteria, _sheet(rules, c)) for c in cases]
        self._matched = np.array(
            [[t[c.id] is Truth.HOLDS for c in rules.criteria] for t in truths]
        )
        self._right = np.array(
            [[o.value in c["acceptable"] for o in OPTIONS] for c in cases]
        )

    def held_out(self, groups: Ints) -> list[Option]:
        """Return the advice on each group, with weights fitted on all the others."""
        advice = np.zeros(len(groups), int)
        for group in np.unique(groups):
            out = groups == group
            weights = self._fit(~out)
            advice[out] = self._advise(weights)[out]
        return [OPTIONS[a] for a in advice]

    def fitted_on_all(self) -> list[Option]:
        """Return the advice with weights fitted on the same cases."""
        every = np.ones(len(self._right), bool)
        return [OPTIONS[a] for a in self._advise(self._fit(every))]

    def _fit(self, on: Bools) -> Ints:
        """Return the weights that coordinate ascent finds, in at most three rounds."""
        direction = np.sign(self._shipped.weights)
        weights = direction.copy()
        best = self._correct(weights, on)
        for _ in range(3):
            before = best
            for row, column in np.argwhere(direction):
                for size in range(1, HEAVIEST + 1):
                    tried = weights.copy()
                    tried[row, column] = size * direction[row, column]
                    correct = self._correct(tried, on)
                    if correct > best:
                        weights, best = tried, correct
            if best == before:
                break
        return weights

    def _correct(self, weights: Ints, on: Bools) -> int:
        advice = self._advise(weights)
        return int(self._right[np.arange(len(advice)), advice][on].sum())

    def _advise(self, weights: Ints) -> Ints:
        matched = self._matched.astype(int)
        totals = matched @ weights
        out = matched @ self._shipped.vetoes.astype(int) > 0
        # The cheaper option wins a tie; defer, the last one, where nothing speaks.
        ranked = np.where(out, -np.inf, totals - np.arange(len(OPTIONS)) / 10)
        first = ranked.argmax(axis=1)
        best = totals[np.arange(len(first)), first]
        return np.where(best > 0, first, len(OPTIONS) - 1)


def _read(path: str) -> list[Case]:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def _sheet(rules: RuleSet, case: Case) -> FactSheet:
    return fact_sheet(case["facts"], rules.facts, ignore_unknown=True).sheet


def advice(rules: RuleSet, case: Case) -> Option:
    """Return the option that the rules recommend for a case."""
    return WhatIf(rules, _sheet(rules, case)).today.recommended


def _source(case: Case) -> str:
    paper = re.search(r"\d{4}\.\d{4,5}", case["source"])
    return paper.group() if paper else case["source"][:30]


def share(hits: Sequence[bool]) -> str:
    """Return how many hold, and their share with its Wilson interval."""
    low, high = wilson(sum(hits), len(hits))
    return f"{sum(hits):>4} {sum(hits) / len(hits):.3f} ({low:.3f} to {high:.3f})"


def _line(name: str, cases: Sequence[Case], advised: Iterable[Option]) -> None:
    right = [a.value in c["acceptable"] for a, c in zip(advised, cases, strict=True)]
    outcomes = dict.fromkeys(c["outcome"] for c in cases)
    by_outcome = [
        [r for r, c in zip(right, cases, strict=True) if c["outcome"] == outcome]
        for outcome in outcomes
    ]
    balanced = np.mean([np.mean(rights) for rights in by_outcome])
    print(f"  {name:<24} {share(right)}, balanced {balanced:.3f}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

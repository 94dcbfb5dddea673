"""Prompts: how long they are, and whether a classifier can tell old from new ones."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from tunewise.domain.dataset import Example
from tunewise.evidence.drift.chance import Bools, Chosen, Floats, Ints, p_value
from tunewise.evidence.drift.finding import ALPHA, DriftFinding

LEAST_TEXTS = 50  # on each side, for the classifier
LEAST_UNITS = 10  # groups on each side: folds keep them together
LENGTH_ACTS = 0.15  # Kolmogorov-Smirnov distance
AUC_ACTS = 0.55  # .5: nobody can tell the two apart
_MOST_TEXTS = 2_000  # on each side, for the classifier
_FOLDS = 5
_RESAMPLES = 300
_WORDS = 8  # shown of each side


def prompt_lengths(
    reference: Sequence[Example], later: Sequence[Example], chosen: Chosen
) -> DriftFinding:
    """Tell whether prompts became longer or shorter, system message left out."""
    old = [len(asked(e)) for e in reference]
    new = [len(asked(e)) for e in later]
    lengths = np.array([*old, *new])
    is_later = np.arange(len(lengths)) >= len(old)
    value = float(_distance(lengths, is_later[None])[0])
    p = p_value(value, _distance(lengths, chosen))
    # Dvoretzky-Kiefer-Wolfowitz: how far each empirical distribution may be off
    reach = math.sqrt(math.log(2 / 0.05) / 2)
    reach *= 1 / math.sqrt(len(old)) + 1 / math.sqrt(len(new))
    return DriftFinding(
        code="prompt_length",
        value=value,
        low=max(0.0, value - reach),
        high=min(1.0, value + reach),
        threshold=LENGTH_ACTS,
        fact="tokens_in",
        drifted=value > LENGTH_ACTS and p < ALPHA,
        message=(
            f"prompts had a median of {np.median(old):,.0f} characters and have "
            f"{np.median(new):,.0f} (p {p:.2g})"
        ),
        p_value=p,
    )


def prompt_words(
    reference: Sequence[Example],
    later: Sequence[Example],
    rng: np.random.Generator,
) -> DriftFinding:
    """Tell whether a classifier tells earlier from later prompts, out of fold.

    Its scores are of prompts that it was not trained on, in folds that keep a group
    together. An AUC of .5 means that nobody can tell them apart; it drifts where the
    lower bound of a bootstrap over examples, or groups, is above AUC_ACTS.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    old, new = (_drawn(side, rng) for side in (reference, later))
    both = [*old, *new]
    is_later = np.repeat([0, 1], [len(old), len(new)])
    # How rare a word is rests on all prompts and on no label: nothing leaks.
    words = TfidfVectorizer(
        sublinear_tf=True, max_features=20_000, token_pattern=r"(?u)\w+|[^\w\s]"
    )
    found = words.fit_transform([asked(e).strip() or "-" for e in both])
    model = LogisticRegression(class_weight="balanced", max_iter=1_000)
    scores = np.zeros(len(both))
    for train, test in _folds(both, is_later):
        model.fit(found[train], is_later[train])
        scores[test] = model.decision_function(found[test])
    value, low, high = _area(scores, is_later, _units(both, is_later), rng)
    weights = model.fit(found, is_later).coef_[0]
    names = words.get_feature_names_out()
    order = np.argsort(-weights)
    told = {"later": order[:_WORDS], "earlier": order[::-1][:_WORDS]}
    return DriftFinding(
        code="prompt_words",
        value=value,
        low=low,
        high=high,
        threshold=AUC_ACTS,
        fact="examples_represent_production",
        drifted=low > AUC_ACTS,
        message=(
            f"a classifier tells later prompts from earlier ones with an AUC of "
            f"{value:.2f} (0.5: it cannot)"
        ),
        texts={side: tuple(str(names[i]) for i in best) for side, best in told.items()},
    )


def too_few(reference: Sequence[Example], later: Sequence[Example]) -> str:
    """Return why no classifier can be trained, "" where one can."""
    if min(len(reference), len(later)) < LEAST_TEXTS:
        return f"this needs {LEAST_TEXTS} examples on each side"
    units = [len({e.group or i for i, e in enumerate(s)}) for s in (reference, later)]
    if min(units) < LEAST_UNITS:
        return f"this needs {LEAST_UNITS} groups on each side"
    return ""


def longer_by(reference: Sequence[Example], later: Sequence[Example]) -> float:
    """Return by how many characters later prompts are longer, on average."""
    old, new = ([len(asked(e)) for e in side] for side in (reference, later))
    return float(np.mean(new) - np.mean(old))


def asked(example: Example) -> str:
    """Return what is asked: every message of the prompt but the system's."""
    parts = [m.content for m in example.prompt if m.role != "system"]
    return "\n".join(parts) or example.reference


def _distance(values: Ints, later: Bools) -> Floats:
    """Return the Kolmogorov-Smirnov distance of two sides; (…, n) -> (…).

    The largest difference of their empirical distributions, after each value.
    """
    order = np.argsort(values, kind="stable")
    ends = np.flatnonzero(np.r_[np.diff(values[order]) > 0, True])  # of equal values
    rows = []
    for side in later:  # row by row: many permutations of many prompts are large
        new = np.cumsum(side[order])[ends]
        old = ends + 1 - new
        rows.append(np.abs(new / new[-1] - old / old[-1]).max())
    return np.array(rows)


def _folds(examples: Sequence[Example], is_later: Ints) -> Iterator[tuple[Ints, Ints]]:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    if not any(e.group for e in examples):
        plain = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
        yield from plain.split(is_later, is_later)
        return
    grouped = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=0)
    groups = [e.group or f"\0{i}" for i, e in enumerate(examples)]
    yield from grouped.split(is_later, is_later, groups)


def _area(
    scores: Floats, is_later: Ints, units: Ints, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Return the area under the curve and its bounds, bootstrapped by unit."""
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    starts = np.flatnonzero(np.r_[True, np.diff(ordered) > 0])  # of each run of ties
    later = is_later[order].astype(np.float64)

    def areas(weights: Floats) -> Floats:
        new = np.add.reduceat(weights * later, starts, axis=1)
        old = np.add.reduceat(weights * (1 - later), starts, axis=1)
        below = np.cumsum(old, axis=1) - old / 2  # a tie counts half
        total: Floats = new.sum(axis=1) * old.sum(axis=1)
        area: Floats = (new * below).sum(axis=1) / total
        return area

    value = float(areas(np.ones((1, len(scores))))[0])
    times = np.zeros((_RESAMPLES, int(units.max()) + 1))
    for side in (0, 1):
        of_side = np.unique(units[is_later == side])
        even = np.full(len(of_side), 1 / len(of_side))
        times[:, of_side] = rng.multinomial(len(of_side), even, size=_RESAMPLES)
    low, high = np.quantile(areas(times[:, units[order]]), [0.025, 0.975])
    return value, float(min(low, value)), float(max(high, value))


def _units(examples: Sequence[Example], is_later: Ints) -> Ints:
    """Return what is drawn together: the examples of a group on one side."""
    named = [
        f"{side}\0{e.group}" if e.group else f"\0{i}"
        for i, (e, side) in enumerate(zip(examples, is_later, strict=True))
    ]
    return np.unique(np.array(named), return_inverse=True)[1].astype(np.int64)


def _drawn(side: Sequence[Example], rng: np.random.Generator) -> Sequence[Example]:
    if len(side) <= _MOST_TEXTS:
        return side
    chosen = rng.choice(len(side), _MOST_TEXTS, replace=False)
    return [side[i] for i in sorted(chosen)]

"""Later data against the data a decision rested on: has something moved?

    labels     population stability index, unseen labels
    prompts    lengths (Kolmogorov-Smirnov), words (can a classifier tell them apart?)
    scores     the score then and now, with their intervals
    documents  the share that changed

Each finding names the fact of the fact sheet that must be looked at again. A small
number of later examples shows nothing: the bounds say so, and nothing drifts below
30 of them.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tunewise.domain.dataset import Document, Example
from tunewise.domain.experiment import Score
from tunewise.evidence.intervals import wilson

LEAST = 30  # later examples
LEAST_TEXTS = 50  # on each side, for the classifier
PSI_ACTS = 0.25  # < .1 stable, .1 to .25 watch, above act: the credit-scoring custom
UNSEEN_ACTS = 0.01
LENGTH_ACTS = 0.15  # Kolmogorov-Smirnov distance
AUC_ACTS = 0.55  # .5: nobody can tell the two apart
DOCUMENTS_ACT = 0.05
_P = 0.01  # several tests are made: stricter than .05
_MOST_TEXTS = 2_000  # on each side, for the classifier
_MOST_LABELS = 200
_RESAMPLES = 300


@dataclass(frozen=True, slots=True)
class DriftFinding:
    """One thing that was looked at; ``fact`` is what to ask again if it drifted."""

    code: str
    value: float
    low: float
    high: float
    threshold: float
    fact: str
    drifted: bool
    message: str


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """A metric on the held-out split then, and on answered later examples now."""

    metric: str
    before: Score
    later: Score
    margin: float
    fact: str  # prompt_score, rag_score, finetune_score, hybrid_score


def drift(
    reference: Sequence[Example],
    later: Sequence[Example],
    *,
    seed: int,
    scores: ScoreChange | None = None,
    documents: Sequence[Document] = (),
    documents_later: Sequence[Document] = (),
) -> tuple[DriftFinding, ...]:
    """Return what was looked at, what drifted first.

    Parameters
    ----------
    reference : sequence of Example
        What the decision rested on: the train split, or all of the version.
    later : sequence of Example
        Later requests; their references count as labels where both sides draw them
        from a small set.
    """
    found: list[DriftFinding] = []
    if len(later) < LEAST or not reference:
        found.append(_too_few(len(later)))
    else:
        rng = np.random.default_rng(seed)
        found.extend(_labels(reference, later, rng))
        found.append(_lengths(reference, later))
        if min(len(reference), len(later)) >= LEAST_TEXTS:
            found.append(_texts(reference, later, rng))
    if scores:
        found.append(score_decay(scores))
    if documents and documents_later:
        found.append(document_change(documents, documents_later))
    return tuple(sorted(found, key=lambda f: (not f.drifted, f.code)))


def score_decay(scores: ScoreChange) -> DriftFinding:
    """Tell whether a score fell by more than the margin, beyond chance.

    The interval of the difference combines those of the two scores (MOVER, Newcombe
    1998): it drifted where even its upper end is below 0, on 30 examples or more.
    """
    before, later = scores.before, scores.later
    rise = math.hypot(later.high - later.value, before.value - before.low)
    difference = later.value - before.value
    threshold = before.value - scores.margin
    shown = later.n >= LEAST and difference + rise < 0
    drifted = shown and later.value < threshold
    message = (
        f"{scores.metric} was {before.value:.3f} ({before.n:,} examples) and is "
        f"{later.value:.3f} ({later.n:,})"
    )
    message += ": it has fallen" if drifted else ": no fall is shown"
    return DriftFinding(
        code="score_decay",
        value=later.value,
        low=later.low,
        high=later.high,
        threshold=threshold,
        fact=scores.fact,
        drifted=drifted,
        message=message,
    )


def document_change(
    before: Sequence[Document], later: Sequence[Document]
) -> DriftFinding:
    """Tell what share of the documents was changed, removed or added."""
    old = {d.id: (d.title, d.text) for d in before}
    new = {d.id: (d.title, d.text) for d in later}
    changed = sum(new[i] != old[i] for i in old.keys() & new.keys())
    removed, added = len(old.keys() - new.keys()), len(new.keys() - old.keys())
    everything = len(old.keys() | new.keys())
    share = (changed + removed + added) / everything
    low, high = wilson(changed + removed + added, everything)
    return DriftFinding(
        code="document_change",
        value=share,
        low=low,
        high=high,
        threshold=DOCUMENTS_ACT,
        fact="knowledge_changes",
        drifted=share > DOCUMENTS_ACT,
        message=(
            f"of {everything:,} documents {changed:,} changed, {removed:,} went, "
            f"{added:,} came"
        ),
    )


def psi(before: NDArray[np.float64], later: NDArray[np.float64]) -> float:
    """Return the population stability index of two lists of counts.

    Half an example is added to each count, so that an empty one is not infinite.

    >>> round(psi(np.array([50.0, 50.0]), np.array([50.0, 50.0])), 3)
    0.0
    """
    p = (before + 0.5) / (before + 0.5).sum()
    q = (later + 0.5) / (later + 0.5).sum()
    return float(np.sum((q - p) * np.log(q / p)))


def _too_few(n: int) -> DriftFinding:
    return DriftFinding(
        code="few_examples",
        value=float(n),
        low=float(n),
        high=float(n),
        threshold=float(LEAST),
        fact="",
        drifted=False,
        message=f"{n} later examples show nothing: collect {LEAST} or more",
    )


def _labels(
    reference: Sequence[Example], later: Sequence[Example], rng: np.random.Generator
) -> Iterator[DriftFinding]:
    before = Counter(e.reference.strip() for e in reference)
    now = Counter(e.reference.strip() for e in later)
    if len(before) > min(_MOST_LABELS, len(reference) / 3):
        return
    unseen = sum(n for label, n in now.items() if label not in before)
    low, high = wilson(unseen, len(later))
    yield DriftFinding(
        code="unseen_labels",
        value=unseen / len(later),
        low=low,
        high=high,
        threshold=UNSEEN_ACTS,
        fact="labels_or_rules_change_often",
        drifted=low > UNSEEN_ACTS,
        message=f"{unseen:,} of {len(later):,} later references are new labels",
    )
    yield _label_shift(before, now, rng)


def _label_shift(
    before: Counter[str], now: Counter[str], rng: np.random.Generator
) -> DriftFinding:
    from scipy.stats import chi2_contingency

    labels = sorted(before | now)
    old = np.array([before[label] for label in labels], dtype=np.float64)
    new = np.array([now[label] for label in labels], dtype=np.float64)
    value = psi(old, new)
    drawn = [psi(_redrawn(old, rng), _redrawn(new, rng)) for _ in range(_RESAMPLES)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    p_value = float(chi2_contingency([old, new]).pvalue) if len(labels) > 1 else 1.0
    rise = max(labels, key=lambda x: now[x] / now.total() - before[x] / before.total())
    return DriftFinding(
        code="label_shift",
        value=value,
        low=min(float(low), value),
        high=max(float(high), value),
        threshold=PSI_ACTS,
        fact="examples_represent_production",
        drifted=value > PSI_ACTS and p_value < _P,
        message=(
            f"the mix of labels has a stability index of {value:.2f} "
            f"(p {p_value:.2g}); {rise!r} rose from "
            f"{before[rise] / before.total():.1%} to {now[rise] / now.total():.1%}"
        ),
    )


def _redrawn(
    counts: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    total = int(counts.sum())
    return rng.multinomial(total, counts / total).astype(np.float64)


def _lengths(reference: Sequence[Example], later: Sequence[Example]) -> DriftFinding:
    from scipy.stats import ks_2samp

    old = [len(_asked(e)) for e in reference]
    new = [len(_asked(e)) for e in later]
    result = ks_2samp(old, new)
    value = float(result.statistic)
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
        drifted=value > LENGTH_ACTS and float(result.pvalue) < _P,
        message=(
            f"prompts had a median of {np.median(old):,.0f} characters and have "
            f"{np.median(new):,.0f}"
        ),
    )


def _texts(
    reference: Sequence[Example], later: Sequence[Example], rng: np.random.Generator
) -> DriftFinding:
    """Train a classifier to tell earlier from later prompts, out of fold."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    old, new = (_drawn([_asked(e) for e in side], rng) for side in (reference, later))
    texts = [*old, *new]
    is_later = np.repeat([0, 1], [len(old), len(new)])
    words = TfidfVectorizer(
        sublinear_tf=True, max_features=20_000, token_pattern=r"(?u)\b\w+\b"
    )
    model = make_pipeline(
        words, LogisticRegression(class_weight="balanced", max_iter=1_000)
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    scores = cross_val_predict(
        model, texts, is_later, cv=folds, method="decision_function"
    )
    value, low, high = _auc(scores[is_later == 0], scores[is_later == 1], rng)
    weights = model.fit(texts, is_later)[-1].coef_[0]
    names = words.get_feature_names_out()
    top = ", ".join(str(names[i]) for i in np.argsort(-weights)[:5])
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
            f"{value:.2f}; words of the later ones: {top}"
        ),
    )


def _auc(
    old: NDArray[np.float64], new: NDArray[np.float64], rng: np.random.Generator
) -> tuple[float, float, float]:
    from scipy.stats import rankdata

    def area(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        ranks = rankdata(np.concatenate([a, b]))[len(a) :]
        return float((ranks.sum() - len(b) * (len(b) + 1) / 2) / (len(a) * len(b)))

    value = area(old, new)
    drawn = [
        area(rng.choice(old, len(old)), rng.choice(new, len(new)))
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return value, float(min(low, value)), float(max(high, value))


def _drawn(texts: list[str], rng: np.random.Generator) -> list[str]:
    if len(texts) <= _MOST_TEXTS:
        return texts
    chosen = rng.choice(len(texts), _MOST_TEXTS, replace=False)
    return [texts[i] for i in sorted(chosen)]


def _asked(example: Example) -> str:
    parts = [m.content for m in example.prompt if m.role != "system"]
    return "\n".join(parts) or example.reference

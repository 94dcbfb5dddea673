"""A dataset in numbers, ready for JSON."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tunewise.datasets.labels import label_counts
from tunewise.datasets.sizes import distinct_share, smallest_difference, token_counts
from tunewise.datasets.texts import asked
from tunewise.domain.dataset import Dataset, Example, Split


def statistics(
    dataset: Dataset, count_tokens: Callable[[str], int] | None = None
) -> dict[str, object]:
    """Return counts, lengths, labels and variety; tokens where they can be counted."""
    heldout = dataset.split(Split.HELDOUT)
    judged = heldout or dataset.split(Split.TRAIN)
    return {
        "examples": sum(len(dataset.split(s)) for s in Split),
        "splits": {
            str(s): _of_split(dataset.split(s), count_tokens)
            for s in Split
            if dataset.split(s)
        },
        "documents": _of_documents(dataset, count_tokens),
        "labels": _labels(dataset),
        "majority_share": _majority_share(judged),
        "smallest_difference": round(smallest_difference(len(heldout)), 4)
        if heldout
        else None,
    }


def percentiles(values: Sequence[float]) -> Mapping[str, float]:
    """Return min, p5, p50, p95, p99, max and mean of at least one value.

    >>> percentiles([1, 2, 3])["p50"]
    2.0
    """
    points = np.percentile(values, [0, 5, 50, 95, 99, 100])
    names = ("min", "p5", "p50", "p95", "p99", "max")
    found = {n: round(float(p), 1) for n, p in zip(names, points, strict=True)}
    return {**found, "mean": round(float(np.mean(values)), 1)}


def _of_split(
    examples: Sequence[Example], count_tokens: Callable[[str], int] | None
) -> dict[str, object]:
    prompts = [asked(e) for e in examples]
    references = [e.reference for e in examples]
    found: dict[str, object] = {
        "examples": len(examples),
        "messages_per_example": percentiles([len(e.messages) for e in examples]),
        "without_system": sum(_lacks(e, "system") for e in examples),
        "without_user": sum(_lacks(e, "user") for e in examples),
        "prompt_characters": percentiles(
            [sum(len(m.content) for m in e.prompt) for e in examples]
        ),
        "reference_characters": percentiles([len(r) for r in references]),
        "distinct_references": len(set(references)),
        "prompt_distinct_1": round(distinct_share(prompts, 1), 4),
        "prompt_distinct_2": round(distinct_share(prompts, 2), 4),
        "groups": len({e.group for e in examples if e.group}),
        "first": min((e.timestamp for e in examples if e.timestamp), default=""),
        "last": max((e.timestamp for e in examples if e.timestamp), default=""),
    }
    if count_tokens is not None:
        lengths = token_counts(examples, count_tokens)
        answers = [count_tokens(r) for r in references]
        found["tokens"] = percentiles(lengths)
        found["reference_tokens"] = percentiles(answers)
        found["tokens_total"] = sum(lengths)
        found["trained_token_share"] = round(sum(answers) / sum(lengths), 4)
    return found


def _of_documents(
    dataset: Dataset, count_tokens: Callable[[str], int] | None
) -> dict[str, object] | None:
    if not dataset.documents:
        return None
    texts = [d.text for d in dataset.documents]
    found: dict[str, object] = {
        "documents": len(texts),
        "characters": percentiles([len(t) for t in texts]),
    }
    if count_tokens is not None:
        found["tokens"] = percentiles([count_tokens(t) for t in texts])
    return found


def _labels(dataset: Dataset) -> list[dict[str, object]] | None:
    """Return each label's count by split, or None where the set is not closed."""
    train = dataset.split(Split.TRAIN) or dataset.split(Split.HELDOUT)
    if label_counts(e.reference for e in train) is None:
        return None
    counts = {s: Counter(e.reference.strip() for e in dataset.split(s)) for s in Split}
    total = sum(counts.values(), Counter[str]())
    return [
        {"label": label, **{str(s): counts[s][label] for s in Split}}
        for label, _ in sorted(total.items(), key=lambda item: (-item[1], item[0]))
    ]


def _majority_share(examples: Sequence[Example]) -> float | None:
    """Return the share of the commonest reference; what always saying it scores."""
    counts = Counter(e.reference.strip() for e in examples)
    if not counts:
        return None
    return round(counts.most_common(1)[0][1] / len(examples), 4)


def _lacks(example: Example, role: str) -> bool:
    return all(m.role != role for m in example.messages)

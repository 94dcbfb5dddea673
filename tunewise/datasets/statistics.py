"""A dataset in numbers, ready for JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from tunewise.datasets.labels import label_counts
from tunewise.datasets.sampling import sample, sampled_view
from tunewise.datasets.sizes import distinct_share, smallest_difference
from tunewise.datasets.texts import asked
from tunewise.datasets.tokens import SplitTokens, TokenCounter, TokenCounts
from tunewise.domain.dataset import Dataset, Example, Split


def statistics(
    dataset: Dataset, tokens: TokenCounts | None = None
) -> dict[str, object]:
    """Return counts, lengths, labels and variety; tokens where they were counted.

    Token and diversity figures of a split with more than 5,000 examples are those of
    a sample, which ``sampled`` then describes.
    """
    counts = tokens or TokenCounts(TokenCounter())
    heldout = dataset.split(Split.HELDOUT)
    judged = heldout or dataset.split(Split.TRAIN)
    return {
        "examples": sum(len(dataset.split(s)) for s in Split),
        "splits": {
            str(s): _of_split(dataset.split(s), counts.splits.get(s), counts.counter)
            for s in Split
            if dataset.split(s)
        },
        "documents": _of_documents(dataset, counts.documents),
        "tokens_counted_by": _counted_by(counts.counter) if tokens else None,
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
    examples: Sequence[Example], tokens: SplitTokens | None, counter: TokenCounter
) -> dict[str, object]:
    prompts = [asked(e) for e in sample(examples)]
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
        "sampled": sampled_view(len(examples)),
    }
    return found | (_of_tokens(tokens, counter) if tokens else {})


def _of_tokens(tokens: SplitTokens, counter: TokenCounter) -> dict[str, object]:
    total = sum(tokens.lengths)
    looked_at = len(tokens.lengths)
    return {
        "tokens": percentiles(tokens.lengths),
        "reference_tokens": percentiles(tokens.references),
        "tokens_total": round(total * tokens.of / looked_at),
        "trained_token_share": round(tokens.trained / total, 4),
        "truncated_share": _share_over(tokens, counter.max_length),
        "over_context_share": _share_over(tokens, counter.context_tokens),
    }


def _share_over(tokens: SplitTokens, most: int | None) -> float | None:
    """Return the share of examples with more tokens; None where most is not known."""
    if most is None:
        return None
    return round(sum(n > most for n in tokens.lengths) / len(tokens.lengths), 4)


def _counted_by(counter: TokenCounter) -> dict[str, object]:
    return {
        "base_model": counter.base_model,
        "estimate": not counter.base_model,
        "how": counter.name,
        "max_length": counter.max_length,
        "context_tokens": counter.context_tokens,
    }


def _of_documents(dataset: Dataset, tokens: Sequence[int]) -> dict[str, object] | None:
    if not dataset.documents:
        return None
    texts = [d.text for d in dataset.documents]
    found: dict[str, object] = {
        "documents": len(texts),
        "characters": percentiles([len(t) for t in texts]),
    }
    if tokens:
        found["tokens"] = percentiles(tokens)
        found["sampled"] = sampled_view(len(texts))
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

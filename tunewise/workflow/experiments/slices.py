"""Which slices a held-out split has, and every arm's scores on them.

label    the reference, where answers come from a closed set of labels
group    what the examples' ``group`` says
length   thirds by how long the prompt is
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from trainer.scoring import MetricCounts
from tunewise.domain.dataset import Example
from tunewise.evidence.aggregates import AGGREGATES
from tunewise.evidence.intervals import shared
from tunewise.evidence.slices import LEAST, SliceScore, slices_of, too_small

View = dict[str, Any]
_CLOSED = ("classification", "moderation")  # task types that answer with a label
_THIRDS = ("short", "middle", "long")


def parts_of(examples: Sequence[Example], task_type: str) -> dict[str, list[str]]:
    """Return by kind which slice each example is in, "" for none."""
    labels = {"label": [e.reference.strip() for e in examples]}
    groups = [e.group for e in examples]
    return {
        **(labels if task_type in _CLOSED else {}),
        **({"group": groups} if shared(groups) else {}),
        "length": _thirds([_characters(e) for e in examples]),
    }


def slices_view(
    scored: Mapping[str, MetricCounts],
    parts: Mapping[str, Sequence[str]],
    *,
    seed: int,
    groups: Sequence[str] | None,
) -> list[View]:
    """Return an arm's scores by slice, on the primary metric.

    Macro F1 is a mean over labels and says little of a part of them: the next metric
    stands in for it, which for labels is accuracy.

    Parameters
    ----------
    scored : by metric, the primary one first
    """
    metric = next((m for m, s in scored.items() if s.kind != "macro_f1"), None)
    if metric is None:
        return []
    counts, aggregate = scored[metric].counts, AGGREGATES[scored[metric].kind]
    found = slices_of(counts, aggregate, parts, seed=seed, groups=groups)
    return [
        {"kind": each.kind, "name": each.name, "metric": metric, **asdict(each.score)}
        for each in sorted(found, key=lambda s: (list(parts).index(s.kind), _place(s)))
    ]


def left_out(parts: Mapping[str, Sequence[str]]) -> View:
    """Return the least size of a slice, and by kind how many are smaller."""
    return {
        "least": LEAST,
        "left_out": {kind: too_small(names) for kind, names in parts.items()},
    }


def _place(found: SliceScore) -> int:
    """Return where a slice stands in its kind; others keep their order, by size."""
    third = found.name.partition(",")[0]
    return _THIRDS.index(third) if found.kind == "length" else 0


def _characters(example: Example) -> int:
    """Return how long the prompt is, without what the system is told in each."""
    return sum(len(m.content) for m in example.prompt if m.role != "system")


def _thirds(lengths: Sequence[int]) -> list[str]:
    """Name the third by length that each is in; equal lengths are never parted."""
    ordered = sorted(lengths)
    first, second = (ordered[max(0, len(ordered) * i // 3 - 1)] for i in (1, 2))
    short, middle, long = _THIRDS
    names = {
        short: f"{short}, up to {first:,} characters",
        middle: f"{middle}, {first + 1:,} to {second:,} characters",
        long: f"{long}, more than {second:,} characters",
    }
    return [
        names[short if n <= first else middle if n <= second else long] for n in lengths
    ]

"""Which example stands on which side: decided by its own content, never by a draw.

An example's side follows from the hash of its group, or of its prompt where it has
none, so it never changes when other examples are added, and examples with one
group or one prompt always stay together.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from tunewise.datasets.labels import label_counts
from tunewise.datasets.texts import prompt_key
from tunewise.domain.dataset import Dataset, Example, Split

SHARE = 0.2  # of train, for each split that has no file of its own
_LARGEST_GROUP = 1 / 8  # of train: then a quarter is off by a sixteenth at most
_PLACES = {Split.HELDOUT: 0.0, Split.VALIDATION: SHARE}  # where each fifth begins


def fill(dataset: Dataset) -> Dataset:
    """Return the dataset with a fifth of train for each split it lacks.

    Where a fifth comes out empty and train holds three prompts or more, the one
    nearest to its range is taken; that one may change side as examples are added.
    """
    splits = dict(dataset.splits)
    for split, begin in _PLACES.items():
        if splits.get(split):
            continue
        train = splits.get(Split.TRAIN, ())
        chosen = _chosen(train, begin)
        splits[split] = tuple(e for e in train if _side_key(e) in chosen)
        splits[Split.TRAIN] = tuple(e for e in train if _side_key(e) not in chosen)
    return Dataset(splits, dataset.documents)


def limit(examples: Sequence[Example], n: int) -> tuple[Example, ...]:
    """Return at most n examples, the same ones every time, in file order.

    From a closed label set each label keeps its share. A smaller limit takes a
    subset of what a larger one takes. 0 means no limit.
    """
    if n <= 0 or n >= len(examples):
        return tuple(examples)
    places = [_place(f"{_side_key(e)}\x1d{e.reference}") for e in examples]
    by_hash = sorted(range(len(examples)), key=lambda i: (places[i], i))
    counts = label_counts(e.reference for e in examples)
    if counts:
        seen: Counter[str] = Counter()
        share: dict[int, float] = {}
        for i in by_hash:
            label = examples[i].reference.strip()
            share[i] = (seen[label] + 0.5) / counts[label]
            seen[label] += 1
        by_hash.sort(key=lambda i: share[i])
    return tuple(examples[i] for i in sorted(by_hash[:n]))


def part(examples: Sequence[Example], of: int) -> tuple[Example, ...]:
    """Return one of ``of`` parts of the examples, the same every time, in file order.

    Smaller parts lie in larger ones: the quarter is a part of the half. Groups stay
    whole, as near to the size as they allow; where there are none, or one holds more
    than an eighth of the examples, each label of a closed set keeps its share.
    """
    size = len(examples) // of
    units = _units(examples)
    if size == 0 or units is None:
        return limit(examples, size) if size else ()
    order = sorted(units, key=lambda key: (_place(f"part\x1d{key}"), key))
    reached = list(accumulate(units[key] for key in order))
    nearest = min(range(len(order)), key=lambda i: abs(reached[i] - size))
    taken = set(order[: nearest + 1])
    return tuple(e for e in examples if _side_key(e) in taken)


def _units(examples: Sequence[Example]) -> Counter[str] | None:
    """Count the examples of each group, or prompt where there is none; else None."""
    groups = Counter(e.group for e in examples if e.group)
    largest = max(groups.values(), default=1)
    if largest == 1 or largest > _LARGEST_GROUP * len(examples):
        return None
    return Counter(_side_key(e) for e in examples)


def _chosen(train: Sequence[Example], begin: float) -> set[str]:
    places = {key: _place(key) for key in {_side_key(e) for e in train}}
    inside = {k for k, place in places.items() if begin <= place < begin + SHARE}
    if inside or len(places) < 2 + (begin == 0.0):
        return inside
    middle = begin + SHARE / 2
    return {min(places, key=lambda k: (abs(places[k] - middle), k))}


def _side_key(example: Example) -> str:
    return f"group\x1d{example.group}" if example.group else prompt_key(example)


def _place(key: str) -> float:
    """Return a number in [0, 1) that depends on the key alone."""
    digest = hashlib.sha256(b"tunewise split 1\x00" + key.encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56

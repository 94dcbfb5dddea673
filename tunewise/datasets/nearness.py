"""Which texts are nearly the same: Jaccard similarity of character 5-grams.

    texts -> shingles (hashed 5-grams) -> 64 minima each (MinHash)
          -> texts that share 4 minima in one of 16 bands are candidates
          -> those whose minima agree too seldom are let go
          -> the exact Jaccard similarity of each candidate pair decides

A pair of similarity .8 becomes a candidate with probability 1 - (1 - .8^4)^16 =
.9998, one of .5 with .64; none below the threshold is ever reported. (Broder 1997;
Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, section 3.4.) The share of
equal minima estimates the similarity s with a standard deviation of
sqrt(s (1 - s) / 64); a pair is let go four of them below the threshold, which loses 1
of 30,000 that are just similar enough. The hashes are fixed, so the same texts give
the same pairs on every machine.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SIMILAR = 0.8  # wana 0.5 calls .8 near, too
_GRAM = 5
_BANDS, _MINIMA = 16, 4
_LONGEST = 4_000  # characters looked at: near copies show in the first pages
_BLOCK = 60_000  # characters per block: what the processor's cache holds
_KEPT_SETS = 500
_DEVIATIONS = 4
_PEERS = 24  # members of one bucket that a text is compared with

_Hashes = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts by position, and how similar they are."""

    first: int
    second: int
    similarity: float


@dataclass(slots=True)
class _Shingled:
    """Texts, their minima, and the sets of 5-grams of those that were compared."""

    texts: Sequence[str]
    minima: _Hashes  # shape (n_texts, 64)
    sets: dict[int, frozenset[str]] = field(default_factory=dict)

    def promising(self, one: int, others: Sequence[int], least: float) -> list[int]:
        """Return which of the others may be similar enough, in their order."""
        agree = (self.minima[list(others)] == self.minima[one]).sum(axis=1)
        total = self.minima.shape[1]
        slack = _DEVIATIONS * math.sqrt(least * (1 - least) / total)
        return [
            o
            for o, n in zip(others, agree, strict=True)
            if n >= (least - slack) * total
        ]

    def similarity(self, first: int, second: int) -> float:
        a, b = self._set(first), self._set(second)
        shared = len(a & b)
        return shared / (len(a) + len(b) - shared)

    def _set(self, position: int) -> frozenset[str]:
        known = self.sets.get(position)
        if known is None:
            if len(self.sets) >= _KEPT_SETS:
                self.sets.clear()
            known = self.sets[position] = shingles(self.texts[position])
        return known


def shingles(text: str) -> frozenset[str]:
    """Return a text's character 5-grams; a shorter text is its own.

    >>> sorted(shingles("abcdef"))
    ['abcde', 'bcdef']
    """
    cut = text[:_LONGEST]
    return frozenset(cut[i : i + _GRAM] for i in range(max(1, len(cut) - _GRAM + 1)))


def similarity(first: str, second: str) -> float:
    """Return the Jaccard similarity of two texts, in [0, 1]."""
    a, b = shingles(first), shingles(second)
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)


def near_clusters(
    texts: Sequence[str], threshold: float = SIMILAR
) -> tuple[tuple[int, ...], ...]:
    """Return groups of positions that hang together by similarity, largest first.

    Two texts hang together when they, or texts between them, are similar enough;
    texts of one template so make one cluster, not a million pairs.
    """
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    shingled = _Shingled(texts, _signatures(texts))
    for bucket in _buckets(shingled.minima):
        for place, i in enumerate(bucket[1:], start=1):
            peers = bucket[max(0, place - _PEERS) : place]
            for j in shingled.promising(i, peers, threshold):
                if root(i) == root(j):
                    break  # hangs together already
                if shingled.similarity(i, j) >= threshold:
                    parent[root(i)] = root(j)
                    break
    members: dict[int, list[int]] = defaultdict(list)
    for i in range(len(texts)):
        members[root(i)].append(i)
    clusters = (tuple(m) for m in members.values() if len(m) > 1)
    return tuple(sorted(clusters, key=lambda c: (-len(c), c[0])))


def nearest_pairs(
    first: Sequence[str], second: Sequence[str], threshold: float = SIMILAR
) -> tuple[Pair, ...]:
    """Return for each second text the most similar first text, where one is near.

    A bucket with very many first texts is tried in part (24 of them), so with texts
    of one template the partner is near, though perhaps not the nearest.
    """
    texts = (*first, *second)
    shingled = _Shingled(texts, _signatures(texts))
    best: dict[int, Pair] = {}
    for bucket in _buckets(shingled.minima):
        ours = [i for i in bucket if i < len(first)][:_PEERS]
        if not ours:
            continue
        for j in bucket:
            if j < len(first) or (j in best and best[j].similarity == 1.0):
                continue
            for i in shingled.promising(j, ours, threshold):
                value = shingled.similarity(i, j)
                if value >= threshold and (j not in best or value > best[j].similarity):
                    best[j] = Pair(i, j - len(first), value)
    return tuple(best[j] for j in sorted(best))


def _buckets(signatures: _Hashes) -> Iterator[list[int]]:
    """Yield the positions of texts that share a band, each such set once."""
    if len(signatures) < 2:
        return
    seen: set[tuple[int, ...]] = set()
    factors = _odd_numbers(_MINIMA, salt=99)
    for band in range(_BANDS):
        minima = signatures[:, band * _MINIMA : (band + 1) * _MINIMA]
        keys = _mix(minima.astype(np.uint64) @ factors)
        order = np.argsort(keys, kind="stable")
        begins = np.flatnonzero(np.diff(keys[order], prepend=~keys[order[:1]]))
        sizes = np.diff(begins, append=len(order))
        for begin, size in zip(begins[sizes > 1], sizes[sizes > 1], strict=True):
            bucket = order[begin : begin + size].tolist()
            mark = tuple(bucket)
            if mark not in seen:
                seen.add(mark)
                yield bucket


def _signatures(texts: Sequence[str]) -> _Hashes:
    """Return the MinHash signatures, shape (n_texts, 64)."""
    blocks = [np.empty((0, _BANDS * _MINIMA), dtype=np.uint32)]
    block: list[str] = []
    size = 0
    for text in texts:
        cut = text[:_LONGEST]
        block.append(cut.ljust(_GRAM, "\x00"))
        size += len(cut)
        if size > _BLOCK:
            blocks.append(_block_signatures(block))
            block, size = [], 0
    if block:
        blocks.append(_block_signatures(block))
    return np.concatenate(blocks)


def _block_signatures(texts: Sequence[str]) -> _Hashes:
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(joined, dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(t) for t in texts])
    ends = np.cumsum(lengths)
    factors = _odd_numbers(_GRAM, salt=7)
    hashes = np.zeros(len(points) - _GRAM + 1, dtype=np.uint64)
    for offset in range(_GRAM):
        hashes += points[offset : offset + len(hashes)] * factors[offset]
    inside = np.ones(len(hashes), dtype=bool)  # false: the 5-gram spans two texts
    for offset in range(1, _GRAM):
        last = ends[:-1] - offset
        inside[last[last < len(hashes)]] = False
    # the positions that remain, and where each text begins among them
    mixed = (_mix(hashes[inside]) >> np.uint64(32)).astype(np.uint32)
    begins = np.concatenate(([0], np.cumsum(lengths - _GRAM + 1)[:-1]))
    signatures = np.empty((len(texts), _BANDS * _MINIMA), dtype=np.uint32)
    room = np.empty_like(mixed)
    for column, factor in enumerate(_odd_numbers(_BANDS * _MINIMA, salt=1)):
        # 32 bits: processors multiply several at once
        np.bitwise_xor(mixed, np.uint32(factor >> np.uint64(33)), out=room)
        np.multiply(room, np.uint32(factor & np.uint64(0xFFFFFFFF)), out=room)
        signatures[:, column] = np.minimum.reduceat(room, begins)
    return signatures


def _odd_numbers(count: int, *, salt: int) -> NDArray[np.uint64]:
    """Return fixed odd 64-bit numbers: multipliers that lose no information."""
    numbers = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(salt * 2 + 1)
    return _mix(numbers) | np.uint64(1)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return splitmix64's finaliser of each value (Steele, Lea, Flood 2014)."""
    mixed = values.copy()
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed

"""Which texts are nearly the same: Jaccard similarity of character 5-grams.

    texts -> shingles (hashed 5-grams) -> 64 minima each (MinHash)
          -> texts that share 4 minima in one of 16 bands are candidates
          -> those whose minima agree too seldom are let go
          -> the exact Jaccard similarity of each candidate pair decides

A pair of similarity .8 becomes a candidate with probability 1 - (1 - .8^4)^16 =
.9998, one of .5 with .64; none below the threshold is ever reported. (Broder 1997;
Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, section 3.4.) The share of
equal minima estimates the similarity s with a standard deviation of
sqrt(s (1 - s) / 64); a pair is let go two of them below the threshold, which loses
1 of 44 that are just similar enough and 1 of 2,000 of similarity .85. Of the rest the
four of each text that agree most are compared, because texts of one template are all
somewhat alike. The hashes are fixed, so the same texts give the same pairs on every
machine.
"""

import functools
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SIMILAR = 0.8  # wana 0.5 calls .8 near, too
_GRAM = 5
_BANDS, _MINIMA = 16, 4
_LONGEST = 4_000  # characters looked at: near copies show in the first pages
_BLOCK = 60_000  # characters per block: what the processor's cache holds
_KEPT_GRAMS = 1_000_000  # in sets: about 100 MB
_DEVIATIONS = 2
_PEERS = 24  # members of one bucket whose minima a text is compared with
_TRIES = 4  # texts that a text is compared with: its template may have thousands

_Hashes = NDArray[np.uint32]
_Positions = NDArray[np.intp]
_Neighbours = Callable[
    [_Positions, NDArray[np.uint64]], Iterator[tuple[_Positions, _Positions]]
]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts by position, and how similar they are."""

    first: int
    second: int
    similarity: float


@dataclass(slots=True)
class _Shingled:
    """Texts, and the 5-grams of those that were compared of late."""

    texts: Sequence[str]
    sets: dict[int, set[str]] = field(default_factory=dict)
    held: int = 0  # 5-grams in the sets

    def similarity(self, one: int, other: int) -> float:
        return _jaccard(self._set(one), self._set(other))

    def _set(self, position: int) -> set[str]:
        known = self.sets.get(position)
        if known is None:
            if self.held >= _KEPT_GRAMS:
                self.sets.clear()
                self.held = 0
            known = self.sets[position] = shingles(self.texts[position])
            self.held += len(known)
        return known


def shingles(text: str) -> set[str]:
    """Return a text's character 5-grams; a shorter text is its own.

    >>> sorted(shingles("abcdef"))
    ['abcde', 'bcdef']
    """
    cut = text[:_LONGEST]
    return {cut[i : i + _GRAM] for i in range(max(1, len(cut) - _GRAM + 1))}


def similarity(first: str, second: str) -> float:
    """Return the Jaccard similarity of two texts, in [0, 1]."""
    return _jaccard(shingles(first), shingles(second))


def _jaccard(a: set[str], b: set[str]) -> float:
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

    shingled = _Shingled(texts)
    for i, j in _candidates(_signatures(texts), _before, threshold):
        if root(i) != root(j) and shingled.similarity(i, j) >= threshold:
            parent[root(i)] = root(j)
    members: dict[int, list[int]] = defaultdict(list)
    for i in range(len(texts)):
        members[root(i)].append(i)
    clusters = (tuple(m) for m in members.values() if len(m) > 1)
    return tuple(sorted(clusters, key=lambda c: (-len(c), c[0])))


def nearest_pairs(
    first: Sequence[str], second: Sequence[str], threshold: float = SIMILAR
) -> tuple[Pair, ...]:
    """Return for each second text the most similar first text, where one is near.

    Of very many first texts of one template 24 are tried, those that stand as far
    along as the second text does: the partner is near, though perhaps not the nearest.
    """
    texts = (*first, *second)
    shingled = _Shingled(texts)
    across = functools.partial(_across, firsts=len(first))
    best: dict[int, Pair] = {}
    for j, i in _candidates(_signatures(texts), across, threshold):
        value = shingled.similarity(j, i)
        if value >= threshold and (j not in best or value > best[j].similarity):
            best[j] = Pair(i, j - len(first), value)
    return tuple(best[j] for j in sorted(best))


def _candidates(
    signatures: _Hashes, neighbours: _Neighbours, threshold: float
) -> Iterator[tuple[int, int]]:
    """Yield pairs of positions that may be similar enough, those of one text together.

    ``neighbours`` says which positions are looked at, in the order of a band's keys.
    """
    if len(signatures) < 2:
        return
    total = _BANDS * _MINIMA
    slack = _DEVIATIONS * math.sqrt(threshold * (1 - threshold) / total)
    found = np.empty((0, 3), dtype=np.int32)  # one, other, minima that agree
    for order, keys in _bands(signatures):
        rows, pairs = signatures[order], [found]
        for ones, others in neighbours(order, keys):
            agree = np.count_nonzero(rows[ones] == rows[others], axis=1)
            near = agree >= (threshold - slack) * total
            pair = (order[ones[near]], order[others[near]], agree[near])
            pairs.append(np.stack(pair, axis=1).astype(np.int32))
        found = _best(np.concatenate(pairs))
    for one, other, _ in found.tolist():
        yield one, other


def _best(found: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the best four pairs of each first position, each pair once."""
    ordered = found[np.lexsort((found[:, 1], -found[:, 2], found[:, 0]))]
    new = np.ones(len(ordered), dtype=bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    ordered = ordered[new]
    begins = np.flatnonzero(np.diff(ordered[:, 0], prepend=-1))
    rank = np.arange(len(ordered)) - np.repeat(
        begins, np.diff(begins, append=len(ordered))
    )
    return ordered[rank < _TRIES]


def _bands(signatures: _Hashes) -> Iterator[tuple[_Positions, NDArray[np.uint64]]]:
    """Yield for each band the positions sorted by its key, and the sorted keys."""
    factors = _odd_numbers(_MINIMA, salt=99)
    for band in range(_BANDS):
        minima = signatures[:, band * _MINIMA : (band + 1) * _MINIMA]
        keys = _mix(minima.astype(np.uint64) @ factors)
        order = np.argsort(keys, kind="stable")
        yield order, keys[order]


def _before(
    order: _Positions, keys: NDArray[np.uint64]
) -> Iterator[tuple[_Positions, _Positions]]:
    """Yield places in ``order`` with those up to 24 before them that share the key."""
    for back in range(1, min(_PEERS + 1, len(order))):
        same = np.flatnonzero(keys[back:] == keys[:-back])
        if not len(same):
            return
        yield same + back, same


def _across(
    order: _Positions, keys: NDArray[np.uint64], *, firsts: int
) -> Iterator[tuple[_Positions, _Positions]]:
    """Yield places of second texts with those of first texts that share the key."""
    begins = np.flatnonzero(np.diff(keys, prepend=~keys[:1]))
    sizes = np.diff(begins, append=len(keys))
    ours = np.add.reduceat(order < firsts, begins, dtype=np.intp)
    bucket = np.repeat(np.arange(len(begins)), sizes)
    places = np.flatnonzero((order >= firsts) & (ours[bucket] > 0))
    of = bucket[places]
    rank = places - begins[of] - ours[of]  # the first texts stand before the second
    along = rank * ours[of] // (sizes - ours)[of]
    start = np.clip(along - _PEERS // 2, 0, np.maximum(0, ours[of] - _PEERS))
    for nth in range(_PEERS):
        there = start + nth < ours[of]
        if not there.any():
            return
        yield places[there], (begins[of] + start + nth)[there]


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

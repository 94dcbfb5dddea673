"""The same prompts, answered otherwise: what was right then is wrong now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tunewise.domain.dataset import Example
from tunewise.evidence.drift.chance import Bools, Chosen, Ints, p_value
from tunewise.evidence.drift.finding import ALPHA, DriftFinding
from tunewise.evidence.intervals import wilson

ACTS = 0.05  # of the prompts that are asked again
SHOWN = 20


def changed_answers(
    reference: Sequence[Example],
    later: Sequence[Example],
    prompts: Sequence[str],
    accepted: Sequence[frozenset[str]],
    chosen: Chosen,
    *,
    fact: str,
) -> DriftFinding | None:
    """Tell whether prompts asked again have answers that none had before.

    Parameters
    ----------
    prompts, accepted : of the reference, then of the later examples
        What tells prompts apart, and every answer that is right.

    Returns
    -------
    DriftFinding or None
        None where no later prompt was asked before. A set that contradicts itself
        does so in its permuted halves as well, and is not drift.
    """
    times = Counter(prompts)
    repeated = [i for i, prompt in enumerate(prompts) if times[prompt] > 1]
    if not repeated:
        return None
    twice = _Repeated.of(
        [prompts[i] for i in repeated], [accepted[i] for i in repeated]
    )
    is_later = np.arange(len(prompts)) >= len(reference)
    asked, changed = twice.changed(is_later[None, repeated])
    n, k = int(asked.sum()), int(changed.sum())
    if not n:
        return None
    by_chance = twice.changed(chosen[:, repeated]).changed
    p = p_value(float(k), by_chance.sum(axis=1).astype(np.float64))
    low, high = wilson(k, n)
    one_of = [later[repeated[i] - len(reference)] for i in np.flatnonzero(changed[0])]
    return DriftFinding(
        code="changed_answers",
        value=k / n,
        low=low,
        high=high,
        threshold=ACTS,
        fact=fact,
        drifted=low > ACTS and p < ALPHA,
        message=(
            f"{k:,} of {n:,} prompts that were asked before have another answer now "
            f"(p {p:.2g})"
        ),
        p_value=p,
        texts={"examples": tuple(_named(e) for e in one_of[:SHOWN])} if one_of else {},
    )


class _Changed(NamedTuple):
    """Which later examples were asked before; which of them with other answers only."""

    asked: Bools  # (…, examples)
    changed: Bools


@dataclass(frozen=True, slots=True)
class _Repeated:
    """Examples whose prompts stand there more than once."""

    prompt: Ints  # (examples,): its number
    prompts: Any  # sparse, (examples, prompts)
    right: Any  # sparse, (examples, pairs of a prompt and a right answer)

    @classmethod
    def of(
        cls, prompts: Sequence[str], accepted: Sequence[frozenset[str]]
    ) -> "_Repeated":
        number = {prompt: i for i, prompt in enumerate(dict.fromkeys(prompts))}
        asked = np.array([number[prompt] for prompt in prompts], dtype=np.int64)
        pairs = [
            (row, (prompt, answer))
            for row, (prompt, right) in enumerate(zip(prompts, accepted, strict=True))
            for answer in right
        ]
        rows = [(row, prompt) for row, prompt in enumerate(prompts)]
        return cls(asked, _member(rows, len(prompts)), _member(pairs, len(prompts)))

    def changed(self, later: Bools) -> _Changed:
        """Return what changed if these, (…, examples), are the later ones."""
        earlier = (~later).astype(np.float32)
        asked = later & (earlier @ self.prompts > 0)[:, self.prompt]
        known = (earlier @ self.right > 0).astype(np.float32)
        return _Changed(asked, asked & ~(known @ self.right.T > 0))


def _member(pairs: Sequence[tuple[int, object]], n: int) -> Any:  # noqa: ANN401
    """Return the sparse matrix, (n, things), of which row holds which thing."""
    from scipy.sparse import csr_array

    column = {thing: i for i, thing in enumerate(dict.fromkeys(t for _, t in pairs))}
    rows, columns = [row for row, _ in pairs], [column[thing] for _, thing in pairs]
    ones = np.ones(len(pairs), dtype=np.float32)
    return csr_array((ones, (rows, columns)), shape=(n, len(column)))


def _named(example: Example) -> str:
    return example.id or f"line {example.line}"

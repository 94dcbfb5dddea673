"""Several examples in one sequence, behind one copy of their shared beginning.

Examples of one task share a long prefix (the system prompt, labels). Packed, the
model reads it once:

    ids        p p p p | a a a | b b | c c c c
    positions  0 1 2 3 | 4 5 6 | 4 5 | 4 5 6 7
    mask       every row sees the prefix and its own block, causally

A token attends to exactly what it would attend to alone, at the same position, so
the gradients are those of the padded batch (tested), for a fraction of the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from trainer.chat import Tokens


@dataclass(frozen=True, slots=True)
class Pack:
    """One forward pass. Shapes with T tokens, L of them predicted.

    ``predict`` indexes the tokens whose next token is trained on; ``target`` is
    that next token. ``lengths`` are those of the prefix, which may be 0, and of what
    each example has behind it.
    """

    ids: torch.Tensor  # (1, T) int64
    positions: torch.Tensor  # (1, T) int64
    mask: torch.Tensor  # (1, 1, T, T) float32, 0 or -inf
    predict: torch.Tensor  # (L,) int64
    target: torch.Tensor  # (L,) int64
    lengths: tuple[int, ...]  # their sum is T

    @property
    def tokens(self) -> int:
        """How many tokens the pass has."""
        return self.ids.shape[1]


def pack(examples: Sequence[Tokens], *, shared: int) -> Pack:
    """Pack examples whose first ``shared`` tokens are the same and not trained on."""
    prefix = list(examples[0].ids[:shared])
    ids, positions = list(prefix), list(range(shared))
    block = [-1] * shared  # -1: the prefix, seen by all
    predict: list[int] = []
    target: list[int] = []
    lengths: list[int] = []
    for number, example in enumerate(examples):
        start = len(ids)
        # what stands behind the last prediction changes nothing
        rest = example.ids[shared : example.last_trained]
        for i, token in enumerate(example.ids[shared:]):
            if example.trained[shared + i] and shared + i:  # nothing predicts the first
                predict.append(start + i - 1 if i else shared - 1)
                target.append(token)
        ids += rest
        positions += range(shared, shared + len(rest))
        block += [number] * len(rest)
        lengths.append(len(rest))
    owner = torch.tensor(block)
    causal = torch.ones(len(ids), len(ids), dtype=torch.bool).tril()
    seen = causal & ((owner[:, None] == owner[None, :]) | (owner[None, :] == -1))
    mask = torch.zeros(len(ids), len(ids)).masked_fill(~seen, float("-inf"))
    return Pack(
        ids=torch.tensor([ids]),
        positions=torch.tensor([positions]),
        mask=mask[None, None],
        predict=torch.tensor(predict),
        target=torch.tensor(target),
        lengths=(shared, *lengths),
    )


def packs(batch: Sequence[Tokens], *, max_tokens: int) -> list[Pack]:
    """Split one optimiser batch into packs of at most ``max_tokens`` tokens.

    An example longer than that gets a pack of its own. A shared prefix counts as half
    of the pack at most: alone behind a long one, each example would read it again.
    """
    shared = shared_prefix(batch)
    counted = min(shared, max_tokens // 2)
    groups: list[list[Tokens]] = []
    used = 0
    for example in sorted(batch, key=lambda e: len(e.ids)):
        rest = example.last_trained - shared
        if groups and used + rest <= max_tokens:
            groups[-1].append(example)
            used += rest
        else:
            groups.append([example])
            used = counted + rest
    return [pack(group, shared=shared) for group in groups]


def shared_prefix(batch: Sequence[Tokens]) -> int:
    """Length of the common beginning that no example trains on.

    At least one token of each example stays outside it. The token *before* the
    first trained one stays outside too: it predicts, and each example has its own
    prediction there.
    """
    limit = min(min(e.first_trained - 1, len(e.ids) - 1) for e in batch)
    first = batch[0].ids
    for i in range(max(limit, 0)):
        if any(e.ids[i] != first[i] for e in batch):
            return i
    return max(limit, 0)

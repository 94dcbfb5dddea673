"""Attention over a pack, without the products that its mask hides.

    prefix     attends to itself
    a block    one example, or some short ones, attends to the prefix and to itself

Over T tokens in one piece, attention computes T x T products, almost all of them
between examples that must not see each other: a fifth of a step with 1,024 tokens
(docs/training.md). The prefix may have been read before, as it has where prompts are
answered. Training attends in blocks on a CPU only: elsewhere nobody has measured it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from trainer.attention import attending

NAME = "tunewise_blocks"
BLOCK_TOKENS = 128  # a block has at least; smaller ones cost more calls than they save


@dataclass(frozen=True, slots=True)
class Blocks:
    """How a pack is cut; the first length is that of the prefix, and may be 0.

    A mask is of shape (1, 1, length, prefix + length), one for each block.
    """

    lengths: tuple[int, ...]
    masks: tuple[torch.Tensor, ...]


def use_blocks(model: Any) -> None:
    """Let a base model on a CPU attend block by block, where it can be told to."""
    if (
        model.device.type == "cpu"
        and model.config._attn_implementation == "sdpa"
        and getattr(model, "_supports_attention_backend", False)
    ):
        _register()
        model.set_attn_implementation(NAME)


@contextmanager
def attending_in_blocks(model: Any) -> Iterator[None]:
    """Let the model take ``blocks`` for a while."""
    _register()
    with attending(model, NAME):
        yield


def _register() -> None:
    AttentionInterface.register(NAME, _attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)


def uses_blocks(model: Any) -> bool:
    """Return whether the model takes ``blocks`` beside the mask."""
    return bool(model.config._attn_implementation == NAME)


def blocks_of(
    lengths: Sequence[int],
    *,
    least: int = BLOCK_TOKENS,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Blocks:
    """Cut what stands behind a prefix into blocks of at least so many tokens.

    The first of ``lengths`` is that of the prefix, the others are those of what each
    example has behind it. The last block may be smaller.
    """
    prefix, *examples = lengths
    blocks: list[list[int]] = []
    for length in examples:
        if blocks and sum(blocks[-1]) < least:
            blocks[-1].append(length)
        else:
            blocks.append([length])
    masks = [_mask(prefix, block, dtype, device) for block in blocks]
    return Blocks((prefix, *map(sum, blocks)), tuple(masks))


def _mask(
    prefix: int, block: Sequence[int], dtype: torch.dtype, device: torch.device | str
) -> torch.Tensor:
    """Let each example see the prefix and itself: (1, 1, tokens, prefix + tokens)."""
    owner = torch.arange(len(block), device=device)
    owner = owner.repeat_interleave(torch.tensor(block, device=device))
    seen = (owner[:, None] == owner).tril()
    mask = torch.zeros(seen.shape, dtype=dtype, device=device)
    mask.masked_fill_(~seen, float("-inf"))
    return torch.nn.functional.pad(mask, (prefix, 0))[None, None]


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,  # (1, heads, T, width), or without the prefix
    key: torch.Tensor,  # (1, key heads, T, width)
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    blocks: Blocks | None = None,
    **settings: Any,
) -> tuple[torch.Tensor, None]:
    """Return (1, T, heads, width), as every attention of transformers does."""
    if blocks is None:
        whole: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, **settings
        )
        return whole
    lengths = list(blocks.lengths)
    keys, values = torch.split(key, lengths, 2), torch.split(value, lengths, 2)
    if query.shape[2] < key.shape[2]:  # the prefix was read before
        lengths[0] = 0
    queries = torch.split(query, lengths, 2)
    parts = []
    if lengths[0]:
        parts.append(
            sdpa_attention_forward(
                module, queries[0], keys[0], values[0], None, **settings
            )[0]
        )
    for q, k, v, mask in zip(
        queries[1:], keys[1:], values[1:], blocks.masks, strict=True
    ):
        k, v = torch.cat((keys[0], k), 2), torch.cat((values[0], v), 2)
        parts.append(sdpa_attention_forward(module, q, k, v, mask, **settings)[0])
    return torch.cat(parts, 1), None

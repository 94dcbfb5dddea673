"""Attention over a pack, without the products that its mask hides.

    prefix     attends to itself
    a block    one example, or some short ones, attends to the prefix and to itself

Over T tokens in one piece, attention computes T x T products, almost all of them
between examples that must not see each other: a fifth of a step with 1,024 tokens
(docs/training.md). A block takes its part of the pack's own mask, so what is seen
stays the same. On a CPU only: elsewhere nobody has measured it.
"""

from dataclasses import dataclass
from typing import Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from trainer.packing import Pack

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
        AttentionInterface.register(NAME, _attend)
        AttentionMaskInterface.register(NAME, sdpa_mask)
        model.set_attn_implementation(NAME)


def uses_blocks(model: Any) -> bool:
    """Return whether the model takes ``blocks`` beside the mask."""
    return bool(model.config._attn_implementation == NAME)


def blocks_of(one: Pack, *, least: int = BLOCK_TOKENS) -> Blocks:
    """Cut a pack into blocks of at least so many tokens, the last perhaps fewer."""
    prefix, *examples = one.lengths
    lengths: list[int] = []
    for length in examples:
        if lengths and lengths[-1] < least:
            lengths[-1] += length
        else:
            lengths.append(length)
    masks, start = [], prefix
    for length in lengths:
        rows = one.mask[:, :, start : start + length]
        own = rows[..., start : start + length]
        masks.append(torch.cat((rows[..., :prefix], own), dim=-1))
        start += length
    return Blocks((prefix, *lengths), tuple(masks))


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,  # (1, heads, T, width)
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
    queries, keys, values = (
        torch.split(x, list(blocks.lengths), 2) for x in (query, key, value)
    )
    parts = []
    if blocks.lengths[0]:
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

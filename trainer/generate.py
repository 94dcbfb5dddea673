"""Answers by greedy decoding: one pass over the shared prefix, batches by length.

Prompts of one task share a long beginning (system prompt, shots). It is read once,
and its key/value cache is shared by every batch:

    prefix   [s s s s s s]                 once
    read     [· · a a a] [b b b b b] …     left-padded rests, a few rows at a time
    answer   [a] [b] …                     one token a row, all rows of a batch
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from transformers import DynamicCache

from trainer import memory
from trainer.cache import RoomyCache

# A wider batch answers more rows for one pass over the weights; what is read at once
# should stay inside the processor's cache. Seen on two cores with 32 MB of it: 331
# tokens a second in passes of 7,600 tokens, 400 in passes of 2,000.
BATCH_ROWS = 64
BATCH_TOKENS = 24_576  # rows times columns: 1.1 GB on the 135M base in float32
READ_TOKENS = 2_048
KEEP_ENDED = 0.75  # rows are dropped once this share of them or less is left


@dataclass(frozen=True, slots=True)
class Generated:
    """One answer's token ids, the end of turn left out."""

    ids: tuple[int, ...]
    stopped: bool  # ended by itself, not by the limit


@torch.inference_mode()
def generate(
    model: Any,
    prompts: Sequence[Sequence[int]],
    *,
    stop: frozenset[int],
    max_new_tokens: int,
    batch_size: int = BATCH_ROWS,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Generated]:
    """Answer every prompt greedily, in the order given.

    Parameters
    ----------
    model : a causal language model of transformers, or a peft model around one
    prompts : sequence of token-id sequences, length n_prompts, none empty
    stop : ids that end an answer
    """
    if not prompts:
        return []
    shared = common_prefix(prompts)
    prefix = _read_prefix(model, prompts[0][:shared])
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    answers: dict[int, Generated] = {}
    columns = [len(prompts[i]) + max_new_tokens for i in order]
    for batch in _groups(columns, rows=batch_size, tokens=BATCH_TOKENS):
        rows = order[batch]
        rests = [list(prompts[i][shared:]) for i in rows]
        made = _in_memory(model, prefix, rests, stop=stop, limit=max_new_tokens)
        answers.update(zip(rows, made, strict=True))
        on_progress(len(answers), len(prompts))
    return [answers[i] for i in range(len(prompts))]


@torch.inference_mode()
def latencies(
    model: Any,
    prompts: Sequence[Sequence[int]],
    *,
    stop: frozenset[int],
    max_new_tokens: int,
) -> list[float]:
    """Seconds per request, one at a time, nothing shared between requests.

    The first prompt is answered once before the clock starts (warm-up).
    """
    seconds = []
    for i, prompt in enumerate([prompts[0], *prompts] if prompts else []):
        began = time.perf_counter()
        _decode(model, None, [list(prompt)], stop=stop, limit=max_new_tokens)
        if i:
            seconds.append(time.perf_counter() - began)
    return seconds


def common_prefix(prompts: Sequence[Sequence[int]]) -> int:
    """Length of the shared beginning; at least one token is left to each rest."""
    limit = min(len(p) for p in prompts) - 1
    first = prompts[0]
    for i in range(limit):
        if any(p[i] != first[i] for p in prompts):
            return i
    return max(limit, 0)


def _read_prefix(model: Any, ids: Sequence[int]) -> DynamicCache | None:
    if not ids:
        return None
    cache = DynamicCache()
    inputs = torch.tensor([list(ids)], device=model.device)
    model(input_ids=inputs, past_key_values=cache, use_cache=True, logits_to_keep=1)
    return cache


def _groups(widths: Sequence[int], *, rows: int, tokens: int) -> list[slice]:
    """Cut ascending widths into runs of at most so many rows and tokens, or one row."""
    cuts = [0]
    for at, width in enumerate(widths):
        count = at - cuts[-1]
        if count and (count == rows or (count + 1) * width > tokens):
            cuts.append(at)
    return [slice(a, b) for a, b in pairwise([*cuts, len(widths)])]


def _in_memory(
    model: Any,
    prefix: DynamicCache | None,
    rests: list[list[int]],
    *,
    stop: frozenset[int],
    limit: int,
) -> list[Generated]:
    """Answer one batch, in halves where memory runs out on it."""
    try:
        return _decode(model, prefix, rests, stop=stop, limit=limit)
    except (RuntimeError, MemoryError) as error:
        if not memory.ran_out(error) or len(rests) == 1:
            raise
    memory.give_back()
    half = len(rests) // 2
    return [
        answer
        for part in (rests[:half], rests[half:])
        for answer in _in_memory(model, prefix, part, stop=stop, limit=limit)
    ]


def _decode(
    model: Any,
    prefix: DynamicCache | None,
    rests: list[list[int]],
    *,
    stop: frozenset[int],
    limit: int,
) -> list[Generated]:
    """Answer one batch: read its rests, then a token for each row at a time."""
    before = prefix.get_seq_length() if prefix else 0
    width = max(map(len, rests))
    cache = RoomyCache(
        model.config.get_text_config().num_hidden_layers,
        rows=len(rests),
        columns=before + width + limit,
        prefix=prefix,
    )
    pads = torch.tensor([width - len(r) for r in rests], device=model.device)
    columns = torch.arange(before + width, device=model.device)
    behind = columns >= before + pads[:, None]
    mask = (behind | (columns < before)).long()
    chosen = _read(model, cache, rests, mask)
    positions = mask.sum(-1, keepdim=True)  # of the token chosen last
    cache.window(slice(None), before + width)
    taken: list[list[int]] = [[] for _ in rests]
    stopped = [False] * len(rests)
    rows = list(range(len(rests)))  # of the cache; some may have ended
    for _ in range(limit):
        alive = []
        for at, token in enumerate(chosen.tolist()):
            if stopped[rows[at]]:
                continue
            if token in stop:
                stopped[rows[at]] = True
            else:
                taken[rows[at]].append(token)
                alive.append(at)
        if not alive or max(map(len, taken)) == limit:
            break
        if len(alive) <= KEEP_ENDED * len(rows):
            index = torch.tensor(alive, device=model.device)
            cache.keep(index)
            mask, positions, chosen = mask[index], positions[index], chosen[index]
            rows = [rows[at] for at in alive]
        mask = torch.cat([mask, mask.new_ones(len(rows), 1)], dim=1)
        chosen = _next(model, cache, chosen[:, None], mask, positions)
        positions = positions + 1
    return [Generated(tuple(t), s) for t, s in zip(taken, stopped, strict=True)]


def _read(
    model: Any, cache: RoomyCache, rests: list[list[int]], mask: torch.Tensor
) -> torch.Tensor:
    """Read every row's rest, some rows at a time; return the first tokens chosen."""
    first = []
    widths = [len(r) for r in rests]
    for rows in _groups(widths, rows=len(rests), tokens=READ_TOKENS):
        group, widest = rests[rows], max(widths[rows])
        cache.window(rows, mask.shape[1] - widest)
        ids = [[0] * (widest - len(r)) + r for r in group]
        positions = (mask[rows].cumsum(-1) - 1).clamp(min=0)[:, -widest:]
        read = torch.tensor(ids, device=model.device)
        first.append(_next(model, cache, read, mask[rows], positions))
    return torch.cat(first)


def _next(
    model: Any,
    cache: RoomyCache,
    ids: torch.Tensor,
    mask: torch.Tensor,
    positions: torch.Tensor,
) -> torch.Tensor:
    """Return the most likely next token of each row."""
    out = model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=positions,
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    most_likely: torch.Tensor = out.logits[:, -1].argmax(-1)
    return most_likely

"""Answers by greedy decoding: one pass over the shared prefix, few passes for the rest.

Prompts of one task share a long beginning (system prompt, shots). It is read once,
and all rows attend to its keys and values without a copy of their own:

    prefix   [s s s s s s]                once
    read     [a a a|b b b b b|c …]        rests of similar length, packed, no padding
    answer   [a] [b] [c] …                one token a row, all rows of a batch

Models that attend in another way (:func:`trainer.cache.can_attend_to_rows`) answer
by ``generate`` of transformers, in batches of similar length.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from transformers import DynamicCache

from trainer import memory
from trainer.block_attention import attending_in_blocks, blocks_of
from trainer.cache import RowsCache, attending_to_rows, can_attend_to_rows

# A wider batch answers more rows for one pass over the weights.
BATCH_ROWS = 128
BATCH_TOKENS = 24_576  # rows times own columns: 1.1 GB on the 135M base in float32
READ_TOKENS = 1_024
KEEP_ENDED = 0.75  # rows are dropped once this share of them or less is left


@dataclass(frozen=True, slots=True)
class Generated:
    """One answer's token ids, the end of turn left out."""

    ids: tuple[int, ...]
    stopped: bool  # ended by itself, not by the limit


Answer = Callable[[list[list[int]]], list[Generated]]  # one batch of rests
OnToken = Callable[[], None]


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
    shared = common_prefix(prompts) if can_attend_to_rows(model) else 0
    prefix = _read_prefix(model, prompts[0][:shared])
    answer = _answer(model, prefix, stop=stop, limit=max_new_tokens)
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    answers: dict[int, Generated] = {}
    columns = [len(prompts[i]) - shared + max_new_tokens for i in order]
    for batch in _groups(columns, rows=batch_size, tokens=BATCH_TOKENS):
        rows = order[batch]
        made = _in_memory(answer, [list(prompts[i][shared:]) for i in rows])
        answers.update(zip(rows, made, strict=True))
        on_progress(len(answers), len(prompts))
    return [answers[i] for i in range(len(prompts))]


@torch.inference_mode()
def generate_alone(
    model: Any,
    prompt: Sequence[int],
    *,
    stop: frozenset[int],
    max_new_tokens: int,
    on_token: OnToken,
) -> Generated:
    """Answer one prompt greedily; nothing of an earlier one is used.

    ``on_token`` is called as each token is known, the end of turn included.
    """
    answer = _answer(model, None, stop=stop, limit=max_new_tokens, on_token=on_token)
    [made] = answer([list(prompt)])
    return made


def _answer(
    model: Any,
    prefix: DynamicCache | None,
    *,
    stop: frozenset[int],
    limit: int,
    on_token: OnToken | None = None,
) -> Answer:
    """Return what answers one batch of rests behind the prefix."""
    how: dict[str, Any] = {"stop": stop, "limit": limit, "on_token": on_token}
    if not can_attend_to_rows(model):
        return partial(_plainly, model, **how)
    return partial(_decode, model, prefix, **how)


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


def _in_memory(answer: Answer, rests: list[list[int]]) -> list[Generated]:
    """Answer one batch, in halves where memory runs out on it."""
    try:
        return answer(rests)
    except (RuntimeError, MemoryError) as error:
        if not memory.ran_out(error) or len(rests) == 1:
            raise
    memory.give_back()
    half = len(rests) // 2
    return [
        made
        for part in (rests[:half], rests[half:])
        for made in _in_memory(answer, part)
    ]


def _plainly(
    model: Any,
    prompts: list[list[int]],
    *,
    stop: frozenset[int],
    limit: int,
    on_token: OnToken | None,
) -> list[Generated]:
    """Answer one batch by ``generate`` of transformers, padded on the left."""
    width = max(map(len, prompts))
    none = model.config.get_text_config().vocab_size  # an id that no token has
    ids = [[0] * (width - len(p)) + p for p in prompts]
    mask = [[0] * (width - len(p)) + [1] * len(p) for p in prompts]
    out = model.generate(
        input_ids=torch.tensor(ids, device=model.device),
        attention_mask=torch.tensor(mask, device=model.device),
        do_sample=False,
        max_new_tokens=limit,
        eos_token_id=sorted(stop) or none,
        pad_token_id=min(stop, default=0),
        streamer=_Streamer(on_token) if on_token else None,
    )
    made = []
    for row in out[:, width:].tolist():
        end = next((n for n, token in enumerate(row) if token in stop), len(row))
        made.append(Generated(tuple(row[:end]), stopped=end < len(row)))
    return made


class _Streamer:
    """Told by ``generate`` of transformers of the prompt, then of every token.

    On an accelerator it tells a token one step late, so that the first token looks
    that much later there; the whole answer does not.
    """

    def __init__(self, on_token: OnToken) -> None:
        self._on_token, self._prompt_told = on_token, False

    def put(self, _: torch.Tensor) -> None:
        """Pass a token on."""
        if self._prompt_told:
            self._on_token()
        self._prompt_told = True

    def end(self) -> None:
        """Do nothing: the last token was told."""


def _decode(
    model: Any,
    prefix: DynamicCache | None,
    rests: list[list[int]],
    *,
    stop: frozenset[int],
    limit: int,
    on_token: OnToken | None,
) -> list[Generated]:
    """Answer one batch: read its rests, then a token for each row at a time."""
    lengths = torch.tensor([len(r) for r in rests], device=model.device)
    cache = RowsCache(prefix, lengths, columns=int(lengths.max()) + limit)
    chosen = _read(model, cache, rests)
    positions = cache.prefix_tokens + lengths  # of the token chosen last
    taken: list[list[int]] = [[] for _ in rests]
    stopped = [False] * len(rests)
    rows = list(range(len(rests)))  # of the cache; some may have ended
    for _ in range(limit):
        tokens, alive = chosen.tolist(), []  # the device has them when this returns
        if on_token:
            on_token()
        for at, token in enumerate(tokens):
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
            positions, chosen = positions[index], chosen[index]
            rows = [rows[at] for at in alive]
        chosen = _next(model, cache, chosen, positions)
        positions = positions + 1
    return [Generated(tuple(t), s) for t, s in zip(taken, stopped, strict=True)]


def _read(model: Any, cache: RowsCache, rests: list[list[int]]) -> torch.Tensor:
    """Read every row's rest, some rows at a time; return the first tokens chosen."""
    first = []
    widths = [len(r) for r in rests]
    for rows in _groups(widths, rows=len(rests), tokens=READ_TOKENS):
        ids = torch.tensor([t for r in rests[rows] for t in r], device=model.device)
        lengths = torch.tensor(widths[rows], device=model.device)
        owner = torch.arange(len(lengths), device=model.device)
        owner = owner.repeat_interleave(lengths)
        places = torch.cat([torch.arange(n, device=model.device) for n in widths[rows]])
        read = _copy(cache.prefix)
        blocks = blocks_of(
            [cache.prefix_tokens, *widths[rows]], dtype=model.dtype, device=model.device
        )
        with attending_in_blocks(model):
            out = model(
                input_ids=ids[None],
                position_ids=(cache.prefix_tokens + places)[None],
                past_key_values=read,
                use_cache=True,
                logits_to_keep=lengths.cumsum(0) - 1,
                blocks=blocks,
            )
        cache.put(read, rows.start + owner, places)
        first.append(out.logits[0].argmax(-1))
    return torch.cat(first)


def _copy(prefix: DynamicCache | None) -> DynamicCache:
    layers = prefix.layers if prefix else []
    return DynamicCache([(layer.keys, layer.values) for layer in layers])


def _next(
    model: Any, cache: RowsCache, tokens: torch.Tensor, positions: torch.Tensor
) -> torch.Tensor:
    """Return the most likely token behind the last of each row."""
    with attending_to_rows(model):
        out = model(
            input_ids=tokens[:, None],
            position_ids=positions[:, None],
            use_cache=False,
            rows=cache,
        )
    cache.filled += 1
    most_likely: torch.Tensor = out.logits[:, -1].argmax(-1)
    return most_likely

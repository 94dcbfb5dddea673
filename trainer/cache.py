"""Keys and values of a batch: the shared prefix once, each row's own in place.

    prefix   [s s s s s s]              one copy, seen by every row
    own      [· · a a a | x x ·]        right-aligned rest | room for the answer
             [b b b b b | y · ·]

``transformers``' own dynamic cache holds the prefix once a row and grows by copying
all of itself for every token. Here a token's keys and values are written in place,
and the attention of all rows to the prefix is one matrix product.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from transformers import AttentionInterface, DynamicCache

from trainer.attention import attending

ATTENTION = "tunewise_shared_prefix"


class RowsCache:
    """What the rows of a batch attend to.

    Shapes with H key/value heads of size D, R rows, P columns of the prefix and C of
    a row's own: prefix (H, P, D), own (H, R, C, D).

    Parameters
    ----------
    prefix : the shared beginning, read once; None where nothing is shared
    rests : tokens of each row's rest, length R
    columns : C, the longest rest and the longest answer
    """

    def __init__(
        self, prefix: DynamicCache | None, rests: torch.Tensor, columns: int
    ) -> None:
        self.prefix = prefix
        self.filled = int(rests.max())
        self._pads = self.filled - rests
        self._columns = columns
        seen = torch.arange(columns, device=rests.device) >= self._pads[:, None]
        self._bias = torch.zeros(seen.shape, device=rests.device).masked_fill(
            ~seen, float("-inf")
        )
        self._keys: list[torch.Tensor] = []
        self._values: list[torch.Tensor] = []

    @property
    def prefix_tokens(self) -> int:
        """Return P."""
        return self.prefix.get_seq_length() if self.prefix else 0

    def put(self, read: DynamicCache, rows: torch.Tensor, places: torch.Tensor) -> None:
        """Take over what was read behind the prefix.

        ``rows`` and ``places`` name the row of each token and its place in the rest.
        """
        columns = self._pads[rows] + places
        for number, layer in enumerate(read.layers):
            if number == len(self._keys):
                self._keys.append(self._room(layer.keys))
                self._values.append(self._room(layer.values))
            behind = slice(self.prefix_tokens, None)
            self._keys[number][:, rows, columns] = layer.keys[0, :, behind]
            self._values[number][:, rows, columns] = layer.values[0, :, behind]

    def _room(self, like: torch.Tensor) -> torch.Tensor:
        _, heads, _, size = like.shape
        return like.new_zeros(heads, len(self._pads), self._columns, size)

    def keep(self, rows: torch.Tensor) -> None:
        """Drop every row but these."""
        self._bias = self._bias[rows]
        self._keys = [k[:, rows] for k in self._keys]
        self._values = [v[:, rows] for v in self._values]

    def attend(
        self, number: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor
    ) -> torch.Tensor:
        """Write one token of each row into a layer, and let it attend to all before.

        Parameters
        ----------
        number : of the layer
        query : (R, query heads, 1, D), scaled
        key, value : (R, H, 1, D)

        Returns
        -------
        torch.Tensor
            (R, 1, query heads, D)
        """
        end = self.filled + 1
        keys, values = self._keys[number], self._values[number]
        keys[:, :, self.filled : end] = key.transpose(0, 1)
        values[:, :, self.filled : end] = value.transpose(0, 1)
        count, heads = len(query), len(keys)
        asked = query.view(count, heads, -1, query.shape[-1]).transpose(0, 1)
        asked = asked.contiguous()  # (H, R, query heads of each, D)
        own = asked @ keys[:, :, :end].mT + self._bias[:, None, :end].to(query.dtype)
        if self.prefix is None:
            weights = own.softmax(-1, dtype=torch.float32).to(query.dtype)
            mixed = weights @ values[:, :, :end]
        else:
            layer, before = self.prefix.layers[number], self.prefix_tokens
            shared = asked.flatten(1, 2) @ layer.keys[0].mT
            scores = torch.cat([shared.view(*own.shape[:-1], before), own], dim=-1)
            weights = scores.softmax(-1, dtype=torch.float32).to(query.dtype)
            mixed = weights[..., before:] @ values[:, :, :end]
            mixed += (weights[..., :before].flatten(1, 2) @ layer.values[0]).view_as(
                mixed
            )
        return mixed.transpose(0, 1).reshape(count, 1, -1, values.shape[-1])


@contextmanager
def attending_to_rows(model: Any) -> Iterator[None]:
    """Let the model's layers attend by the :class:`RowsCache` given as ``rows``."""
    AttentionInterface.register(ATTENTION, _attend)
    with attending(model, ATTENTION):
        yield


def can_attend_to_rows(model: Any) -> bool:
    """Tell whether every layer attends to all before it, in transformers' own way.

    Not so where layers see a sliding window, cap their scores or keep a state
    instead of keys and values.
    """
    config = model.config.get_text_config()
    layers = set(getattr(config, "layer_types", None) or ["full_attention"])
    special = ("sliding_window", "attention_chunk_size", "attn_logit_softcapping")
    return (
        bool(getattr(model, "_supports_attention_backend", False))
        and layers == {"full_attention"}
        and all(getattr(config, name, None) is None for name in special)
    )


def _attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: None,
    *,
    scaling: float,
    rows: RowsCache,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    return rows.attend(module.layer_idx, query * scaling, key, value), None

"""A key/value cache with room for whole answers, written in place.

``transformers``' own dynamic cache grows by copying all of itself for every token;
on two cores that took more than half of the time of decoding a batch. Here each
layer owns one buffer, and a forward pass sees a window of it:

    columns   prefix | padded rests | one more for each token answered
    rows      some while prompts are read, all while answers are made
"""

from typing import Any

import torch
from transformers import Cache, DynamicCache
from transformers.cache_utils import DynamicLayer


class _Room(DynamicLayer):
    """One layer's keys and values: (rows, key/value heads, columns, head size)."""

    def __init__(self, shape: tuple[int, int], prefix: DynamicLayer | None) -> None:
        super().__init__()
        self._shape, self._prefix = shape, prefix
        self.rows, self.filled = slice(None), 0

    def lazy_initialization(
        self, key_states: torch.Tensor, value_states: torch.Tensor
    ) -> None:
        """Make the buffers once the size of a head is known, the prefix in all rows."""
        rows, columns = self._shape
        _, heads, _, size = key_states.shape
        self.keys = key_states.new_zeros(rows, heads, columns, size)
        self.values = value_states.new_zeros(rows, heads, columns, size)
        if self._prefix is not None and self._prefix.keys is not None:
            self.keys[:, :, : self._prefix.get_seq_length()] = self._prefix.keys
            self.values[:, :, : self._prefix.get_seq_length()] = self._prefix.values
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write behind what is filled, and return all that the window holds."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        end = self.filled + key_states.shape[-2]
        self.keys[self.rows, :, self.filled : end] = key_states
        self.values[self.rows, :, self.filled : end] = value_states
        self.filled = end
        return self.keys[self.rows, :, :end], self.values[self.rows, :, :end]

    def get_seq_length(self) -> int:
        """Return how many columns are filled."""
        return self.filled


class RoomyCache(Cache):
    """What ``transformers`` reads and writes as ``past_key_values``.

    Parameters
    ----------
    layers : how many layers the model has
    rows, columns : prompts of the batch; prefix, longest rest and longest answer
    prefix : the shared beginning, read once; its columns come first in every row
    """

    def __init__(
        self, layers: int, *, rows: int, columns: int, prefix: DynamicCache | None
    ) -> None:
        before = prefix.layers if prefix else [None] * layers
        super().__init__(layers=[_Room((rows, columns), layer) for layer in before])

    def window(self, rows: slice, filled: int) -> None:
        """Let the next forward pass see these rows, and write behind ``filled``."""
        for layer in self.layers:
            layer.rows, layer.filled = rows, filled

    def keep(self, rows: torch.Tensor) -> None:
        """Drop every row but these."""
        for layer in self.layers:
            layer.keys, layer.values = layer.keys[rows], layer.values[rows]

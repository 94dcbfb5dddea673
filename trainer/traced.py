"""How much memory a training pass needs, found without computing it.

The model is built on torch's meta device, which has shapes and no numbers; one
forward pass tells which tensors autograd keeps for the backward pass. It takes a
second and no memory, for any model that transformers can build.

It is an upper bound: on the meta device attention keeps the probabilities of every
token for every other, which the kernels of most processors do not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from trainer.finetune import loss_of, prepared
from trainer.packing import Pack
from tunewise.domain.experiment import FinetuneSpec

LENGTHS = (128, 256, 512)  # tokens of the passes that are traced
MOMENTS = 3  # a gradient and AdamW's two averages for each trained number


@dataclass(frozen=True, slots=True)
class TrainingMemory:
    """Bytes of a training: what stays, and what a pass of T tokens adds.

    What a pass keeps is a constant, a part linear in T (linear layers) and a part
    quadratic in T (attention): three traced lengths tell all of them.
    """

    base: int  # weights of the base
    trained: int  # weights that are trained
    adds: bool  # whether those stand beside the base's, as an adapter's do
    passes: tuple[tuple[int, int], ...]  # (tokens, bytes kept), as traced

    @property
    def standing(self) -> int:
        """Bytes that stay for the whole training."""
        return self.base + self.trained * (MOMENTS + self.adds)

    def pass_bytes(self, tokens: int) -> float:
        """Bytes that a pass of so many tokens keeps at most."""
        return float(np.polyval(self._parabola(), tokens))

    def least_pass_bytes(self, tokens: int) -> float:
        """Bytes that it keeps where attention keeps no probabilities."""
        _, linear, constant = self._parabola()
        return float(linear * tokens + constant)

    def _parabola(self) -> list[float]:
        """Return the three coefficients, highest power first."""
        lengths, kept = zip(*self.passes, strict=True)
        return [float(c) for c in np.polyfit(lengths, kept, 2)]

    def largest_pass(self, available: float, *, at_most: int) -> int:
        """Return the most tokens whose pass fits into so many bytes, 0 for none."""
        room = available - self.standing
        low, high = 0, at_most
        while low < high:
            middle = (low + high + 1) // 2
            if self.pass_bytes(middle) <= room:
                low = middle
            else:
                high = middle - 1
        return low


def training_memory(
    folder: Path,
    spec: FinetuneSpec,
    *,
    dtype: torch.dtype,
    lengths: Sequence[int] = LENGTHS,
) -> TrainingMemory:
    """Trace the training of a base model in a folder."""
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    with torch.device("meta"):
        bare = AutoModelForCausalLM.from_config(config, dtype=dtype)
        weights = _bytes(bare.parameters())
        model = prepared(bare, spec)
        return TrainingMemory(
            base=weights,
            trained=_bytes(p for p in model.parameters() if p.requires_grad),
            adds=spec.method != "full",
            passes=tuple((n, _kept(model, n)) for n in lengths),
        )


def _kept(model: torch.nn.Module, tokens: int) -> int:
    """Return the bytes that autograd keeps of one forward pass."""
    storages: dict[int, int] = {}
    weights = {p.untyped_storage()._cdata for p in model.parameters()}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in weights:
            storages[storage._cdata] = storage.nbytes()
            alive.append(tensor)  # or its address would be given to the next
        return tensor

    alive: list[torch.Tensor] = []
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = loss_of(model, _pack(tokens))
    del loss
    return sum(storages.values())


def _pack(tokens: int) -> Pack:
    # half of the tokens predicted: short answers have fewer, whole texts more
    return Pack(
        ids=torch.zeros(1, tokens, dtype=torch.long),
        positions=torch.zeros(1, tokens, dtype=torch.long),
        mask=torch.zeros(1, 1, tokens, tokens),
        predict=torch.zeros(tokens // 2, dtype=torch.long),
        target=torch.zeros(tokens // 2, dtype=torch.long),
        lengths=(0, tokens),
    )


def _bytes(parameters: Iterable[torch.nn.Parameter]) -> int:
    return sum(p.numel() * p.element_size() for p in parameters)

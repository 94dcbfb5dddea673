"""How fast a base model reads, answers and trains here, and in how much memory.

A few answers and three training passes, in the precisions that a run takes. The
time of a run follows from these rates and its workload (workload.py).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from trainer import base, memory
from trainer.device import Compute
from trainer.finetune import loss_of, optimiser_of, prepared, trainable
from trainer.generate import common_prefix, generate
from trainer.packing import Pack
from trainer.workload import Asking, Decoding
from tunewise.domain.experiment import FinetuneSpec

ROWS, STEPS = 8, 8  # prompts answered together, and tokens of each


@dataclass(frozen=True, slots=True)
class AnsweringRates:
    """Seconds of a token that is read, of a step of answers, of each row in it."""

    read: float
    step: float
    row: float

    def seconds(self, asking: Asking, answers: Decoding) -> float:
        """Return the time that some chats with such answers take."""
        return (
            self.read * asking.read
            + self.step * answers.steps
            + self.row * answers.tokens
        )


@dataclass(frozen=True, slots=True)
class TrainingRates:
    """Seconds of a pass whatever its size, of a token in it, of an optimiser step."""

    per_pass: float
    per_token: float
    step: float

    def seconds(self, passes: Sequence[int], *, steps: float) -> float:
        """Return the time of passes of so many tokens, and of optimiser steps."""
        tokens = sum(passes)
        return self.per_pass * len(passes) + self.per_token * tokens + self.step * steps


@dataclass(frozen=True, slots=True)
class Probed:
    """A base model as loaded here, and how it answers."""

    load_seconds: float
    answering: AnsweringRates
    peak_bytes: int  # most memory of the process so far
    training: TrainingRates | None = None


def probe_answering(
    folder: Path, compute: Compute, prompts: Sequence[Sequence[int]]
) -> Probed:
    """Answer a few prompts with the untouched base, as the arms without training do.

    Parameters
    ----------
    prompts : token ids; up to eight of them are read
    """
    model, load = _loaded(folder, compute, compute.answering)
    rates = _answering_rates(model, prompts[:ROWS])
    return Probed(load, rates, memory.peak_bytes(compute.device))


def probe_training(
    folder: Path,
    compute: Compute,
    spec: FinetuneSpec,
    prompts: Sequence[Sequence[int]],
    *,
    smallest: Pack,
    largest: Pack,
) -> Probed:
    """Train on a small and on the largest pass, then answer as validation does.

    Parameters
    ----------
    prompts : token ids; up to eight of them are read
    smallest, largest : the passes with the fewest and the most tokens
    """
    model, load = _loaded(folder, compute, compute.training)
    tuned = prepared(model, spec)
    optimiser = optimiser_of(tuned, spec)
    tuned.train()
    seconds: dict[int, float] = {}
    step = 0.0
    for one in (largest, smallest, largest):  # the first is a warm-up
        began = time.perf_counter()
        torch.autograd.backward(loss_of(tuned, one) / len(one.target))
        seconds[one.tokens] = time.perf_counter() - began
        began = time.perf_counter()
        torch.nn.utils.clip_grad_norm_(trainable(tuned), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        step = time.perf_counter() - began
    few, many = smallest.tokens, largest.tokens
    slope = (seconds[many] - seconds[few]) / (many - few) if many > few else 0.0
    per_token = slope if slope > 0 else seconds[many] / many
    tuned.eval()
    return Probed(
        load_seconds=load,
        answering=_answering_rates(tuned, prompts[:ROWS]),
        peak_bytes=memory.peak_bytes(compute.device),
        training=TrainingRates(
            per_pass=max(seconds[many] - per_token * many, 0.0),
            per_token=per_token,
            step=step,
        ),
    )


def _loaded(folder: Path, compute: Compute, dtype: torch.dtype) -> tuple[Any, float]:
    began = time.perf_counter()
    model = base.load_model(folder, device=compute.device, dtype=dtype)
    return model, time.perf_counter() - began


def _answering_rates(model: Any, prompts: Sequence[Sequence[int]]) -> AnsweringRates:
    _timed(model, prompts[:1], tokens=1)  # warm-up
    read, together = (_timed(model, prompts, tokens=n) for n in (1, 1 + STEPS))
    once, alone = (_timed(model, prompts[:1], tokens=n) for n in (1, 1 + STEPS))
    of_all, of_one = max(together - read, 0.0) / STEPS, max(alone - once, 0.0) / STEPS
    row = max(of_all - of_one, 0.0) / max(len(prompts) - 1, 1)
    again = common_prefix(prompts) * (len(prompts) - 1)  # read once, for all of them
    return AnsweringRates(
        read=read / (sum(map(len, prompts)) - again),
        step=max(of_one - row, 0.0),
        row=row,
    )


def _timed(model: Any, prompts: Sequence[Sequence[int]], *, tokens: int) -> float:
    began = time.perf_counter()
    generate(model, prompts, stop=frozenset(), max_new_tokens=tokens)
    return time.perf_counter() - began

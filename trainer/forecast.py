"""From workload and rates to seconds and memory: one run, before it starts.

    seconds = load + epochs x (passes + validation) + answers
    memory  = the larger of training, reloading and answering

How far such forecasts were off in former runs corrects them (evidence.corrections).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from trainer.off_task import STAGE
from trainer.probe import Probed
from trainer.traced import TrainingMemory
from trainer.workload import Asking, Workload

LOADS_AFTER_TRAINING = 2  # the base in float32, and in the precision of answering


@dataclass(frozen=True, slots=True)
class Machine:
    """What a forecast of memory rests on, in bytes."""

    process: int  # before any model is loaded
    cached_token: int  # keys and values of one token, in the precision of answering
    base_answering: int  # weights in the precision of answering


@dataclass(frozen=True, slots=True)
class Forecast:
    """Seconds and bytes of one run.

    ``once`` and ``once_most`` are what is done once: with answers as long as the
    references, and as long as they may be.
    """

    load: float
    epoch: float
    epochs: int
    least_epochs: int
    once: float
    once_most: float
    bytes: int
    bytes_most: int


def forecast(
    work: Workload,
    untouched: Probed,
    tuned: Probed | None,
    traced: TrainingMemory | None,
    machine: Machine,
) -> Forecast:
    """Return what a run takes.

    Parameters
    ----------
    untouched : the base as the arms without training load it
    tuned, traced : the base in training; None where nothing is trained
    """
    rates = untouched.answering
    once = sum(rates.seconds(each, each.likely) for each in work.once)
    most = sum(rates.seconds(each, each.most) for each in work.once)
    answering = untouched.peak_bytes + machine.cached_token * _cached(work.once)
    if not (work.training and work.each_epoch and tuned and tuned.training and traced):
        return Forecast(
            untouched.load_seconds, 0.0, 0, 0, once, most, answering, answering
        )
    training, validated = work.training, work.each_epoch
    steps = training.steps / training.epochs
    epoch = tuned.training.seconds(training.passes, steps=steps)
    epoch += tuned.answering.seconds(validated, validated.likely)
    again = any(each.stage == STAGE for each in work.once)  # the base, off the task
    reloading = machine.process + 2 * traced.base + machine.base_answering
    upper = machine.process + traced.standing
    upper += round(traced.pass_bytes(training.largest.tokens))
    return Forecast(
        load=tuned.load_seconds * LOADS_AFTER_TRAINING
        + untouched.load_seconds * (1 + again),
        epoch=epoch,
        epochs=training.epochs,
        least_epochs=training.least_epochs,
        once=once,
        once_most=most,
        bytes=max(tuned.peak_bytes, reloading, answering),
        bytes_most=max(tuned.peak_bytes, reloading, answering, upper),
    )


def cached_token_bytes(config: Any, dtype: torch.dtype) -> int:
    """Bytes of one token's keys and values in a model of transformers."""
    text = config.get_text_config()
    size = getattr(text, "head_dim", None)
    size = size or text.hidden_size // text.num_attention_heads
    heads = text.num_key_value_heads
    return int(2 * text.num_hidden_layers * heads * size * dtype.itemsize)


def _cached(asked: Sequence[Asking]) -> int:
    return max(each.cached for each in asked)

"""Training on examples: LoRA or full, best epoch by the task's own metric.

    tokens -> packs -> loss on the assistant's tokens -> AdamW, linear decay
    after a step: checkpoint; after an epoch: answers on validation, score

The best epoch is the one that scores best on validation; the earlier one wins a
tie. A run that was killed goes on after its last checkpoint, to the weights it
would have had (checkpoints.py).
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model

from trainer import memory
from trainer.block_attention import blocks_of, use_blocks, uses_blocks
from trainer.chat import Tokens
from trainer.checkpoints import Checkpoints, Position
from trainer.files import Progress
from trainer.lora_product import use_one_product
from trainer.packing import Pack, packs
from trainer.run_config import PACK_TOKENS
from tunewise.domain.errors import EnvironmentProblem, ModelError, SpecError
from tunewise.domain.experiment import FinetuneSpec

WARMUP = 0.05  # share of the steps with a rising learning rate


@dataclass(frozen=True, slots=True)
class Trained:
    """What training left behind, and what it took."""

    weights: Path  # folder of the best epoch
    epoch: int  # the best one, from 1
    epochs: tuple[dict[str, float], ...]  # loss, validation score of each
    examples: int
    steps: int
    tokens: int  # tokens passed through the model, prefix copies counted once
    trained_tokens: int  # tokens with a loss, all epochs
    seconds: float
    pack_tokens: int  # most tokens in one pass, halved where memory ran out
    ended: str  # why there were no more epochs


def train(
    model: Any,
    examples: Sequence[Tokens],
    spec: FinetuneSpec,
    folder: Path,
    *,
    seed: int,
    evaluate: Callable[[Any], float],
    progress: Progress,
    minutes: float = 0.0,
    pack_tokens: int = PACK_TOKENS,
) -> tuple[Any, Trained]:
    """Train a base model on examples and return it with a report.

    Parameters
    ----------
    model : a base model of transformers; it is changed in place
    examples : rendered training examples, each with at least one trained token
    evaluate : scores a model on the validation split, higher is better
    minutes : no new epoch but the first starts after this many; 0 means no limit
    pack_tokens : most tokens in one pass; halved for good where memory runs out

    Raises
    ------
    SpecError
        If there is nothing to train on.
    ModelError
        If the loss is no number.
    EnvironmentProblem
        If not even a single example fits into memory.
    """
    if not examples:
        raise SpecError("no training example is left to train on")
    torch.manual_seed(seed)
    tuned = prepared(model, spec)
    optimiser = optimiser_of(tuned, spec)
    checkpoints = Checkpoints(folder, tuned, optimiser)
    at, log = checkpoints.restore()
    at.pack_tokens = min(at.pack_tokens or pack_tokens, pack_tokens)
    training = _Training(tuned, examples, spec, optimiser, checkpoints, seed, progress)
    spent = sum(e["seconds"] for e in log)
    ended = "all epochs"
    for epoch in range(len(log) + 1, spec.epochs + 1):
        if log and minutes and spent > minutes * 60:
            ended = f"no epoch starts after {minutes:g} minutes"
            break
        if log and spec.patience and len(log) - _best(log) >= spec.patience:
            ended = f"no better on validation for {spec.patience} epochs"
            break
        if at.epoch < epoch:
            at = Position(epoch=epoch, pack_tokens=at.pack_tokens)
        entry = training.epoch(at)
        tuned.eval()
        entry["score"] = evaluate(tuned)
        checkpoints.save_epoch(epoch, entry)
        log.append(entry)
        spent += entry["seconds"]
        training.told(epoch, entry)
    best = _best(log)
    return tuned, Trained(
        weights=checkpoints.epoch(best),
        epoch=best,
        epochs=tuple(log),
        examples=len(examples),
        steps=int(sum(e["steps"] for e in log)),
        tokens=int(sum(e["tokens"] for e in log)),
        trained_tokens=int(sum(e["trained_tokens"] for e in log)),
        seconds=spent,
        pack_tokens=at.pack_tokens,
        ended=ended,
    )


def loss_of(model: Any, one: Pack, *, reduction: str = "sum") -> torch.Tensor:
    """Return the summed cross-entropy of a pack; logits only where there is loss.

    With the reduction "none" it is that of each token, shape (L,).
    """
    device, blocks = model.device, {}
    if uses_blocks(model):
        blocks = {"blocks": blocks_of(one.lengths, dtype=model.dtype, device=device)}
    out = model(
        input_ids=one.ids.to(device),
        attention_mask=one.mask.to(device),
        position_ids=one.positions.to(device),
        use_cache=False,
        logits_to_keep=one.predict.to(device),
        **blocks,
    )
    return torch.nn.functional.cross_entropy(
        out.logits[0].float(), one.target.to(device), reduction=reduction
    )


def steps_of(examples: int, spec: FinetuneSpec) -> int:
    """Return how many optimiser steps all epochs have."""
    return math.ceil(examples / spec.batch_size) * spec.epochs


def batches_of(
    examples: Sequence[Tokens], spec: FinetuneSpec, *, seed: int, epoch: int
) -> list[list[Tokens]]:
    """Return the batches of an epoch (from 1), each for one optimiser step."""
    shuffle = torch.Generator().manual_seed(seed * 1000 + epoch)
    order = torch.randperm(len(examples), generator=shuffle).tolist()
    size = spec.batch_size
    return [
        [examples[i] for i in order[start : start + size]]
        for start in range(0, len(order), size)
    ]


def optimiser_of(model: Any, spec: FinetuneSpec) -> torch.optim.Optimizer:
    """Return AdamW over what is trained."""
    return torch.optim.AdamW(
        trainable(model),
        lr=spec.learning_rate,
        weight_decay=0.0,
        fused=model.device.type in ("cpu", "cuda"),  # one pass over the weights
    )


def prepared(model: Any, spec: FinetuneSpec) -> Any:
    """Return the model with what is trained unfrozen, or with an adapter around it."""
    use_blocks(model)
    if spec.method == "full":
        for parameter in model.parameters():
            parameter.requires_grad_(True)
        return model.float()  # bfloat16 would round most steps of 1e-5 away
    config = LoraConfig(
        r=spec.rank,
        lora_alpha=spec.alpha,
        lora_dropout=0.0,  # packed and padded batches must train the same
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    tuned = get_peft_model(model, config)
    use_one_product(tuned)
    return tuned


def trainable(model: Any) -> list[torch.nn.Parameter]:
    """Return the parameters that are trained."""
    return [p for p in model.parameters() if p.requires_grad]


@dataclass(slots=True)
class _Training:
    """What the steps of one training share."""

    model: Any
    examples: Sequence[Tokens]
    spec: FinetuneSpec
    optimiser: torch.optim.Optimizer
    checkpoints: Checkpoints
    seed: int
    progress: Progress

    def epoch(self, at: Position) -> dict[str, float]:
        """Train from a position to the end of its epoch and return the sums."""
        self.model.train()
        batches = batches_of(self.examples, self.spec, seed=self.seed, epoch=at.epoch)
        for batch in batches[at.batches :]:
            began = time.monotonic()
            before = at.loss
            targets = self._step(batch, at)
            at.batches += 1
            at.trained_tokens += targets
            at.seconds += time.monotonic() - began
            done = (at.epoch - 1) * len(batches) + at.batches
            last = at.batches == len(batches)
            self.checkpoints.save_step(at, steps=done, always=last)
            whole = len(batches) * self.spec.epochs
            measured = {
                "step_loss": round((at.loss - before) / targets, 4),
                "tokens_per_second": round(at.tokens / at.seconds, 1),
                "remaining_seconds": round(at.seconds / at.batches * (whole - done), 1),
            }
            self.progress.step("train", done, whole, metrics=measured)
        return {
            "loss": at.loss / at.trained_tokens,
            "steps": len(batches),
            "tokens": at.tokens,
            "trained_tokens": at.trained_tokens,
            "seconds": at.seconds,
        }

    def told(self, epoch: int, entry: dict[str, float]) -> None:
        """Tell how an epoch ended."""
        steps = steps_of(len(self.examples), self.spec)
        done = epoch * (steps // self.spec.epochs)
        measured = {key: round(entry[key], 4) for key in ("loss", "score")}
        self.progress.step("train", done, steps, metrics=measured)

    def _step(self, batch: list[Tokens], at: Position) -> int:
        """Take one optimiser step; return how many tokens were trained."""
        steps = steps_of(len(self.examples), self.spec)
        done = (at.epoch - 1) * (steps // self.spec.epochs) + at.batches
        rate = self.spec.learning_rate * _decay(done, steps)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        loss, tokens, targets = self._backward(batch, at)
        norm = torch.nn.utils.clip_grad_norm_(trainable(self.model), 1.0)
        if not (math.isfinite(loss) and bool(norm.isfinite())):
            raise ModelError(
                f"step {done + 1} of {steps}: the loss is no number\n"
                f"  Lower learning_rate (it was {self.spec.learning_rate:g}) and run "
                f"again. The weights after step {done} are kept under checkpoints/."
            )
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        at.loss += loss
        at.tokens += tokens
        return targets

    def _backward(self, batch: list[Tokens], at: Position) -> tuple[float, int, int]:
        """Add up the gradients of a batch: its loss, tokens passed, tokens trained.

        Where memory runs out the batch starts anew in smaller packs: the sum of their
        gradients, and so the effective batch, stays the same.
        """
        while True:
            parts = packs(batch, max_tokens=at.pack_tokens)
            targets = sum(len(p.target) for p in parts)
            try:
                loss = 0.0
                for part in parts:
                    one = loss_of(self.model, part)
                    torch.autograd.backward(one / targets)
                    loss += float(one.detach())
            except (RuntimeError, MemoryError) as error:
                if not memory.ran_out(error):
                    raise
                if len(parts) == len(batch):
                    raise EnvironmentProblem(
                        f"memory ran out on a single example of "
                        f"{max(p.tokens for p in parts)} tokens\n"
                        "  Lower max_length in [finetune], close other programs, or "
                        "take a smaller base model."
                    ) from None
            else:
                return loss, sum(p.tokens for p in parts), targets
            self.optimiser.zero_grad(set_to_none=True)
            memory.give_back()
            largest = max(p.tokens for p in parts)
            at.pack_tokens = min(at.pack_tokens, largest) // 2
            self.progress.stage(
                "train", f"memory ran out, now {at.pack_tokens} tokens at a time"
            )


def _best(log: Sequence[dict[str, float]]) -> int:
    """Return the number of the best epoch, from 1."""
    return 1 + max(range(len(log)), key=lambda i: (log[i]["score"], -i))


def _decay(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step: a short rise, then linear."""
    warmup = max(1, round(steps * WARMUP))
    return min((step + 1) / warmup, max(0.0, (steps - step) / steps))

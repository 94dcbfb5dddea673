"""Training on examples: LoRA or full, best epoch by the task's own metric.

    tokens -> packs -> loss on the assistant's tokens -> AdamW, linear decay
    after each epoch: checkpoint, answers on validation, score

The best checkpoint is the one that scores best on validation; the earlier one wins
a tie. An epoch that is finished is never trained again: a run that was killed goes
on after its last checkpoint.
"""

import json
import math
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file

from trainer.chat import Tokens
from trainer.files import Progress, write_json
from trainer.packing import Pack, packs
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import FinetuneSpec

# Tokens in one forward pass. LoRA on the 135M base in float32 was seen at 4.3 GB
# resident with full packs (policy-questions, hybrid arm).
PACK_TOKENS = 1024
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
) -> tuple[Any, Trained]:
    """Train a base model on examples and return it with a report.

    Parameters
    ----------
    model : a base model of transformers; it is changed in place
    examples : rendered training examples, each with at least one trained token
    evaluate : scores a model on the validation split, higher is better
    minutes : no new epoch but the first starts after this many; 0 means no limit

    Raises
    ------
    SpecError
        If there is nothing to train on.
    """
    if not examples:
        raise SpecError("no training example is left to train on")
    torch.manual_seed(seed)
    tuned = _prepare(model, spec)
    steps = math.ceil(len(examples) / spec.batch_size) * spec.epochs
    rate = spec.learning_rate
    optimiser = torch.optim.AdamW(
        [{"params": _trainable(tuned), "initial_lr": rate}], lr=rate, weight_decay=0.0
    )
    log = _resume(folder, tuned, optimiser)
    done = int(sum(e["steps"] for e in log))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, _decay(steps), last_epoch=done - 1
    )
    began = time.monotonic() - sum(e["seconds"] for e in log)
    for epoch in range(len(log) + 1, spec.epochs + 1):
        if log and minutes and time.monotonic() - began > minutes * 60:
            break
        entry = _epoch(
            tuned, examples, spec, optimiser, schedule, (seed, epoch), progress
        )
        tuned.eval()
        entry["score"] = evaluate(tuned)
        _checkpoint(folder / f"epoch-{epoch}", tuned, optimiser, entry)
        log.append(entry)
        progress.step(
            "train", epoch * (steps // spec.epochs), steps, metrics=_shown(entry)
        )
    best = max(range(len(log)), key=lambda i: (log[i]["score"], -i))
    return tuned, Trained(
        weights=folder / f"epoch-{best + 1}",
        epoch=best + 1,
        epochs=tuple(log),
        examples=len(examples),
        steps=int(sum(e["steps"] for e in log)),
        tokens=int(sum(e["tokens"] for e in log)),
        trained_tokens=int(sum(e["trained_tokens"] for e in log)),
        seconds=sum(e["seconds"] for e in log),
    )


def loss_of(model: Any, one: Pack) -> torch.Tensor:
    """Return the summed cross-entropy of a pack; logits only where there is loss."""
    device = model.device
    out = model(
        input_ids=one.ids.to(device),
        attention_mask=one.mask.to(device),
        position_ids=one.positions.to(device),
        use_cache=False,
        logits_to_keep=one.predict.to(device),
    )
    return torch.nn.functional.cross_entropy(
        out.logits[0].float(), one.target.to(device), reduction="sum"
    )


def _prepare(model: Any, spec: FinetuneSpec) -> Any:
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
    return get_peft_model(model, config)


def _trainable(model: Any) -> list[torch.nn.Parameter]:
    return [p for p in model.parameters() if p.requires_grad]


def _epoch(
    model: Any,
    examples: Sequence[Tokens],
    spec: FinetuneSpec,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    seed_and_epoch: tuple[int, int],
    progress: Progress,
) -> dict[str, float]:
    seed, epoch = seed_and_epoch
    began = time.monotonic()
    model.train()
    shuffle = torch.Generator().manual_seed(seed * 1000 + epoch)
    order = torch.randperm(len(examples), generator=shuffle).tolist()
    batches = [
        [examples[i] for i in order[at : at + spec.batch_size]]
        for at in range(0, len(order), spec.batch_size)
    ]
    losses, tokens, trained = 0.0, 0, 0
    for number, batch in enumerate(batches):
        parts = packs(batch, max_tokens=PACK_TOKENS)
        targets = sum(len(p.target) for p in parts)
        before = losses
        for part in parts:
            loss = loss_of(model, part) / targets
            torch.autograd.backward(loss)
            losses += float(loss.detach()) * targets
            tokens += part.ids.shape[1]
        torch.nn.utils.clip_grad_norm_(_trainable(model), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad(set_to_none=True)
        trained += targets
        done = (epoch - 1) * len(batches) + number + 1
        progress.step(
            "train",
            done,
            len(batches) * spec.epochs,
            metrics={"step_loss": round((losses - before) / targets, 4)},
        )
    return {
        "loss": losses / max(trained, 1),
        "steps": len(batches),
        "tokens": tokens,
        "trained_tokens": trained,
        "seconds": time.monotonic() - began,
    }


def _decay(steps: int) -> Callable[[int], float]:
    warmup = max(1, round(steps * WARMUP))
    return lambda step: min((step + 1) / warmup, max(0.0, (steps - step) / steps))


def _checkpoint(
    folder: Path,
    model: Any,
    optimiser: torch.optim.Optimizer,
    entry: dict[str, float],
) -> None:
    """Save an epoch whole or not at all; safetensors only, optimiser state too."""
    temporary = folder.with_name(folder.name + ".partial")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    if isinstance(model, PeftModel):
        model.save_pretrained(temporary)
    else:
        save_file(
            {n: p.detach().contiguous() for n, p in model.named_parameters()},
            temporary / "model.safetensors",
        )
    state = optimiser.state_dict()["state"]
    save_file(
        {
            f"{i}.{k}": v.detach().clone()
            for i, s in state.items()
            for k, v in s.items()
        },
        temporary / "optimiser.safetensors",
    )
    write_json(temporary / "epoch.json", entry)
    temporary.rename(folder)


def _resume(
    folder: Path,
    model: Any,
    optimiser: torch.optim.Optimizer,
) -> list[dict[str, float]]:
    """Load the last finished epoch, if there is one, and return the log so far."""
    log: list[dict[str, float]] = []
    while (at := folder / f"epoch-{len(log) + 1}" / "epoch.json").exists():
        log.append(json.loads(at.read_text(encoding="utf-8")))
    if not log:
        return log
    last = folder / f"epoch-{len(log)}"
    if isinstance(model, PeftModel):
        from peft import set_peft_model_state_dict

        set_peft_model_state_dict(model, load_file(last / "adapter_model.safetensors"))
    else:
        model.load_state_dict(load_file(last / "model.safetensors"), strict=False)
    saved = load_file(last / "optimiser.safetensors")
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in saved.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": state, "param_groups": groups})
    return log


def _shown(entry: dict[str, float]) -> dict[str, float]:
    return {k: round(entry[k], 4) for k in ("loss", "score")}

"""Which precision trains fastest on this machine, and what does it cost in loss?

    python -m benchmarks.trainer.precision MODEL TRAIN.jsonl [STEPS]

LoRA (rank 16, all linear layers, kept in float32 always) with batches of 8, the same
seed and the same order of the examples. Prints seconds a step, the loss of the last
five steps and the peak of memory; each row is a process of its own.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import torch
from peft import LoraConfig, get_peft_model

from trainer import base, finetune
from trainer.chat import training_tokens
from trainer.environment import peak_memory_bytes
from trainer.files import read_examples
from trainer.lora_product import use_one_product
from trainer.packing import packs

BATCH = 8
LORA = LoraConfig(
    r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"
)
AUTOCAST = partial(torch.autocast, "cpu", torch.bfloat16)


@dataclass(frozen=True, slots=True)
class Mode:
    """How the base is held, and who multiplies."""

    base: torch.dtype
    context: Callable[[], AbstractContextManager[object]] = nullcontext
    one_product: bool = False  # ours (trainer/lora_product.py) instead of peft's


MODES = {
    "float32": Mode(torch.float32, one_product=True),
    "float32, layers of peft": Mode(torch.float32),
    "float32 base, bfloat16 autocast": Mode(torch.float32, AUTOCAST),
    "bfloat16 base, bfloat16 autocast": Mode(torch.bfloat16, AUTOCAST),
    "bfloat16 base": Mode(torch.bfloat16, one_product=True),
}


def main(arguments: list[str]) -> None:
    """Train in each precision and print a table."""
    cpu = torch.cpu
    print(
        f"AVX-512 BF16: {cpu._is_avx512_bf16_supported()}, "
        f"AMX: {cpu._is_amx_tile_supported()}, threads: {torch.get_num_threads()}\n"
    )
    print("| | seconds a step | loss at the end | peak GiB |\n|---|---|---|---|")
    for mode in MODES:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.trainer.precision", mode, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        found = json.loads(done.stdout.strip().split("\n")[-1])
        print(
            f"| {mode} | {found['seconds']:.2f} | {found['loss']:.4f} "
            f"| {found['peak_bytes'] / 1024**3:.2f} |",
            flush=True,
        )


def measure(mode: str, folder: Path, train: Path, steps: int) -> dict[str, float]:
    """Train in one precision; the first step warms up and is not timed."""
    how = MODES[mode]
    tokenizer = base.load_tokenizer(folder)
    rows = read_examples(train)[: BATCH * steps]
    examples = [training_tokens(tokenizer, row.messages) for row in rows]
    torch.manual_seed(0)
    model = base.load_model(folder, device=torch.device("cpu"), dtype=how.base)
    tuned = get_peft_model(model, LORA)
    if how.one_product:
        use_one_product(tuned)
    tuned.train()
    weights = [p for p in tuned.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=1e-3, weight_decay=0.0, fused=True)
    order = torch.randperm(len(examples)).tolist()
    losses, seconds = [], []
    for at in range(0, len(order), BATCH):
        began = time.perf_counter()
        parts = packs([examples[i] for i in order[at : at + BATCH]], max_tokens=1024)
        targets = sum(len(p.target) for p in parts)
        losses.append(0.0)
        for part in parts:
            with how.context():
                loss = finetune.loss_of(tuned, part) / targets
            torch.autograd.backward(loss)
            losses[-1] += float(loss.detach())
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        seconds.append(time.perf_counter() - began)
    return {
        "seconds": median(seconds[1:]),
        "loss": sum(losses[-5:]) / 5,
        "peak_bytes": peak_memory_bytes(),
    }


if __name__ == "__main__":
    if sys.argv[1] in MODES:
        name, folder, train, *rest = sys.argv[1:]
        steps = int(rest[0]) if rest else 25
        print(json.dumps(measure(name, Path(folder), Path(train), steps)))
    else:
        main(sys.argv[1:])

"""Which precision trains fastest on this machine, and what does it cost in loss?

    python -m benchmarks.trainer.precision MODEL TRAIN.jsonl [STEPS]

LoRA (rank 16, all linear layers, kept in float32 always) with batches of 8, the same
seed and the same order of the examples. Prints seconds a step, the loss of the last
five steps and the peak of memory; each row is a process of its own.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch

from trainer import base, finetune
from trainer.chat import training_tokens
from trainer.environment import peak_memory_bytes
from trainer.files import Progress, read_examples
from tunewise.domain.experiment import FinetuneSpec

Context = Callable[[], AbstractContextManager[object]]
MODES: dict[str, tuple[torch.dtype, Context]] = {
    "float32": (torch.float32, nullcontext),
    "float32 base, bfloat16 autocast": (
        torch.float32,
        lambda: torch.autocast("cpu", torch.bfloat16),
    ),
    "bfloat16 base, bfloat16 autocast": (
        torch.bfloat16,
        lambda: torch.autocast("cpu", torch.bfloat16),
    ),
    "bfloat16 base": (torch.bfloat16, nullcontext),
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
    dtype, context = MODES[mode]
    tokenizer = base.load_tokenizer(folder)
    rows = read_examples(train)[: 8 * steps]
    examples = [training_tokens(tokenizer, row.messages) for row in rows]
    model = base.load_model(folder, device=torch.device("cpu"), dtype=dtype)
    spec = FinetuneSpec(
        epochs=1, learning_rate=1e-3, rank=16, alpha=32, batch_size=8, max_length=1024
    )
    with tempfile.TemporaryDirectory() as name, context():
        told = Path(name) / "progress.jsonl"
        finetune.train(
            model,
            examples,
            spec,
            Path(name),
            seed=0,
            evaluate=lambda _: 0.0,
            progress=Progress(told),
        )
        entries = [json.loads(line) for line in told.read_text().split("\n") if line]
    taken = [entry for entry in entries if "step_loss" in entry]
    return {
        "seconds": (taken[-1]["at"] - taken[0]["at"]) / (len(taken) - 1),
        "loss": sum(entry["step_loss"] for entry in taken[-5:]) / 5,
        "peak_bytes": peak_memory_bytes(),
    }


if __name__ == "__main__":
    if sys.argv[1] in MODES:
        name, folder, train, *rest = sys.argv[1:]
        steps = int(rest[0]) if rest else 25
        print(json.dumps(measure(name, Path(folder), Path(train), steps)))
    else:
        main(sys.argv[1:])

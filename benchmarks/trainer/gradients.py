"""Are the gradients behind one prefix those of a padded batch, for how much less?

    python -m benchmarks.trainer.gradients MODEL TRAIN.jsonl

For batches of 8 and 32 examples: the largest difference of a gradient beside the
largest gradient, and seconds of forward and backward, the padded batch computed by
transformers with labels, logits everywhere.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.trainer import padded
from trainer import base, finetune
from trainer.chat import Tokens, training_tokens
from trainer.files import read_examples
from trainer.packing import pack, shared_prefix
from tunewise.domain.experiment import FinetuneSpec

SPEC = FinetuneSpec(rank=16, alpha=32)


def main(folder: Path, train: Path) -> None:
    """Print a table."""
    tokenizer = base.load_tokenizer(folder)
    rows = read_examples(train)
    examples = [training_tokens(tokenizer, row.messages) for row in rows[:33]]
    print(
        "| examples | tokens padded | packed | seconds padded | packed | times less "
        "| largest gradient | largest difference |\n|---|---|---|---|---|---|---|---|"
    )
    for count in (8, 32):
        batch = examples[:count]
        alone, padded_seconds, all_tokens = _measured(folder, batch, _padded)
        behind, packed_seconds, packed_tokens = _measured(folder, batch, _packed)
        largest = max(float(g.abs().max()) for g in alone.values())
        differs = max(float((behind[n] - g).abs().max()) for n, g in alone.items())
        print(
            f"| {count} | {all_tokens} | {packed_tokens} | {padded_seconds:.2f} "
            f"| {packed_seconds:.2f} | {padded_seconds / packed_seconds:.1f} "
            f"| {largest:.2g} | {differs:.1g} |"
        )


def _measured(
    folder: Path,
    batch: list[Tokens],
    how: Callable[[torch.nn.Module, list[Tokens]], int],
) -> tuple[dict[str, torch.Tensor], float, int]:
    model = base.load_model(folder, device=torch.device("cpu"))
    torch.manual_seed(0)
    tuned = finetune.prepared(model, SPEC)
    for name, parameter in tuned.named_parameters():
        if "lora_B" in name:  # zero as made: half of the adapter has no gradient
            torch.nn.init.normal_(parameter, std=0.02)
    tuned.train()
    how(tuned, batch)  # warm-up
    tuned.zero_grad()
    began = time.perf_counter()
    tokens = how(tuned, batch)
    seconds = time.perf_counter() - began
    named = tuned.named_parameters()
    return {n: p.grad for n, p in named if p.grad is not None}, seconds, tokens


def _padded(model: torch.nn.Module, batch: list[Tokens]) -> int:
    padded.loss_of(model, batch).backward()
    return padded.tokens_of(batch)


def _packed(model: torch.nn.Module, batch: list[Tokens]) -> int:
    one = pack(batch, shared=shared_prefix(batch))
    (finetune.loss_of(model, one) / len(one.target)).backward()
    return one.ids.numel()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""Answering a batch of prompts: ours beside ``generate`` of transformers, in one run.

    python benchmarks/trainer/answering.py FOLDER_OF_A_BASE_MODEL [PROMPTS]

The prompts are those of the support desk with four retrieved shots (about 276 tokens
each). Both answer greedily, in the same precision, batches of 32 for transformers and
our own sizes for ours; loading is not counted. Prints seconds, answers a second, and
how many answers are the same.
"""

import sys
import time
from pathlib import Path

import torch

from trainer import base, device, generate
from trainer.chat import prompt_ids, stop_ids
from trainer.files import read_examples
from trainer.prompts import prompt_setups

DESK = Path(__file__).resolve().parents[2] / "examples" / "support-desk"
LIMIT = 50  # tokens an answer may have
PEER_BATCH = 32


def main(folder: Path, count: int) -> None:
    """Run both and print a table."""
    tokenizer = base.load_tokenizer(folder)
    compute = device.pick()
    model = base.load_model(folder, device=compute.device, dtype=compute.answering)
    train = read_examples(DESK / "train.jsonl")
    [setup] = prompt_setups(["retrieved-shots"], [4], train, seed=0)
    asked = read_examples(DESK / "heldout.jsonl")[:count]
    prompts = [prompt_ids(tokenizer, setup.build(e)) for e in asked]
    stop = stop_ids(tokenizer, model)

    began = time.perf_counter()
    made = generate.generate(model, prompts, stop=stop, max_new_tokens=LIMIT)
    ours = time.perf_counter() - began
    began = time.perf_counter()
    other = peer(model, prompts, stop)
    theirs = time.perf_counter() - began

    same = sum(list(a.ids) == b for a, b in zip(made, other, strict=True))
    tokens = sum(map(len, prompts)) / len(prompts)
    print(f"{count} prompts of {tokens:.0f} tokens, {compute.described()}")
    print("| | seconds | answers a second |\n|---|---|---|")
    print(f"| tunewise | {ours:.1f} | {count / ours:.2f} |")
    print(f"| transformers | {theirs:.1f} | {count / theirs:.2f} |")
    print(f"ratio {theirs / ours:.2f}; {same} of {count} answers are the same")


@torch.inference_mode()
def peer(
    model: torch.nn.Module, prompts: list[list[int]], stop: frozenset[int]
) -> list[list[int]]:
    """Answer with transformers: left-padded batches, sorted by length."""
    answers: dict[int, list[int]] = {}
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    for at in range(0, len(order), PEER_BATCH):
        rows = order[at : at + PEER_BATCH]
        width = max(len(prompts[i]) for i in rows)
        pads = [width - len(prompts[i]) for i in rows]
        ids = [[0] * p + prompts[i] for i, p in zip(rows, pads, strict=True)]
        mask = [[0] * p + [1] * (width - p) for p in pads]
        out = model.generate(
            torch.tensor(ids),
            attention_mask=torch.tensor(mask),
            do_sample=False,
            max_new_tokens=LIMIT,
            eos_token_id=sorted(stop),
            pad_token_id=min(stop),
        )[:, width:].tolist()
        for i, row in zip(rows, out, strict=True):
            end = next((n for n, t in enumerate(row) if t in stop), len(row))
            answers[i] = row[:end]
    return [answers[i] for i in range(len(prompts))]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 64)

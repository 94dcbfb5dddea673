"""How training grows: more examples, a longer shared prefix, more cores.

    python -m benchmarks.trainer.growth MODEL TRAIN.jsonl [STEPS]

Ours beside plain padded training of transformers (padded.py), both LoRA (rank 16, all
linear layers), float32, 8 examples a step; each measurement is a process of its own.
STEPS steps (25) are timed after one to warm up, however many examples there are: the
seconds of an epoch are those of a step times its steps. A padded batch of more than
4,096 tokens is computed in parts, to fit into memory.

The share is of the machine's own float32 rate (a product of two 2,048 x 2,048 matrices,
timed in the same process), of the operations that were computed, padding included:

    4 x weights x tokens          forward and backward through frozen layers
    6 x adapter x tokens          forward and both gradients
    4 x vocabulary x width x L    L tokens have logits
    12 x layers x width x pairs   pairs of a token and one that it attends to
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

import torch
from transformers import PreTrainedTokenizerBase

from benchmarks.trainer import padded
from trainer import base, finetune
from trainer.chat import Tokens, training_tokens
from trainer.environment import peak_memory_bytes
from trainer.files import read_examples
from trainer.packing import packs
from trainer.run_config import PACK_TOKENS
from tunewise.domain.dataset import Example, Message
from tunewise.domain.experiment import FinetuneSpec

BATCH = 8
PADDED_TOKENS = 4096  # in one pass: about 9 GB of activations and logits
LABELS = {"ours": "tunewise", "padded": "padded"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One measurement."""

    model: str
    train: str
    side: str  # ours, padded
    examples: int = 200
    prefix: int = 0  # tokens of a system prompt made of the data; 0: as they are
    threads: int = 0  # 0: as torch chooses
    steps: int = 25


@dataclass(frozen=True, slots=True)
class Work:
    """What one step computed."""

    tokens: int
    logits: int  # tokens with logits
    pairs: int  # of a token and one that it attends to


def main(arguments: list[str]) -> None:
    """Measure everything and print tables."""
    model, train, *rest = arguments
    whole = Asked(model, train, "ours", steps=int(rest[0]) if rest else 25)
    _print("examples", whole, [replace(whole, examples=n) for n in (200, 1000, 5000)])
    few = replace(whole, steps=min(whole.steps, 2))
    _print("prefix", whole, [replace(few, prefix=n) for n in (50, 500, 2000)])
    _print("threads", whole, [replace(whole, threads=n) for n in (1, 2)])


def measure(asked: Asked) -> dict[str, float]:
    """Train some steps in this process."""
    if asked.threads:
        torch.set_num_threads(asked.threads)
    tokenizer = base.load_tokenizer(Path(asked.model))
    rows = read_examples(Path(asked.train))
    if asked.prefix:
        rows = _behind(_prefix(tokenizer, rows, asked.prefix), rows)
    began = time.perf_counter()
    examples = [training_tokens(tokenizer, r.messages) for r in rows[: asked.examples]]
    rendering = time.perf_counter() - began
    spec = FinetuneSpec(rank=16, alpha=32)
    loaded = base.load_model(Path(asked.model), device=torch.device("cpu"))
    model = finetune.prepared(loaded, spec)
    model.train()
    weights = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=1e-4, fused=True)
    step = {"ours": _packed_step, "padded": _padded_step}[asked.side]
    seconds, counted = [], []
    for batch in _batches(examples, asked.steps + 1):
        began = time.perf_counter()
        counted.append(step(model, batch))
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        seconds.append(time.perf_counter() - began)
    operations = sum(_operations(model, work) for work in counted[1:])
    return {
        "step_seconds": median(seconds[1:]),
        "rendering_seconds": rendering,
        "tokens": sum(w.tokens for w in counted[1:]) / asked.steps,
        "peak_bytes": peak_memory_bytes(),
        "share": operations / sum(seconds[1:]) / _matrix_rate(),
    }


def _batches(examples: Sequence[Tokens], count: int) -> list[list[Tokens]]:
    shuffle = torch.Generator().manual_seed(0)
    order: list[int] = []
    while len(order) < count * BATCH:
        order += torch.randperm(len(examples), generator=shuffle).tolist()
    return [
        [examples[i] for i in order[at : at + BATCH]]
        for at in range(0, count * BATCH, BATCH)
    ]


def _packed_step(model: torch.nn.Module, batch: list[Tokens]) -> Work:
    parts = packs(batch, max_tokens=PACK_TOKENS)
    targets = sum(len(p.target) for p in parts)
    for part in parts:
        torch.autograd.backward(finetune.loss_of(model, part) / targets)
    tokens = sum(p.ids.shape[1] for p in parts)
    return Work(tokens, targets, sum(int((p.mask == 0).sum()) for p in parts))


def _padded_step(model: torch.nn.Module, batch: list[Tokens]) -> Work:
    width = max(len(e.ids) for e in batch)
    size = max(1, min(len(batch), PADDED_TOKENS // width))
    parts = [batch[at : at + size] for at in range(0, len(batch), size)]
    for part in parts:
        torch.autograd.backward(padded.loss_of(model, part) / len(parts))
    tokens = sum(map(padded.tokens_of, parts))
    pairs = sum(
        padded.tokens_of(part) * (padded.tokens_of(part) // len(part) + 1) // 2
        for part in parts
    )
    return Work(tokens, tokens, pairs)


def _operations(model: torch.nn.Module, work: Work) -> float:
    """Return the floating-point operations of a step (formula: top of this file)."""
    config = model.config
    head = config.vocab_size * config.hidden_size
    adapter = sum(p.numel() for p in model.parameters() if p.requires_grad)
    linear = sum(
        m.weight.numel()
        for name, m in model.named_modules()
        if name.endswith("base_layer") and isinstance(m, torch.nn.Linear)
    )
    width = config.num_hidden_layers * config.hidden_size
    return (
        (4 * linear + 6 * adapter) * work.tokens
        + 4 * head * work.logits
        + 12 * width * work.pairs
    )


def _matrix_rate() -> float:
    """Return float32 operations a second of a large product, the best of five."""
    size = 2048
    a, b = torch.randn(size, size), torch.randn(size, size)
    return 2 * size**3 / min(_seconds(lambda: a @ b) for _ in range(5))


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _prefix(
    tokenizer: PreTrainedTokenizerBase, rows: Sequence[Example], tokens: int
) -> str:
    """Return the beginning of the data's own questions and labels, so many tokens."""
    lines = (f"{r.question} {r.reference}\n" for r in reversed(rows))
    ids: list[int] = []
    while len(ids) < tokens:
        ids += tokenizer(next(lines), add_special_tokens=False)["input_ids"]
    return str(tokenizer.decode(ids[:tokens]))


def _behind(prefix: str, rows: Sequence[Example]) -> list[Example]:
    system = Message("system", prefix)
    turns = (tuple(m for m in r.messages if m.role != "system") for r in rows)
    return [replace(r, messages=(system, *t)) for r, t in zip(rows, turns, strict=True)]


def _print(grows: str, whole: Asked, asked: Sequence[Asked]) -> None:
    print(
        f"| {grows} | | examples a second | seconds of an epoch | tokens a step "
        "| share | peak GiB | rendering s |\n|---|---|---|---|---|---|---|---|"
    )
    for one in asked:
        for side in LABELS:
            found = _in_a_process(replace(one, side=side))
            steps = -(-one.examples // BATCH)
            print(
                f"| {getattr(one, grows):,} | {LABELS[side]} "
                f"| {BATCH / found['step_seconds']:.2f} "
                f"| {found['step_seconds'] * steps:.0f} | {found['tokens']:.0f} "
                f"| {found['share']:.0%} | {found['peak_bytes'] / 1024**3:.2f} "
                f"| {found['rendering_seconds']:.2f} |",
                flush=True,
            )
    print()


def _in_a_process(asked: Asked) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.trainer.growth", "--one"]
    done = subprocess.run(
        [*command, json.dumps(asdict(asked))],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.strip().split("\n")[-1])
    return found


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        print(json.dumps(measure(Asked(**json.loads(sys.argv[2])))))
    else:
        main(sys.argv[1:])

"""Answering beside plain ``generate`` of transformers: same model, prompts and limit.

    python -m benchmarks.trainer.answering MODEL DATA
        [--shots 0] [--setup few-shot] [--prompts 96] [--precision float32] [--rounds 1]

``DATA`` is a folder with ``train.jsonl`` and ``test.jsonl`` (or ``heldout.jsonl``:
examples/support-desk). Shots come from train, by the prompt arm's own set-ups; the
limit on new tokens is that of a run. The peer answers in left-padded batches of 16,
in the order of the data as people write it, then sorted by length. All decode
greedily, are warmed up with their first batch, and take turns. Prints seconds,
answers a second, how many answers are the same, and the ratios.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch

from trainer import base, device
from trainer.answering import LocalModel
from trainer.asking import Data, answer_limit
from trainer.chat import prompt_ids, stop_ids
from trainer.files import read_examples
from trainer.generate import generate
from trainer.prompts import prompt_setups

PEER_BATCH = 16
OURS = "tunewise"

Prompts = list[list[int]]
Answers = list[list[int]]


@dataclass(frozen=True, slots=True)
class Task:
    """What both sides are given."""

    model: Any
    prompts: Prompts
    stop: frozenset[int]
    limit: int  # new tokens


def main() -> None:
    """Let both sides answer in turns and print a table."""
    asked = _arguments()
    task = _task(asked)
    sides: dict[str, Callable[[Task], Answers]] = {
        "generate": partial(peer, sort=False),
        "generate, sorted": partial(peer, sort=True),
        OURS: ours,
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    answers: dict[str, Answers] = {}
    for answer in sides.values():
        answer(Task(task.model, task.prompts[:PEER_BATCH], task.stop, task.limit))
    for _ in range(asked.rounds):
        for name, answer in sides.items():
            began = time.perf_counter()
            answers[name] = answer(task)
            seconds[name].append(time.perf_counter() - began)
    _print(asked, task, seconds, answers)


def ours(task: Task) -> Answers:
    """Answer behind the shared prefix."""
    made = generate(task.model, task.prompts, stop=task.stop, max_new_tokens=task.limit)
    return [list(g.ids) for g in made]


@torch.inference_mode()
def peer(task: Task, *, sort: bool) -> Answers:
    """Answer with transformers: left-padded batches."""
    answers: dict[int, list[int]] = {}
    order = list(range(len(task.prompts)))
    if sort:
        order.sort(key=lambda i: len(task.prompts[i]))
    for at in range(0, len(order), PEER_BATCH):
        rows = order[at : at + PEER_BATCH]
        width = max(len(task.prompts[i]) for i in rows)
        pads = [width - len(task.prompts[i]) for i in rows]
        ids = [[0] * p + task.prompts[i] for i, p in zip(rows, pads, strict=True)]
        mask = [[0] * p + [1] * (width - p) for p in pads]
        out = task.model.generate(
            torch.tensor(ids, device=task.model.device),
            attention_mask=torch.tensor(mask, device=task.model.device),
            do_sample=False,
            max_new_tokens=task.limit,
            eos_token_id=sorted(task.stop),
            pad_token_id=min(task.stop),
        )[:, width:].tolist()
        for i, row in zip(rows, out, strict=True):
            end = next((n for n, t in enumerate(row) if t in task.stop), len(row))
            answers[i] = row[:end]
    return [answers[i] for i in range(len(task.prompts))]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--shots", type=int, default=0)
    parser.add_argument(
        "--setup", choices=("few-shot", "retrieved-shots"), default="few-shot"
    )
    parser.add_argument("--prompts", type=int, default=96)
    parser.add_argument(
        "--precision", choices=("float32", "bfloat16"), default="float32"
    )
    parser.add_argument("--rounds", type=int, default=1)
    return parser.parse_args()


def _task(asked: argparse.Namespace) -> Task:
    tokenizer = base.load_tokenizer(asked.model)
    model = base.load_model(
        asked.model,
        device=device.pick().device,
        dtype=getattr(torch, asked.precision),
    )
    train = read_examples(asked.data / "train.jsonl")
    files = [asked.data / name for name in ("test.jsonl", "heldout.jsonl")]
    heldout = read_examples(next(f for f in files if f.exists()))
    name = asked.setup if asked.shots else "zero-shot"
    [setup] = prompt_setups([name], [asked.shots], train, seed=0)
    counting = LocalModel(model, tokenizer, max_new_tokens=0)
    return Task(
        model=model,
        prompts=[
            prompt_ids(tokenizer, setup.build(e)) for e in heldout[: asked.prompts]
        ],
        stop=stop_ids(tokenizer, model),
        limit=answer_limit(Data(train, (), heldout), counting),
    )


def _print(
    asked: argparse.Namespace,
    task: Task,
    seconds: dict[str, list[float]],
    answers: dict[str, Answers],
) -> None:
    count = len(task.prompts)
    prompt = sum(map(len, task.prompts)) / count
    answer = sum(map(len, answers[OURS])) / count
    print(
        f"{asked.data.name}, {asked.shots} shots: {count} prompts of {prompt:.0f} "
        f"tokens, answers of {answer:.0f}, at most {task.limit}; {asked.precision}, "
        f"{torch.get_num_threads()} threads\n"
    )
    print(
        "| | seconds | answers a second | tunewise is faster by | same answers |"
        "\n|---|---|---|---|---|"
    )
    ours = median(seconds[OURS])
    for name, taken in seconds.items():
        same = sum(a == b for a, b in zip(answers[name], answers[OURS], strict=True))
        print(
            f"| {name} | {median(taken):.2f} | {count / median(taken):.2f} "
            f"| {median(taken) / ours:.2f} | {same} of {count} |"
        )


if __name__ == "__main__":
    main()

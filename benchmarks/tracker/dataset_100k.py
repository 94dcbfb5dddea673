"""Registers 100,000 generated examples and says what that took.

    generated chat JSONL  --tunewise dataset register-->  seconds, CPU seconds, peak MB

The texts are drawn from a vocabulary whose words are as unequally frequent as those
of a language (Zipf), 1 % of the examples are exact and 2 % near copies of earlier
ones, and answers are labels (``short``) or paragraphs (``long``, 800 characters an
example on average). The same seed gives the same files everywhere.

    python benchmarks/tracker/dataset_100k.py [short|long] [--files FOLDER]
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

SEED = 20261126
TRAIN, VALIDATION, HELDOUT = 90_000, 5_000, 5_000
SYLLABLES = [a + b for a in "bdfgklmnprst" for b in "aeiou"]
LABELS = tuple(f"intent_{n:02}" for n in range(60))


@dataclass(frozen=True, slots=True)
class Shape:
    """How long the texts of one kind are, in words."""

    question: tuple[int, int]
    answer: tuple[int, int]  # (0, 0): the answer is a label


SHAPES = {"short": Shape((6, 20), (0, 0)), "long": Shape((25, 80), (25, 80))}


class Writer:
    """Writes texts of words that are as frequent as Zipf's law says."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        words = {self._word() for _ in range(30_000)}
        self.words = sorted(words)
        self.random.shuffle(self.words)
        self.weights = list(accumulate(1 / (n + 2.7) for n in range(len(self.words))))

    def text(self, least: int, most: int) -> str:
        """Return one text of so many words."""
        count = self.random.randint(least, most)
        chosen = self.random.choices(self.words, cum_weights=self.weights, k=count)
        return " ".join(chosen).capitalize() + "."

    def near(self, text: str) -> str:
        """Return the text with one word added: nearly the same."""
        return f"{text[:-1]} {self.random.choice(self.words)}."

    def _word(self) -> str:
        return "".join(self.random.choices(SYLLABLES, k=self.random.randint(1, 4)))


def examples(count: int, shape: Shape, writer: Writer) -> Iterator[dict[str, object]]:
    """Yield examples, 1 % copies and 2 % near copies of earlier ones."""
    known: list[tuple[str, str]] = []
    for _ in range(count):
        luck = writer.random.random()
        if known and luck < 0.03:
            question, answer = writer.random.choice(known)
            question = question if luck < 0.01 else writer.near(question)
        else:
            question = writer.text(*shape.question)
            answer = (
                writer.text(*shape.answer)
                if shape.answer[1]
                else writer.random.choice(LABELS)
            )
        known.append((question, answer))
        yield {
            "messages": [
                {"role": "system", "content": "Answer as our support desk does."},
                {"role": "user", "content": question},
                {"role": "assistant", "content": answer},
            ]
        }


def write(folder: Path, kind: str) -> int:
    """Write the three files of a kind; return their characters an example."""
    writer = Writer(SEED)
    size = 0
    for name, count in (
        ("train", TRAIN),
        ("validation", VALIDATION),
        ("heldout", HELDOUT),
    ):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for example in examples(count, SHAPES[kind], writer):
                size += file.write(json.dumps(example) + "\n")
    return size // (TRAIN + VALIDATION + HELDOUT)


def measure(folder: Path) -> str:
    """Register the files in a new home in a process of its own, and say its cost."""
    command = [
        sys.executable,
        "-m",
        "tunewise.cli.main",
        "--home",
        str(folder / "home"),
    ]
    command += ["dataset", "register", "bench", "--json"]
    for role in ("train", "validation", "heldout"):
        command += [f"--{role}", str(folder / f"{role}.jsonl")]
    with (folder / "said.json").open("wb") as said:
        began = time.perf_counter()
        child = os.posix_spawn(
            sys.executable,
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, said.fileno(), 1)],
        )
        _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit(f"the registration failed with status {status}")
    cpu = used.ru_utime + used.ru_stime
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
    peak = used.ru_maxrss * unit / 1e6
    return (
        f"{time.perf_counter() - began:.1f} s, {cpu:.1f} s of CPU, "
        f"{peak:,.0f} MB at the peak"
    )


def main() -> None:
    """Measure both kinds, or one, or only write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", nargs="?", choices=list(SHAPES))
    parser.add_argument("--files", type=Path, help="only write the files here")
    asked = parser.parse_args()
    for kind in [asked.kind] if asked.kind else SHAPES:
        if asked.files:
            folder = asked.files / kind
            folder.mkdir(parents=True)
            print(f"{kind}: {write(folder, kind)} characters a line, in {folder}")
            continue
        with tempfile.TemporaryDirectory() as scratch:
            size = write(Path(scratch), kind)
            total = TRAIN + VALIDATION + HELDOUT
            print(f"{kind}: {total:,} examples of {size} characters a line")
            print(f"  {measure(Path(scratch))}")


if __name__ == "__main__":
    main()

"""Does the drift check stay quiet on halves of one split, and find drift that is there?

    python -m benchmarks.evidence.drift quiet DATA [HALVES] [SET…]
    python -m benchmarks.evidence.drift finds DATA

DATA is the folder of the shared data sets. ``quiet`` splits each training split into
two random sides, HALVES times (default 500), and counts alarms: a fifth of the times
at each of the sizes 30, 60 and 100 a side, else the whole split in two. ``finds``
holds later parts of KEV against earlier ones.
"""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tunewise.datasets import files
from tunewise.datasets.canonical import document_hash
from tunewise.datasets.later import read_later
from tunewise.datasets.texts import accepted, prompt_key
from tunewise.domain.dataset import Example
from tunewise.evidence.drift import (
    Asked,
    DriftFinding,
    Looked,
    document_change,
    documents_asked_for,
    drift,
)
from tunewise.evidence.intervals import wilson
from tunewise.workflow.datasets.checks import read_schema
from tunewise.workflow.drift.answers import satisfies

SETS = {  # the split, and the JSON Schema of its references
    "banking77": ("banking77/train.jsonl", ""),
    "mini": ("banking77/mini/train.jsonl", ""),
    "sentence_polarity": ("sentence_polarity/train.jsonl", ""),
    "snips": ("snips/train.jsonl", "snips/schema.json"),
    "xquad_en": ("xquad_en/train.jsonl", ""),
    "disfl_qa": ("disfl_qa/train.jsonl", ""),
    "kev": ("kev/train.jsonl", "kev/schema.json"),
    "changing_qa": ("kev/changing_qa/train.jsonl", ""),
    "changing_qa, unchanged": ("kev/changing_qa/test_unchanged.jsonl", ""),
}
SMALL = (30, 60, 100)


def main(mode: str, data: str, *more: str) -> None:
    """Run one of the two."""
    if mode == "quiet":
        halves = int(more[0]) if more else 500
        quiet(Path(data), halves, more[1:] or tuple(SETS))
    else:
        finds(Path(data))


def quiet(data: Path, halves: int, names: Sequence[str]) -> None:
    """Print one row a set: alarms at each size and in all, and what alarmed."""
    columns = ("data", *map(str, SMALL), "half", "in all", "share", "what", "minutes")
    print("| " + " | ".join(columns) + " |")
    print("|---" * len(columns) + "|")
    for name in names:
        path, schema = SETS[name]
        examples = read_later(data / path).examples
        began = time.monotonic()
        alarms, made, codes = Counter[int](), Counter[int](), Counter[str]()
        how = asked(data / schema if schema else None, knowledge="qa" in name)
        for number in range(halves):
            n = size_of(number, len(examples))
            found = on_halves(examples, n, how, seed=number)
            drifted = [f.code for f in found if f.drifted]
            made[n] += 1
            alarms[n] += bool(drifted)
            codes.update(drifted)
        half = len(examples) // 2
        cells = [f"{alarms[n]} of {made[n]}" for n in (*SMALL, half)]
        low, high = wilson(alarms.total(), halves)
        share = f"{alarms.total() / halves:.1%} ({low:.1%} to {high:.1%})"
        what = ", ".join(f"{c} {k}" for c, k in codes.most_common()) or "–"
        took = f"{(time.monotonic() - began) / 60:.1f}"
        cells += [f"{alarms.total()} of {halves}", share, what, took]
        print(f"| {name} ({len(examples)}) | " + " | ".join(cells) + " |", flush=True)


def size_of(number: int, examples: int) -> int:
    """Return how many examples each side has, this time."""
    place = number % 5
    half = examples // 2
    return min(SMALL[place], half) if place < len(SMALL) else half


def on_halves(
    examples: Sequence[Example], n: int, how: Asked, *, seed: int
) -> tuple[DriftFinding, ...]:
    """Return what a check finds between two sides that chance made."""
    order = np.random.default_rng(seed).permutation(len(examples))
    reference = [examples[i] for i in order[:n]]
    later = [examples[i] for i in order[n : 2 * n]]
    return drift(reference, later, how, seed=seed).findings


def finds(data: Path) -> None:
    """Print what is found between the years of KEV, and where answers changed."""
    kev, changing = data / "kev", data / "kev" / "changing_qa"
    by_year = asked(kev / "schema.json", knowledge=False)
    trained = [
        *read_later(kev / "train.jsonl").examples,
        *read_later(kev / "validation.jsonl").examples,
    ]
    for year in (2023, 2024, 2025):
        later = read_later(kev / f"test_{year}.jsonl").examples
        tell(f"kev, until 2022 against {year}", drift(trained, later, by_year, seed=0))
    knowledge = asked(None, knowledge=True)
    trained = [*read_later(changing / "train.jsonl").examples]
    before, now = (
        {
            d.id: document_hash(d)
            for d in files.load({"documents": path}).dataset.documents
        }
        for path in sorted(changing.glob("documents_*.jsonl"))
    )
    for name in ("test_unchanged", "test_changed"):
        later = read_later(changing / f"{name}.jsonl").examples
        tell(f"changing_qa, {name}", drift(trained, later, knowledge, seed=0))
        if of_documents := documents_asked_for(later, before, now):
            row(of_documents)
    print("\ndocuments of January against August 2025")
    row(document_change(before, now))


def asked(schema: Path | None, *, knowledge: bool) -> Asked:
    """Return how examples are compared, as ``tunewise drift check`` does."""
    read = read_schema(str(schema)) if schema else None
    return Asked(
        prompt_key=prompt_key,
        accepted=accepted,
        answers_fact="knowledge_changes"
        if knowledge
        else "labels_or_rules_change_often",
        is_valid=satisfies(read) if read else None,
    )


def tell(title: str, looked: Looked) -> None:
    """Print a title and every finding."""
    print(f"\n{title}")
    for finding in looked.findings:
        row(finding)


def row(f: DriftFinding) -> None:
    """Print one finding."""
    mark = "drifted" if f.drifted else "ok"
    figures = f"{f.value:.3f} ({f.low:.3f} to {f.high:.3f}, acts at {f.threshold:.3f})"
    print(f"  {mark:<8} {f.code:<20} {figures}  {f.message}")
    for what, texts in f.texts.items():
        print(f"           {what}: {', '.join(texts[:8])}")


if __name__ == "__main__":
    main(*sys.argv[1:])

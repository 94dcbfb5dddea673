"""Does the nearest training example have the right answer? Leave one out.

    python benchmarks/retrieval.py train.jsonl…

For each file, at most 3,000 examples: how often the nearest other example has the
same reference (for JSON references: the same value of ``intent``, where there is one),
and how often one of the four nearest has, by TF-IDF alone and with the latent half.
"""

import json
import sys
from pathlib import Path

from trainer import similar, vectors
from trainer.files import read_examples
from tunewise.domain.dataset import Example

EXAMPLES = 3_000


def main(paths: list[str]) -> None:
    """Print one row a file and kind of similarity."""
    print("| file | similarity | nearest right | one of four right |")
    print("|---|---|---|---|")
    for path in map(Path, paths):
        examples = read_examples(path)[:EXAMPLES]
        for name, size in (("lexical", 0), ("with the latent half", 100)):
            vectors.LATENT_SIZE = size
            one, four = hits(examples)
            print(f"| {path.parent.name} | {name} | {one:.3f} | {four:.3f} |")


def hits(examples: tuple[Example, ...]) -> tuple[float, float]:
    """Return the shares of examples answered rightly by one and by four others."""
    index = similar.ExampleIndex(examples)
    one = four = 0
    for example in examples:
        # the example itself is nearest, or one that asks just the same
        found = [e for e in index.nearest(example.question, 5) if e is not example]
        right = [answer(e) == answer(example) for e in found[:4]]
        one += right[0]
        four += any(right)
    return one / len(examples), four / len(examples)


def answer(example: Example) -> object:
    """Return what counts as the answer of an example."""
    try:
        value = json.loads(example.reference)
    except ValueError:
        return example.reference
    return value.get("intent", value) if isinstance(value, dict) else value


if __name__ == "__main__":
    main(sys.argv[1:])

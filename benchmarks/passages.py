"""Does the found passage hold the answer? By chunk size, with and without ids.

    python benchmarks/passages.py BASE_MODEL_FOLDER QUESTIONS DOCUMENTS [Q D]…

The questions have ``gold_doc_ids``. For each pair of files: how often the best passage,
and one of the two best, comes from a gold document and holds an accepted answer.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from trainer import base
from trainer.files import read_documents, read_examples
from trainer.retrieval import Passage, PassageIndex, chunk
from tunewise.domain.dataset import Example

SIZES = (90, 180)


def main(model: str, *files: str) -> None:
    """Print one row a pair of files, chunk size and index."""
    tokenizer = base.load_tokenizer(Path(model))
    print("| data | chunk tokens | passages | index | best holds it | one of two |")
    print("|---" * 6 + "|")
    for asked, known in zip(files[::2], files[1::2], strict=True):
        examples, documents = read_examples(Path(asked)), read_documents(Path(known))
        for size in SIZES:
            passages = chunk(
                documents, tokens=size, count=lambda t: len(tokenizer(t)["input_ids"])
            )
            for name, indexed in (
                ("title and text", [replace(p, document="") for p in passages]),
                ("and id", list(passages)),
            ):
                first, second = (
                    found(indexed, passages, examples, k) / len(examples)
                    for k in (1, 2)
                )
                data = f"{Path(asked).parent.name} | {size} | {len(passages)}"
                print(f"| {data} | {name} | {first:.3f} | {second:.3f} |")


def found(
    indexed: Sequence[Passage],
    passages: Sequence[Passage],
    examples: Sequence[Example],
    k: int,
) -> int:
    """Return for how many questions one of ``k`` passages holds the answer."""
    index = PassageIndex(indexed)
    whole = {id(i): p for i, p in zip(indexed, passages, strict=True)}
    return sum(
        any(holds(whole[id(p)], e) for p in index.search(e.question, k))
        for e in examples
    )


def holds(passage: Passage, example: Example) -> bool:
    """Return whether a passage is of a gold document and has an accepted answer."""
    accepted = example.answers or (example.reference,)
    return passage.document in example.gold_doc_ids and any(
        a.casefold() in passage.text.casefold() for a in accepted
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Does the found passage hold the answer? By way of finding it.

    python benchmarks/passages.py BASE_MODEL_FOLDER QUESTIONS DOCUMENTS [Q D]…
        [--encoder FOLDER]

For each pair of files: for how many questions the best passage, and one of the two
best, comes from a gold document and holds an accepted answer.
"""

import argparse
from pathlib import Path

from trainer import base
from trainer.files import read_documents, read_examples
from trainer.passages import chunk
from trainer.retriever import pick

TOKENS = 180


def main() -> None:
    """Print one row a pair of files and retriever."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--encoder", type=Path)
    asked = parser.parse_args()
    tokenizer = base.load_tokenizer(asked.model)
    print("| data | passages | retrieval | best holds it | one of two |")
    print("|---" * 5 + "|")
    for questions, known in zip(asked.files[::2], asked.files[1::2], strict=True):
        examples, documents = read_examples(questions), read_documents(known)
        passages = chunk(
            documents, tokens=TOKENS, count=lambda t: len(tokenizer(t)["input_ids"])
        )
        found = [
            pick(
                ("lexical", "dense", "fused"),
                passages,
                examples,
                k=k,
                encoder=asked.encoder,
            ).found
            for k in (1, 2)
        ]
        for name in found[0]:
            print(
                f"| {questions.parent.name} | {len(passages)} | {name} "
                f"| {found[0][name]:.3f} | {found[1][name]:.3f} |"
            )


if __name__ == "__main__":
    main()

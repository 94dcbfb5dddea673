"""Score adapters on held-out examples, all in the same way, as JSON.

python -m benchmarks.trainer.heldout_score MODEL HELDOUT.jsonl METRIC ADAPTER…
"""

import json
import sys
import time
from pathlib import Path

from trainer import base, device
from trainer.answering import LocalModel
from trainer.files import read_examples
from trainer.reloading import load_trained
from trainer.scoring import score


def main(arguments: list[str]) -> None:
    """Merge each adapter, answer, and print a score for each."""
    folder, heldout, metric, *adapters = arguments
    compute = device.pick()
    tokenizer = base.load_tokenizer(Path(folder))
    examples = read_examples(Path(heldout))
    longest = max(len(tokenizer(e.reference)["input_ids"]) for e in examples)
    scores = {}
    for adapter in adapters:
        model = base.load_model(
            Path(folder), device=compute.device, dtype=compute.training
        )
        merged = load_trained(model, Path(adapter), "lora").merge_and_unload()
        answerer = LocalModel(merged, tokenizer, max_new_tokens=longest + 8)
        began = time.perf_counter()
        answers = answerer.answer(
            [e.prompt for e in examples], progress=lambda done, total: None
        )
        found = score(metric, examples, [a.text for a in answers])
        scores[adapter] = {
            "score": found.value,
            "n": len(examples),
            "answers_per_second": len(answers) / (time.perf_counter() - began),
        }
    print(json.dumps(scores))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Tunewise's half of ``beside_trl``: trains once and says what it took, as JSON.

python -m benchmarks.trainer.ours_side MODEL TRAIN.jsonl OUT SEED EPOCHS RATE EXAMPLES
"""

import json
import sys
import time
from pathlib import Path

from trainer import base, device, finetune
from trainer.chat import training_tokens
from trainer.environment import peak_memory_bytes
from trainer.files import Progress, read_examples
from tunewise.domain.experiment import FinetuneSpec


def main(arguments: list[str]) -> None:
    """Train an adapter and print the measurements."""
    folder, train, out = map(Path, arguments[:3])
    seed, epochs, rate, count = arguments[3:7]
    compute = device.pick()
    tokenizer = base.load_tokenizer(folder)
    model = base.load_model(folder, device=compute.device, dtype=compute.training)
    rows = read_examples(train)[: int(count)]
    examples = [training_tokens(tokenizer, row.messages) for row in rows]
    spec = FinetuneSpec(
        epochs=int(epochs),
        learning_rate=float(rate),
        rank=16,
        alpha=32,
        batch_size=8,
        max_length=1024,
    )
    out.mkdir(parents=True)
    before = peak_memory_bytes()
    began = time.perf_counter()
    _, trained = finetune.train(
        model,
        examples,
        spec,
        out,
        seed=int(seed),
        evaluate=lambda _: 0.0,
        progress=Progress(out / "progress.jsonl"),
    )
    seconds = time.perf_counter() - began
    last = out / f"epoch-{epochs}"
    print(
        json.dumps(
            {
                "seconds": seconds,
                "examples": len(examples) * int(epochs),
                "steps": trained.steps,
                "tokens": trained.tokens,
                "peak_bytes": peak_memory_bytes(),
                "before_bytes": before,
                "adapter": str(last),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])

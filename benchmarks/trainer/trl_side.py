"""TRL's half of ``beside_trl``: trains once and says what it took, as JSON.

    PEER benchmarks/trainer/trl_side.py MODEL TRAIN.jsonl OUT SEED EPOCHS RATE EXAMPLES

``PEER`` is a Python that has trl; this file imports nothing of Tunewise. The loss is
on completions only; length, batch, precision and adapter are those of ours_side.py.
"""

import json
import resource
import sys
import time
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer


def peak_bytes() -> int:
    """Return the most memory this process had, in bytes (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(arguments: list[str]) -> None:
    """Train an adapter and print the measurements."""
    folder, train, out, seed, epochs, rate, count = arguments
    lines = Path(train).read_text(encoding="utf-8").split("\n")
    chats = [json.loads(line)["messages"] for line in lines if line][: int(count)]
    data = Dataset.from_list([{"prompt": c[:-1], "completion": c[-1:]} for c in chats])
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    before = peak_bytes()
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(
            output_dir=out,
            per_device_train_batch_size=8,
            num_train_epochs=float(epochs),
            learning_rate=float(rate),
            lr_scheduler_type="linear",
            warmup_steps=0.05,
            weight_decay=0.0,
            max_length=1024,
            completion_only_loss=True,
            gradient_checkpointing=False,
            use_cpu=True,
            bf16=False,
            seed=int(seed),
            report_to="none",
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
        ),
        train_dataset=data,
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=16,
            lora_alpha=32,
            lora_dropout=0.0,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
    )
    began = time.perf_counter()
    done = trainer.train()
    seconds = time.perf_counter() - began
    trainer.save_model(out)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "examples": len(chats) * int(epochs),
                "steps": done.global_step,
                "tokens": int(done.metrics.get("num_input_tokens_seen", 0)),
                "peak_bytes": peak_bytes(),
                "before_bytes": before,
                "adapter": out,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])

"""Kill a training three times and compare its weights with one that ran through.

    python -m benchmarks.trainer.killed MODEL [EXAMPLES]

Prints the sha256 of the adapter of every epoch, of both.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DESK = ROOT / "examples" / "support-desk"
EPOCHS = 2


def main(model: Path, count: int) -> int:
    """Train twice; 0 if the weights are the same."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_data(folder, count)
        steps = EPOCHS * -(-count // 8)
        whole, killed = (_prepared(folder, n, model) for n in ("whole", "killed"))
        _end(_start(whole), whole)
        for after in (steps // 4, steps // 2, steps * 3 // 4):
            child = _start(killed)
            while _steps(killed) < after:
                if child.poll() is not None:
                    raise SystemExit(f"{killed}: ended by itself")
                time.sleep(0.01)
            child.kill()
            child.wait()
            print(f"killed after step {_steps(killed)} of {steps}")
        _end(_start(killed), killed)
        same = True
        print("| epoch | not interrupted | killed three times |\n|---|---|---|")
        for epoch in range(1, EPOCHS + 1):
            a, b = (_digest(f, epoch) for f in (whole, killed))
            same = same and a == b
            print(f"| {epoch} | `{a}` | `{b}` |")
    return 0 if same else 1


def _write_data(folder: Path, count: int) -> None:
    (folder / "data").mkdir()
    for split, name in (
        ("train", "train"),
        ("validation", "train"),
        ("heldout", "heldout"),
    ):
        lines = (DESK / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")
        kept = [line for line in lines if line]
        kept = kept[:count] if split == "train" else kept[-4:]
        text = "\n".join(kept) + "\n"
        (folder / "data" / f"{split}.jsonl").write_text(text, encoding="utf-8")


def _prepared(folder: Path, name: str, model: Path) -> Path:
    run = folder / name
    run.mkdir()
    config = {
        "run": f"r-{name}",
        "arm": "finetune",
        "seed": 0,
        "task": {"type": "extraction", "metric": "exact_match"},
        "train": "../data/train.jsonl",
        "validation": "../data/validation.jsonl",
        "heldout": "../data/heldout.jsonl",
        "documents": "",
        "model_dir": str(model.resolve()),
        "model_name": model.name,
        "prompt": {},
        "rag": {},
        "finetune": {
            "epochs": EPOCHS,
            "learning_rate": 1e-3,
            "rank": 16,
            "alpha": 32,
            "batch_size": 8,
            "max_length": 1024,
        },
        "hybrid": {},
        "latency_examples": 0,
    }
    (run / "run.json").write_text(json.dumps(config), encoding="utf-8")
    return run


def _start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "trainer", str(folder)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _end(child: subprocess.Popen[bytes], folder: Path) -> None:
    if child.wait():
        raise SystemExit((folder / "result.json").read_text(encoding="utf-8"))


def _steps(folder: Path) -> int:
    path = folder / "progress.jsonl"
    if not path.exists():
        return 0
    told = [json.loads(x) for x in path.read_text().split("\n") if x.endswith("}")]
    return max((e["done"] for e in told if "step_loss" in e), default=0)


def _digest(folder: Path, epoch: int) -> str:
    path = folder / "checkpoints" / f"epoch-{epoch}" / "adapter_model.safetensors"
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 80))

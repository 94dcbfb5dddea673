"""Does what ``experiment export --to trl`` writes train in TRL as it does here?

    python -m benchmarks.trainer.exported MODEL DATA METRIC --peer PYTHON
        [--examples 200] [--heldout 200] [--rate 1e-3]

Exports an experiment over ``DATA/train.jsonl`` (one epoch, batches of 8), runs
``trl sft --config config.yaml`` beside ``PYTHON``, brings the adapter back with
``model register``, and lets it and one of ours answer the same held-out examples.
Before that, one step on eight examples: TRL's loss must be ours, which falls on the
exported labels only. Status 1 where it is not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import torch

from trainer import base, finetune
from trainer.chat import Tokens
from trainer.packing import pack

BATCH = 8
TOLERANCE = 1e-3  # TRL's log has four digits
IGNORED = -100


def main() -> int:
    """Export, train, register, score, and print what came out."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        out = scratch / "exported"
        spec = _write_spec(scratch, asked)
        _tunewise(scratch, "experiment", "export", str(spec), str(out), "--to", "trl")
        theirs, ours = _first_loss(asked, out, scratch), _our_loss(asked.model, out)
        print(f"loss of the first {BATCH} examples: trl {theirs:.4f}, ours {ours:.4f}")
        if abs(theirs - ours) > TOLERANCE:
            return 1
        began = time.perf_counter()
        _trl(asked.peer, out)
        seconds = time.perf_counter() - began
        told = _tunewise(
            scratch, "model", "register", "exported", "--from", str(out / "model.toml")
        )
        print(f"registered: {told.splitlines()[0]}")
        ours_folder = scratch / "ours"
        _run(
            [sys.executable, "-m", "benchmarks.trainer.ours_side"],
            [asked.model, scratch / "train.jsonl", ours_folder, 0, 1, asked.rate],
            [asked.examples],
        )
        adapters = {"trl": out / "trained", "tunewise": ours_folder / "epoch-1"}
        scored = json.loads(
            _run(
                [sys.executable, "-m", "benchmarks.trainer.heldout_score"],
                [asked.model, scratch / "test.jsonl", asked.metric],
                adapters.values(),
            ).split("\n")[-1]
        )
    print(f"trl sft --config config.yaml took {seconds:.0f} s, loading included\n")
    print(f"| trained by | {asked.metric} on {asked.heldout} |\n|---|---|")
    for trainer, adapter in adapters.items():
        print(f"| {trainer} | {scored[str(adapter)]['score']:.3f} |")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("metric")
    parser.add_argument("--peer", type=Path, required=True)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--heldout", type=int, default=200)
    parser.add_argument("--rate", type=float, default=1e-3)
    return parser.parse_args()


def _write_spec(scratch: Path, asked: argparse.Namespace) -> Path:
    counts = {"train": asked.examples, "test": asked.heldout, "validation": 1000}
    for split, count in counts.items():
        lines = (asked.data / f"{split}.jsonl").read_text(encoding="utf-8").split("\n")
        kept = "\n".join(line for line in lines[:count] if line) + "\n"
        (scratch / f"{split}.jsonl").write_text(kept, encoding="utf-8")
    spec = scratch / "exported.toml"
    spec.write_text(
        f"""title = "Exported to TRL"
arms = ["finetune"]
seeds = [0]
base_model = "{asked.model.resolve()}"
dataset = {{ train = "train.jsonl", validation = "validation.jsonl", \
heldout = "test.jsonl" }}
task = {{ type = "{_task(asked.metric)}", metric = "{asked.metric}" }}

[finetune]
epochs = 1
learning_rate = {asked.rate}
rank = 16
alpha = 32
batch_size = {BATCH}
max_length = 1024
""",
        encoding="utf-8",
    )
    return spec


def _task(metric: str) -> str:
    return {"accuracy": "classification", "field_f1": "extraction"}.get(
        metric, "text_rewriting"
    )


def _first_loss(asked: argparse.Namespace, out: Path, scratch: Path) -> float:
    """Return the loss that TRL logs for one step on the first examples."""
    first = scratch / "first"
    first.mkdir()
    lines = (out / "train.jsonl").read_text(encoding="utf-8").split("\n")
    text = "\n".join(lines[:BATCH]) + "\n"
    (first / "train.jsonl").write_text(text, encoding="utf-8")
    (first / "config.yaml").write_bytes((out / "config.yaml").read_bytes())
    _trl(asked.peer, first, "--max_steps", "1", "--logging_steps", "1")
    state = first / "trained" / "checkpoint-1" / "trainer_state.json"
    loss: float = json.loads(state.read_text())["log_history"][0]["loss"]
    return loss


def _our_loss(model: Path, out: Path) -> float:
    """Return the mean loss of the untouched base on the same, labels only."""
    lines = (out / "train.jsonl").read_text(encoding="utf-8").split("\n")[:BATCH]
    examples = [
        Tokens(tuple(row["input_ids"]), tuple(x != IGNORED for x in row["labels"]))
        for row in map(json.loads, lines)
    ]
    one = pack(examples, shared=0)
    loaded = base.load_model(model, device=torch.device("cpu"))
    with torch.inference_mode():
        return float(finetune.loss_of(loaded, one)) / len(one.target)


def _trl(peer: Path, folder: Path, *more: str) -> None:
    trl = peer.parent / "trl"
    _run([str(trl), "sft", "--config", "config.yaml", *more], cwd=folder)


def _tunewise(home: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "tunewise.cli.main", "--home", str(home / "home")]
    return _run([*command, *arguments])


def _run(command: list[str], *more: Iterable[object], cwd: Path | None = None) -> str:
    arguments = [str(a) for group in more for a in group]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment,
    )
    if done.returncode:
        raise SystemExit(done.stderr or done.stdout)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())

"""Training beside TRL's SFTTrainer: same data, adapter, precision, batch and steps.

    python -m benchmarks.trainer.beside_trl MODEL DATA METRIC --peer PYTHON
        [--seeds 3] [--epochs 1] [--rate 1e-3] [--examples 200] [--heldout 200]

``DATA`` is a folder with ``train.jsonl`` and ``test.jsonl``; ``PYTHON`` an interpreter
that has trl (README.md). The two take turns, one process at a time; then every
adapter answers the same held-out examples, through the same code. Prints a table
and the ratios.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean, median
from typing import Any

HERE = Path(__file__).resolve().parent
GIB = 1024**3

Measured = dict[str, Any]


def main() -> None:
    """Run both sides for every seed, score them, and print a table."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as scratch:
        heldout = Path(scratch) / "heldout.jsonl"
        lines = (asked.data / "test.jsonl").read_text(encoding="utf-8").split("\n")
        heldout.write_text("\n".join(lines[: asked.heldout]) + "\n", encoding="utf-8")
        runs: dict[str, list[Measured]] = {"tunewise": [], "trl": []}
        for seed in range(asked.seeds):
            for name, side in _sides(asked.peer).items():
                out = Path(scratch) / f"{name}-{seed}"
                runs[name].append(_trained(side, asked, out, seed))
                print(
                    f"{name}, seed {seed}: {runs[name][-1]['seconds']:.1f} s",
                    file=sys.stderr,
                )
        adapters = [r["adapter"] for side in runs.values() for r in side]
        scored = _json(
            [
                sys.executable,
                "-m",
                "benchmarks.trainer.heldout_score",
                str(asked.model),
                str(heldout),
                asked.metric,
                *adapters,
            ]
        )
        for side in runs.values():
            for run in side:
                run["score"] = scored[run["adapter"]]["score"]
    _print(runs, asked)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("metric")
    parser.add_argument("--peer", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--heldout", type=int, default=200)
    return parser.parse_args()


def _sides(peer: str) -> dict[str, list[str]]:
    return {
        "tunewise": [sys.executable, "-m", "benchmarks.trainer.ours_side"],
        "trl": [peer, str(HERE / "trl_side.py")],
    }


def _trained(
    side: list[str], asked: argparse.Namespace, out: Path, seed: int
) -> Measured:
    settings = [seed, asked.epochs, asked.rate, asked.examples]
    train = asked.data / "train.jsonl"
    return _json([*side, str(asked.model), str(train), str(out), *map(str, settings)])


def _json(command: list[str]) -> Measured:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=_environment()
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: Measured = json.loads(done.stdout.strip().split("\n")[-1])
    return found


def _environment() -> dict[str, str]:
    return {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def _print(runs: dict[str, list[Measured]], asked: argparse.Namespace) -> None:
    print(
        f"{asked.data.name}: {asked.examples} examples, {asked.epochs} epochs, "
        f"{runs['trl'][0]['steps']} steps of 8, learning rate {asked.rate:g}, "
        f"{asked.heldout} held-out examples\n"
    )
    print(
        "| | seconds | examples a second | peak GiB | "
        f"{asked.metric} by seed | mean |\n|---|---|---|---|---|---|"
    )
    for name, side in runs.items():
        scores = ", ".join(f"{r['score']:.3f}" for r in side)
        print(
            f"| {name} | {median(r['seconds'] for r in side):.1f} "
            f"| {_rate(side):.2f} | {_peak(side) / GIB:.2f} "
            f"| {scores} | {mean(r['score'] for r in side):.3f} |"
        )
    ours, theirs = runs["tunewise"], runs["trl"]
    print(
        f"\nexamples a second: {_rate(ours) / _rate(theirs):.2f} times; "
        f"peak memory: {_peak(ours) / _peak(theirs):.0%}; "
        f"steps {ours[0]['steps']} and {theirs[0]['steps']}"
    )


def _rate(side: list[Measured]) -> float:
    return median(r["examples"] / r["seconds"] for r in side)


def _peak(side: list[Measured]) -> float:
    return median(r["peak_bytes"] for r in side)


if __name__ == "__main__":
    main()

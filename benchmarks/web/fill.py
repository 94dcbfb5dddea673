"""Fill a home as large as the bar asks, by the ways on which records are written.

    python -m benchmarks.web.fill HOME [RUNS] [DECISIONS]

500 experiments with 10,000 runs of 100 metric points, 1,000 decisions (half of them
on a measured score, with a model version where that option was accepted), 24 versions
of 8 datasets. Facts are those of the rules' worked cases. Nobody trained: scores are
drawn. ``tunewise --home HOME verify`` finds nothing wrong.
"""

import json
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.tracker.runs_data import WORDS, Made, made_runs
from tracker import blobs, experiments, points, runs
from tracker.points import Point
from tracker.store import Store
from tunewise import resources
from tunewise.domain.decision import Actor
from tunewise.engine.comparisons import read_comparisons
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments.prediction import judged
from tunewise.workflow.home import Home
from tunewise.workflow.rules.last_good import LastGood

SEED = 20261127
RUNS_EACH = 20  # runs of an experiment: four arms, five seeds
LARGEST = 200  # runs of the first experiment
HELDOUT = 200
PEOPLE = ("Ines Okafor", "Tomas Lind", "Mei Sato", "Ravi Menon")
FAR = "2099-01-01T00:00:00.000+00:00"

View = dict[str, Any]


def main(folder: Path, runs_wanted: int = 10_000, decided: int = 1_000) -> None:
    """Fill the home, and say how long each part took."""
    home = Home(folder, Actor(PEOPLE[0]), last_good=LastGood())
    random = Random(SEED)
    started = time.perf_counter()
    versions = list(_datasets(home))
    print(f"{len(versions)} dataset versions, {_since(started)}", flush=True)
    measured = _experiments(home, versions, runs_wanted, random)
    print(f"{len(measured)} experiments, {_since(started)}", flush=True)
    _decisions(home, measured, decided, random)
    print(f"{decided} decisions, {_since(started)}", flush=True)


def _since(started: float) -> str:
    return f"{time.perf_counter() - started:.0f} s"


def _datasets(home: Home) -> Iterator[str]:
    """Register three versions of each of eight datasets; one of them is large."""
    random = Random(SEED)
    with TemporaryDirectory() as name:
        for number in range(8):
            train = 5_000 if number == 0 else 300
            for version in range(3):
                paths = {
                    split: _written(Path(name) / f"{split}.jsonl", split, n, random)
                    for split, n in (
                        ("train", train + 20 * version),
                        ("validation", 100),
                        ("heldout", HELDOUT),
                    )
                }
                yield datasets.register(
                    home,
                    f"benchmark-{number}",
                    paths,
                    accept_because="made for a benchmark",
                )["dataset"]


def _written(path: Path, split: str, count: int, random: Random) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            label = random.choice(("card", "refund", "transfer", "fees"))
            text = f"{' '.join(random.choices(WORDS, k=12))} about {label}"
            messages = [
                {"role": "user", "content": text},
                {"role": "assistant", "content": label},
            ]
            record = {"messages": messages, "metadata": {"id": f"{split}-{number}"}}
            file.write(json.dumps(record) + "\n")
    return path


def _experiments(
    home: Home, versions: Sequence[str], count: int, random: Random
) -> list[View]:
    """Record every experiment with its runs; return the reports."""
    made = made_runs(count)
    sizes = [LARGEST, *([RUNS_EACH] * (count // RUNS_EACH))]
    reports = []
    for number, size in enumerate(sizes):
        own = [run for run, _ in zip(made, range(size), strict=False)]
        if not own:
            break
        with home.store() as store, store.writing(home.actor, home.now()):
            reports.append(_experiment(home, store, number, own, versions, random))
    return reports


def _experiment(
    home: Home,
    store: Store,
    number: int,
    made: Sequence[Made],
    versions: Sequence[str],
    random: Random,
) -> View:
    id, dataset = f"e-benchmark-{number:04}", versions[number % len(versions)]
    at = {"actor": home.actor, "at": home.now()}
    heldout = datasets.show(home, dataset)["splits"]["heldout"]["digest"]
    title = " ".join(random.choices(WORDS, k=4)).capitalize()
    arms = {arm: [] for arm in ("prompt", "rag", "finetune", "hybrid")}
    for each, arm in zip(made, list(arms) * len(made), strict=False):
        arms[arm].append(each)
    spec = {
        "task": {"metric": "accuracy", "target_score": 0.8},
        "limits": {"heldout": 0},
        "arms": list(arms),
        "seeds": list(range(len(made) // 4)),
        "finetune": {"method": "lora", "rank": 16},
    }
    body = {
        "spec": spec,
        "heldout_digest": heldout,
        "base_model": {"id": "tiny", "digest": "sha256:" + "c" * 64},
    }
    experiments.create(store, id, title=title, dataset=dataset, body=body, **at)
    experiments.start(store, id, **at)
    answers = blobs.put_bytes(
        store.blobs,
        b"\n".join(
            json.dumps({"answer": random.choice(("card", "refund", "fees"))}).encode()
            for _ in range(HELDOUT)
        ),
    )
    views = {}
    for arm, own in arms.items():
        for seed, run in enumerate(own):
            _run(store, run, id, arm, seed, dataset, answers, at)
        views[arm] = _arm(own[0].id, random)
    report = {
        "experiment": id,
        "title": title,
        "dataset": dataset,
        "heldout_digest": heldout,
        "primary_metric": "accuracy",
        "target_score": 0.8,
        "data": {"train": 300, "validation": 100, "heldout": HELDOUT},
        "arms": views,
        "diagnostics": {},
        "comparisons": [_comparison(a, views) for a in ("rag", "finetune", "hybrid")],
    }
    report["prediction"] = _foreseen(report, random)
    experiments.finish(store, id, report=report, **at)
    return report


def _foreseen(report: View, random: Random) -> View:
    """Return what the rules would have foreseen, drawn, beside what was measured."""
    predicted = {
        "recommended": random.choice(("prompt", "rag", "finetune", "defer")),
        "because": "drawn for a benchmark",
        "lead": "clear",
        "runner_up": None,
        "left_out": [],
        "rule_set": "sha256:" + "0" * 64,
        "reconstructed": False,
    }
    scores = {
        arm: view["metrics"]["accuracy"]["value"]
        for arm, view in report["arms"].items()
    }
    return judged(predicted, scores, read_comparisons(report["comparisons"]))


def _run(
    store: Store,
    made: Made,
    experiment: str,
    arm: str,
    seed: int,
    dataset: str,
    answers: str,
    at: Mapping[str, Any],
) -> None:
    """Record a run with its points; one of fifty fails."""
    body = {"dataset": dataset, "rank": made.rank, "note": made.note}
    runs.create(
        store, made.id, experiment=experiment, arm=arm, seed=seed, body=body, **at
    )
    runs.claim(store, made.id, owner="benchmark", lease_until=FAR, **at)
    measured = [Point(metric, step, v, at["at"]) for metric, step, v in made.points]
    points.add(store, made.id, attempt=1, points=measured, **at)
    if seed and made.id.endswith("7") and made.rank == 4:
        runs.fail(store, made.id, attempt=1, because="no memory", **at)
        return
    result = {
        "status": "finished",
        "setup": "lora",
        "answers_blob": answers,
        "metrics": made.final,
        "train": {"examples": 300, "steps": 60} if arm == "finetune" else None,
    }
    runs.finish(store, made.id, attempt=1, result=result, blobs=[answers], **at)


def _arm(run: str, random: Random) -> View:
    value = round(random.uniform(0.5, 0.95), 3)
    return {
        "run": run,
        "status": "finished",
        "model": "tiny",
        "setup": "lora",
        "setups": [],
        "metrics": {
            metric: {
                "value": value,
                "low": round(value - 0.06, 3),
                "high": round(value + 0.05, 3),
                "n": HELDOUT,
            }
            for metric in ("accuracy", "macro_f1")
        },
        "latency_seconds": {"p50": 0.41, "p95": 0.88},
        "answers_per_second": 11.2,
        "prompt_tokens_mean": 312.4,
        "answer_tokens_mean": 6.1,
        "seconds": 62.0,
        "cost": None,
        "train": {"examples": 300, "steps": 60},
    }


def _comparison(arm: str, views: Mapping[str, View]) -> View:
    a, b = (views[name]["metrics"]["accuracy"]["value"] for name in (arm, "prompt"))
    difference = round(a - b, 3)
    return {
        "a": arm,
        "b": "prompt",
        "metric": "accuracy",
        "difference": difference,
        "low": round(difference - 0.07, 3),
        "high": round(difference + 0.07, 3),
        "p_value": 0.2 if abs(difference) < 0.07 else 0.001,
        "conclusion": "inconclusive"
        if abs(difference) < 0.07
        else ("win" if difference > 0 else "lose"),
        "needs_n": 640 if abs(difference) < 0.07 else None,
    }


def _decisions(home: Home, reports: Sequence[View], count: int, random: Random) -> None:
    """Propose decisions; most are accepted, some with conditions, some turned down."""
    cases = [
        tomllib.loads(text)["facts"]
        for path, text in sorted(resources.rule_texts().items())
        if path.startswith("cases/")
    ]
    earlier = ""
    for number in range(count):
        by = replace(home, actor=Actor(random.choice(PEOPLE)))
        title = " ".join(random.choices(WORDS, k=4)).capitalize()
        facts, choice = random.choice(cases), ""
        if number % 2:
            facts, choice = _measured(reports[number % len(reports)]), "finetune"
        id = _proposed(by, facts, title, earlier if number % 10 == 9 else "")
        if number % 10 < 7 or number % 10 == 9:
            _accepted(by, id, choice, number)
            earlier = id
        elif number % 10 == 8:
            decisions.reject(by, id, because="another task came first")


def _proposed(home: Home, facts: View, title: str, earlier: str) -> str:
    if earlier:
        return str(decisions.supersede(home, earlier, facts)["id"])
    return str(decisions.propose(home, facts, title=title)["id"])


def _accepted(home: Home, id: str, choice: str, number: int) -> None:
    decisions.accept(
        home,
        id,
        choice=choice,
        because="measured, and it keeps to the budget",
        conditions=["The owner reads fifty answers"] if number % 3 == 0 else [],
        review_on="2027-06-01" if number % 2 else "",
    )
    decisions.sign(home, id, role="architect", comment="")


def _measured(report: View) -> View:
    arm = report["arms"]["finetune"]
    score = arm["metrics"]["accuracy"]
    return {
        "task_type": "classification",
        "training_examples": 300,
        "heldout_examples": HELDOUT,
        "finetune_score": {
            **{key: score[key] for key in ("value", "low", "high")},
            "model": "tiny",
            "evidence": {"kind": "run", "reference": arm["run"]},
        },
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(int(argument) for argument in sys.argv[2:]))

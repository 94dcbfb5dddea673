"""A real home: dataset versions, an experiment with two runs, decisions, a model.

The runs' results are put on record as the trainer leaves them, so that no model has
to be trained for a page to be looked at.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tracker import blobs
from tracker import experiments as experiment_records
from tracker import runs as run_records
from tunewise.domain.decision import Actor
from tunewise.web.app import create_app
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.home import Home

HOSTILE = "<script>alert(1)</script>\"' {{ 7*7 }} \u202e"
INES, TOMAS = Actor("Ines Okafor"), Actor("Tomas Lind", "account")


@dataclass(frozen=True)
class Filled:
    home: Home
    experiment: str
    run: str
    failed: str
    decision: str
    proposed: str
    model: str


def write_examples(path: Path, answers: list[str], start: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for i, answer in enumerate(answers):
            messages = [
                {"role": "user", "content": f"message {start + i} about {answer}"},
                {"role": "assistant", "content": answer},
            ]
            record = {"messages": messages, "metadata": {"id": f"t-{start + i}"}}
            file.write(json.dumps(record) + "\n")
    return path


def register(home: Home, folder: Path, n: int) -> str:
    folder.mkdir()
    labels = ["card", "refund", "transfer"]
    files = {
        split: write_examples(
            folder / f"{split}.jsonl",
            [labels[i % 3] for i in range(size)],
            start=1000 * k,
        )
        for k, (split, size) in enumerate(
            {"train": n, "validation": 6, "heldout": 9}.items()
        )
    }
    return datasets.register(
        home, "triage", files, accept_because="made for this test"
    )["dataset"]


def record_experiment(home: Home, dataset: str) -> tuple[str, str, str]:
    at = {"actor": home.actor, "at": home.now()}
    lease = {"owner": "test", "lease_until": "2099-01-01T00:00:00.000+00:00"}
    heldout = datasets.show(home, dataset)["splits"]["heldout"]["digest"]
    score = {"value": 0.82, "low": 0.7, "high": 0.9, "n": 9}
    spec = {
        "task": {"metric": "accuracy", "target_score": 0.8},
        "limits": {"heldout": 0},
        "arms": ["prompt", "finetune"],
        "finetune": {"method": "lora", "rank": 16},
    }
    with home.store(create=True) as store:
        digest = blobs.put_bytes(
            store.blobs,
            b"\n".join(json.dumps({"answer": HOSTILE}).encode() for _ in range(9)),
        )
        experiment_records.create(
            store,
            "e-triage",
            title="Triage " + HOSTILE,
            dataset=dataset,
            body={
                "spec": spec,
                "heldout_digest": heldout,
                "base_model": {"id": "tiny", "digest": "sha256:" + "c" * 64},
            },
            **at,
        )
        experiment_records.start(store, "e-triage", **at)
        for run, arm in (("r-prompt", "prompt"), ("r-tuned", "finetune")):
            run_records.create(
                store,
                run,
                experiment="e-triage",
                arm=arm,
                seed=0,
                body={"dataset": dataset, "finetune": spec["finetune"]},
                **at,
            )
            run_records.claim(store, run, **lease, **at)
        run_records.fail(store, "r-prompt", attempt=1, because="no memory", **at)
        result = {
            "status": "finished",
            "setup": "lora",
            "answers_blob": digest,
            "train": {"examples": 30, "steps": 9},
            "metrics": {"accuracy": 0.82},
        }
        run_records.finish(
            store, "r-tuned", attempt=1, result=result, blobs=[digest], **at
        )
        report = {
            "experiment": "e-triage",
            "title": "Triage " + HOSTILE,
            "dataset": dataset,
            "heldout_digest": heldout,
            "primary_metric": "accuracy",
            "arms": {
                "prompt": {"run": "r-prompt", "status": "failed", "error": "no memory"},
                "finetune": {
                    "run": "r-tuned",
                    "status": "finished",
                    "model": "tiny",
                    "setup": "lora",
                    "setups": [],
                    "metrics": {"accuracy": score},
                    "latency_seconds": {"p50": 0.1, "p95": 0.2},
                    "answers_per_second": 10.0,
                    "prompt_tokens_mean": 20.0,
                    "cost": None,
                    "train": result["train"],
                },
            },
            "diagnostics": {},
            "comparisons": [],
        }
        experiment_records.finish(store, "e-triage", report=report, **at)
    return "e-triage", "r-tuned", "r-prompt"


@pytest.fixture(scope="session")
def filled(tmp_path_factory) -> Filled:
    folder = tmp_path_factory.mktemp("web")
    home = Home(folder / "home", INES)
    register(home, folder / "one", 30)
    dataset = register(home, folder / "two", 33)
    experiment, run, failed = record_experiment(home, dataset)
    measured = {
        "value": 0.82, "low": 0.7, "high": 0.9, "model": "tiny",
        "evidence": {"kind": "run", "reference": run},
    }  # fmt: skip
    facts = {"task_type": "classification", "finetune_score": measured}
    decided = decisions.propose(home, facts, title=HOSTILE, labels=["DEMO"])["id"]
    accepting = Home(home.path, TOMAS)
    accepted = decisions.accept(
        accepting, decided, choice="finetune", because=f"Because {HOSTILE}"
    )
    proposed = decisions.propose(home, {}, title="Nothing known")["id"]
    return Filled(home, experiment, run, failed, decided, proposed, accepted["model"])


@pytest.fixture
def client(filled):
    return create_app(filled.home).test_client()


@pytest.fixture
def empty(tmp_path):
    return create_app(Home(tmp_path / "home", INES)).test_client()

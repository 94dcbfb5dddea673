"""The whole lineage of a tuned model."""

from typing import Any

from .deployments import deployments
from .events import audit
from .experiments import comparison
from .facts import fact


def lineage_view() -> dict[str, Any]:
    return {
        "model": {
            "model": "support-triage@1",
            "option": "finetune",
            "metrics": {
                "macro_f1": {"value": 0.84, "low": 0.79, "high": 0.89, "n": 200}
            },
            "aliases": ["production"],
            "labels": ["DEMO"],
            "at": "2026-11-22T10:01:00+00:00",
        },
        "decision": {
            "id": "support-triage-0001",
            "title": "Route support messages",
            "status": "accepted",
            "choice": "finetune",
            "recommended": "finetune",
            "because": "Fine-tune beats the prompt by 0.26.",
            "accepted_by": "Tomas Lind",
            "accepted_identity": "account",
            "accepted_at": "2026-11-22T10:40:00+00:00",
            "findings": [
                {
                    "criterion": "prompt-misses-target",
                    "option": "finetune",
                    "weight": 3,
                    "veto": False,
                    "facts": {
                        "prompt_score": fact(
                            0.58, "run", "run-0001", low=0.51, high=0.65
                        )
                    },
                    "because": "The prompt's whole interval lies below the target.",
                    "source": "Seed guide, 'Best practices', item 1",
                    "origin": "shipped",
                }
            ],
        },
        "run": {
            "id": "run-0003",
            "experiment": "support-triage-20261122",
            "arm": "finetune",
            "seed": "0",
            "status": "finished",
            "setup": "lora, 3 epochs",
            "git_commit": "",
            "started_at": "2026-11-22T09:20:00+00:00",
        },
        "dataset": {
            "version": "support-triage@3",
            "digest": "sha256:" + "b1" * 32,
            "splits": {"train": {"examples": 800, "digest": "sha256:" + "d0" * 32}},
        },
        "base_model": {
            "id": "smollm2-135m-instruct",
            "digest": "sha256:" + "c4" * 32,
            "licence": "Apache-2.0",
        },
        "alternatives": [
            {
                "arm": "prompt",
                "run": "run-0001",
                "status": "finished",
                "setup": "few-shot",
                "metric": "macro_f1",
                "score": {"value": 0.58, "low": 0.51, "high": 0.65, "n": 200},
                "comparison": comparison("finetune", "prompt", 0.26, "win"),
            },
            {"option": "rag", "score": 0.66, "because": "below the target of 0.80"},
        ],
        "people": [
            {"name": "Ines Okafor", "did": "proposed the decision"},
            {"name": "Tomas Lind", "did": "accepted it", "identity": "account"},
        ],
        "events": audit(),
        "missing": ["licence of the training data"],
        "completeness": 0.94,
        "expected": [expected()],
        "deployments": deployments(),
        "runs_today": True,
        "successor": {"id": "support-triage-0002", "status": "accepted"},
        "in_force": {
            "decision": {
                "id": "support-triage-0003",
                "title": "Route support messages",
                "status": "accepted",
                "choice": "rag",
                "model": "support-triage@3",
            },
            "aliases": [{"alias": "pilot", "model": ""}],
            "deployments": [
                {
                    "outside_name": "triage-llm",
                    "environment": "production",
                    "product": "Help desk",
                    "model": "support-triage@2",
                }
            ],
        },
    }


def expected() -> dict[str, Any]:
    return {
        "group": "data",
        "name": "licence of the training data",
        "why": "It says what may be made of it.",
        "known": False,
    }

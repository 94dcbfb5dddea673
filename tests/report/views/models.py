"""A model version with its parts."""

from typing import Any

from .deployments import deployments
from .experiments import off_task
from .lineages import expected, lineage_view


def drift_check() -> dict[str, Any]:
    return {
        "check": 1,
        "at": "2027-02-01T08:00:00+00:00",
        "by": "Ines Okafor",
        "drifted": True,
        "data": {
            "file": "january.jsonl",
            "examples": 300,
            "answered": 120,
            "unread": [7],
            "dataset": "support-triage@3",
            "reference": 900,
        },
        "findings": [
            {
                "code": "prompt_words",
                "value": 0.71,
                "low": 0.66,
                "high": 0.75,
                "threshold": 0.55,
                "fact": "examples_represent_production",
                "drifted": True,
                "message": "a classifier tells them apart with an AUC of 0.71",
                "p_value": None,
            }
        ],
        "not_looked_at": {"score": "the version was not to answer"},
        "answers": None,
        "decision": "support-triage-0001",
        "before": {"recommended": "finetune", "because": "It won."},
        "after": {"recommended": "prompt", "because": "The examples are others."},
        "changed": True,
        "facts": [
            {
                "fact": "examples_represent_production",
                "because": "prompt_words",
                "before": None,
                "after": {"value": False, "low": None, "high": None},
                "changed": True,
            }
        ],
        "because": [
            {
                "criterion": "examples-not-representative",
                "title": "The examples are not what users ask",
                "option": "finetune",
                "change": "now matches",
                "before": None,
                "after": -2,
            }
        ],
        "criteria": [],
        "texts": "sha256:" + "d7" * 32,
        "texts_removed": "",
    }


def model_view() -> dict[str, Any]:
    return {
        "name": "support-triage",
        "number": 1,
        "option": "finetune",
        "base_model": {
            "id": "smollm2-135m-instruct",
            "digest": "sha256:" + "c4" * 32,
            "licence": "Apache-2.0",
        },
        "primary_metric": "macro_f1",
        "training": {"learning_rate": 0.0002, "epochs": 3},
        "environment": {"python": "3.11.7", "torch": "2.13.0"},
        "run": "run-0003",
        "experiment": "support-triage-20261122",
        "dataset": "support-triage@3",
        "decision": "support-triage-0001",
        "setup": {"method": "lora", "rank": 16, "learning_rate": 0.0002},
        "files": {"adapter_model.safetensors": "sha256:" + "f1" * 32},
        "metrics": {
            "macro_f1": {"value": 0.84, "low": 0.79, "high": 0.89, "n": 200},
            "accuracy": 0.86,
        },
        "off_task": off_task(),
        "at": "2026-11-22T10:01:00+00:00",
        "by": "Ines Okafor",
        "aliases": ["production"],
        "retired": "",
        "labels": ["DEMO"],
        "purpose": "Route support mail",
        "limits": "English only",
        "prompt": {"system": "Answer with one label.", "systems": 1, "shots": 0},
        "retrieval": {"of": "passages", "k": 2, "index": {"method": "bm25"}},
        "deployments": deployments(),
        "alias_history": [
            {
                "alias": "production",
                "before": "",
                "after": "support-triage@1",
                "because": "It passed.",
                "by": "Ines Okafor",
                "identity": "stated",
                "at": "2026-11-22T11:00:00+00:00",
            }
        ],
        "drift_checks": [drift_check()],
        "expected": [expected()],
        "lineage": lineage_view(),
    }

"""A model version with its parts."""

from typing import Any

from .deployments import deployments
from .lineages import expected, lineage_view


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
        "expected": [expected()],
        "lineage": lineage_view(),
    }

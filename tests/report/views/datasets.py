"""A dataset version with findings and a corrected provenance."""

from typing import Any

from .texts import HELDOUT


def dataset_view() -> dict[str, Any]:
    return {
        "dataset": "support-triage@3",
        "digest": "sha256:" + "b1" * 32,
        "splits": {
            "train": {"examples": 800, "digest": "sha256:" + "d0" * 32},
            "validation": {"examples": 100, "digest": "sha256:" + "d1" * 32},
            "heldout": {"examples": 200, "digest": HELDOUT},
        },
        "documents": {"examples": 12, "digest": "sha256:" + "d3" * 32},
        "findings": [
            {
                "code": "near-duplicate",
                "severity": "note",
                "file": "train.jsonl",
                "lines": [4, 81],
                "message": "2 examples differ only in punctuation",
            },
            {
                "code": "label-imbalance",
                "severity": "warn",
                "file": "train.jsonl",
                "lines": list(range(1, 40)),
                "message": "the rarest label has 6 examples",
            },
        ],
        "statistics": {
            "examples": 1100,
            "tokens": {"p50": 41, "p99": 180},
            "labels": ["card", "refund"],
        },
        "provenance": {"owner": "Card <team>", "origin": "", "basis": "contract 7"},
        "provenance_changes": [
            {
                "at": "2026-11-22T08:00:00+00:00",
                "by": "Tomas Lind",
                "because": "the team was split",
                "owner": "Card <team>",
            }
        ],
        "accepted": {"by": "Ines Okafor", "identity": "stated", "because": "known"},
        "accepted_because": "known",
        "same_content": ["cards@1"],
        "at": "2026-11-21T08:00:00+00:00",
        "by": "Ines Okafor",
        "runs": [{"run": "run-0003", "arm": "finetune", "status": "finished"}],
    }

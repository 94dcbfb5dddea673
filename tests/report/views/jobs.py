"""A form of many fields, and an estimate that has ended."""

from typing import Any


def form_view() -> dict[str, Any]:
    kinds = ("line", "text", "code", "number", "choice", "checks", "flag", "file")
    return {
        "title": "New experiment",
        "lead": "Only names and numbers are asked for.",
        "section": "experiments",
        "groups": [
            {
                "title": "All kinds",
                "help": "What they are for.",
                "folded": folded,
                "fields": [
                    {
                        "name": f"{kind}{folded:d}",
                        "label": f"A {kind}",
                        "kind": kind,
                        "help": "What it is for." if folded else "",
                        "required": kind == "line",
                        "options": [["rag", "RAG"], ["prompt", "prompt"]],
                        "value": "rag",
                    }
                    for kind in kinds
                ],
            }
            for folded in (False, True)
        ],
        "buttons": [["estimate", "Estimate it first"], ["run", "Start it"]],
        "upload": True,
        "empty": "No dataset is registered yet.",
        "links": [["/datasets/new", "Upload data"]],
        "by": "Ines Okafor",
    }


def job_row() -> dict[str, Any]:
    return {
        "job": "j-support-desk-abc123",
        "kind": "run",
        "title": "Support desk",
        "status": "running",
        "open": True,
        "experiment": "e-support-desk-abc123",
        "by": "Ines Okafor",
        "at": "2026-11-27T14:00:00.000+00:00",
        "started_at": "2026-11-27T14:00:01.000+00:00",
        "ended_at": "",
        "because": "",
    }


def job_view() -> dict[str, Any]:
    return {
        **job_row(),
        "before": 0,
        "log": [
            {"at": "2026-11-27T14:00:02+00:00", "kind": "step", "text": "Run prompt"},
            {
                "at": "2026-11-27T14:00:03+00:00",
                "kind": "result",
                "text": "macro F1 0.8",
            },
        ],
        "now": {
            "text": "train",
            "done": 3,
            "total": 10,
            "loss": 1.25,
            "remaining_seconds": 70.0,
        },
        "wish": {"by": "Tomas Lind", "because": "too slow"},
        "result": {},
        "spec": 'title = "Support desk"\n',
        "recorded": True,
        "experiment_status": "running",
        "runs": [
            {"run": "r-1", "arm": "prompt", "seed": 0, "status": "running", "error": ""}
        ],
    }

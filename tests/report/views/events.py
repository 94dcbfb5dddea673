"""Entries of the audit log."""

from typing import Any


def audit() -> list[dict[str, Any]]:
    return [
        {
            "seq": 11,
            "at": "2026-11-22T09:40:00+00:00",
            "actor": "Ines Okafor",
            "identity": "stated",
            "action": "decision.proposed",
            "subject": "support-triage-0001",
        },
        {
            "seq": 14,
            "at": "2026-11-22T10:40:00+00:00",
            "actor": "Tomas Lind",
            "identity": "account",
            "action": "decision.accepted",
            "subject": "support-triage-0001",
        },
    ]


def state() -> dict[str, Any]:
    """What held on a date."""
    return {
        "at": "2026-11-22",
        "decisions": [
            {
                "id": "support-triage-0001",
                "title": "Route <b>support</b> messages",
                "status": "accepted",
                "choice": "finetune",
                "decided_at": "2026-01-01",
                "recorded_at": "2026-11-22T10:00:00Z",
                "source": "minutes",
            }
        ],
        "models": [{"model": "triage@1", "aliases": ["production"], "retired": ""}],
        "datasets": [{"dataset": "triage@2", "digest": "sha256:0"}],
        "deployments": [
            {
                "as": "triage-llm",
                "environment": "live",
                "product": "desk",
                "model": "triage@1",
            }
        ],
    }

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

"""Where a model version runs, and ran."""

from typing import Any


def deployments() -> list[dict[str, Any]]:
    ran = {
        "model": "support-triage@1",
        "product": "Help desk",
        "environment": "production",
        "outside_name": "triage-llm",
        "from": "2026-11-22",
        "until": "",
        "runs": True,
        "planned": False,
        "because": "It won the pilot.",
        "by": "Ines Okafor",
        "identity": "account",
        "at": "2026-11-22T11:00:00+00:00",
        "ended_because": "",
    }
    ended = {"until": "2026-11-23", "runs": False, "ended_because": "rolled back"}
    return [ran, {**ran, **ended}]

"""A criterion as its page shows it."""

from typing import Any


def criterion_view() -> dict[str, Any]:
    return {
        "id": "must-cite-sources",
        "title": "Answers must cite their sources",
        "since": "2026-11-22",
        "source": "Seed guide, 'Avoid fine-tuning when', item 3",
        "origin": "shipped",
        "consequences": [
            {
                "option": "rag",
                "weight": 3,
                "veto": False,
                "because": "The passage stands beside the answer.",
            },
            {
                "option": "finetune",
                "weight": 0,
                "veto": True,
                "because": "A tuned model keeps no link to a document.",
            },
        ],
        "cases": ["policy-assistant"],
    }

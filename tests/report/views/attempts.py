"""A decision that is tried with other facts, and what rests on a record."""

from typing import Any

from .decisions import decision_view
from .verdicts import verdict


def attempt_view() -> dict[str, Any]:
    return {
        "decision": decision_view(),
        "fields": [
            {
                "name": "must_cite_sources",
                "question": "Must every answer name its source?",
                "type": "bool",
                "values": [],
                "unit": "",
                "group": "Knowledge",
                "recorded": {"value": False, "evidence": None},
                "matters": True,
            },
            {
                "name": "latency_limit_seconds",
                "question": "How long may an answer take?",
                "type": "number",
                "values": [],
                "unit": "seconds",
                "group": "Operation",
                "recorded": None,
                "matters": False,
            },
        ],
        "changed": ["must_cite_sources"],
        "other_rules": True,
        "ignored": ["an_older_fact"],
        "facts": {"facts": {"must_cite_sources": True}},
        "verdict": {**verdict(), "recommended": "rag"},
        "because": [
            {
                "criterion": "must-cite-sources",
                "title": "Answers must cite",
                "option": "rag",
                "change": "now matches",
                "before": None,
                "after": 3,
            }
        ],
        "errors": {"target_score": "target_score: 9 is above 1"},
    }


def resting_view() -> dict[str, Any]:
    row = {
        "id": "support-triage-0001",
        "title": "Route support messages of the card team to 24 queues",
        "status": "accepted",
        "choice": "finetune",
        "how": ["evidence of prompt_score"],
        "today": "finetune",
        "without": "prompt",
        "alters": True,
        "note": "",
    }
    asked_not = {
        "today": None,
        "without": None,
        "alters": False,
        "note": "none is left",
    }
    return {
        "kind": "base",
        "id": "smollm2-135m-instruct",
        "total": 3,
        "decisions": [row, {**row, **asked_not}],
    }

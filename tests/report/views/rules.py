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


def dictionary_view() -> dict[str, Any]:
    return {
        "facts": [
            {
                "name": "must_cite_sources",
                "group": "Knowledge",
                "question": "Must every answer name its source?",
                "why": "A source can be shown only where one was retrieved.",
                "help": "",
                "who": "legal",
                "type": "bool",
                "values": [],
                "unit": "",
                "low": None,
                "high": None,
                "criteria": [{"id": "must-cite-sources", "title": "Must cite"}],
            },
            {"name": "target_score", "type": "number", "low": 0, "high": 1},
        ],
        "risks": [
            {
                "id": "forgetting",
                "title": "The tuned model forgets",
                "why": "Tuning moves all that the weights know.",
                "options": ["finetune"],
                "usual_control": "Ask before and after.",
                "source": "a paper",
                "origin": "shipped",
            }
        ],
    }


def coverage_view() -> dict[str, Any]:
    row = {"criterion": "must-cite-sources", "cases": ["bank"], "tests": 2}
    return {
        "criteria": 2,
        "criteria_matched": 1,
        "tests": 4,
        "tests_held": 3,
        "tests_failed": 2,
        "cases": 5,
        "missing": [],
        "by_criterion": [
            {**row, "tests_held": 2, "tests_failed": 1},
            {**row, "cases": [], "tests_held": 0, "tests_failed": 0},
        ],
    }

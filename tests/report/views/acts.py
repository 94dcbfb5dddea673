"""A form about a decision, and a step of the intake."""

from typing import Any

from .decisions import decision_view
from .verdicts import verdict


def act_view() -> dict[str, Any]:
    kinds = ("option", "text", "lines", "line", "day", "number", "flag")
    return {
        "decision": {**decision_view(), "status": "proposed"},
        "risk": decision_view()["risks"][1],
        "risks": decision_view()["risks"],
        "condition": {"n": 1, "text": "measure it", "owner": "", "due": ""},
        "act": {"title": "Accept", "what": "It goes on record.", "button": "Accept"},
        "possible": True,
        "fields": [
            {
                "name": kind,
                "label": f"A {kind}",
                "kind": kind,
                "help": "What it is for.",
                "required": kind == "text",
                "hint": "By the fact error_cost: 12" if kind == "line" else "",
            }
            for kind in kinds
        ],
        "seen": "12",
        "by": "Ines Okafor",
        "options": ["prompt", "rag", "finetune", "hybrid", "defer"],
    }


def intake_view() -> dict[str, Any]:
    return {
        "question": {
            "name": "training_examples",
            "question": "How many training examples are there?",
            "why": "Tuning needs them.",
            "help": "Count the lines.",
            "who": "data owner",
            "type": "integer",
            "values": [],
            "unit": "examples",
            "low": 0,
            "high": None,
            "turns": "It may turn the verdict: 200 → finetune.",
            "criteria": [{"id": "enough-examples", "title": "Enough examples"}],
        },
        "answered": [
            {
                "name": "task_type",
                "question": "What kind of task is it?",
                "unit": "",
                "answer": "classification",
            }
        ],
        "skipped": [
            {"name": "latency_sensitive", "question": "Is it urgent?", "unit": ""}
        ],
        "asked": 2,
        "most": 8,
        "verdict": verdict(),
        "facts": {"task_type": "classification"},
        "sheet": {},
        "errors": {"": "two answers contradict each other"},
    }

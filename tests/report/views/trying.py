"""Facts of a decision as somebody tries them."""

from typing import Any

from .verdicts import verdict


def tried_view() -> dict[str, Any]:
    field = {
        "name": "must_cite_sources",
        "question": "Must answers cite their sources?",
        "type": "bool",
        "values": [],
        "unit": "",
        "recorded": "yes",
        "fact": {
            "value": True,
            "evidence": {"kind": "person", "reference": "Ines Okafor"},
        },
        "tried": "no",
        "changed": True,
    }
    number = {"name": "training_examples", "type": "integer", "unit": "examples"}
    return {
        "decision": "support-triage-0001",
        "title": "Support triage",
        "status": "accepted",
        "choice": "rag",
        "fields": [field, {**field, **number, "tried": "many"}],
        "changed": [field],
        "recorded": verdict(),
        "verdict": verdict(),
        "turned": True,
        "other_rules": True,
        "criteria": [
            {
                "criterion": "must-cite-sources",
                "title": "Answers must cite their sources",
                "change": "no longer matches",
                "option": "finetune",
                "before": "veto",
                "after": None,
            }
        ],
        "because": ["must-cite-sources"],
        "flips": [
            {
                "change": {"must_cite_sources": False},
                "answers": {"must_cite_sources": "no"},
                "recommended": "finetune",
            }
        ],
        "errors": {"training_examples": "'many' is no number"},
        "ignored": ["old_fact"],
        "seen": "12",
        "every": False,
    }

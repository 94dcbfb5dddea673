"""A decision with everything, one as bare as it can be, and a row of a list."""

from typing import Any

from .datasets import dataset_view
from .events import audit
from .experiments import experiment_view
from .facts import fact
from .lineages import lineage_view
from .texts import RULE_SET
from .verdicts import verdict


def decision_view() -> dict[str, Any]:
    return {
        "id": "support-triage-0001",
        "status": "accepted",
        "title": "Route support messages of the card team to 24 queues",
        "facts": {
            "task_type": fact("classification", "person", "Ines Okafor"),
            "knowledge_changes": fact("rarely", "document", "runbook.md"),
            "must_cite_sources": fact(False, "person", "Tomas Lind"),
            "training_examples": fact(800, "run", "support-triage@3"),
            "target_score": fact(0.8, "person", "Tomas Lind"),
            "prompt_score": fact(
                0.58,
                "run",
                "run-0001",
                low=0.51,
                high=0.65,
                model="smollm2-135m-instruct",
                on="2026-11-22",
            ),
            "requests_per_month": fact(None, "assumed", "", low=20000, high=60000),
            "data_quality": fact("good", "assumed", ""),
        },
        "fact_definitions": {
            "task_type": {"question": "What kind of task is it?", "group": "Task"},
            "knowledge_changes": {
                "question": "How often does the knowledge change?",
                "group": "Knowledge",
            },
            "must_cite_sources": {
                "question": "Must every answer name its source?",
                "group": "Knowledge",
            },
            "training_examples": {
                "question": "How many training examples are there?",
                "unit": "examples",
                "group": "Data",
            },
            "data_quality": {"question": "How good are they?", "group": "Data"},
            "target_score": {"question": "Which score is enough?", "group": "Quality"},
            "prompt_score": {
                "question": "What does a good prompt reach?",
                "group": "Quality",
            },
            "requests_per_month": {
                "question": "How many requests come in a month?",
                "unit": "requests a month",
                "group": "Operation",
            },
            "latency_limit_seconds": {
                "question": "How long may an answer take?",
                "group": "Operation",
            },
        },
        "verdict": verdict(),
        "choice": "finetune",
        "justification": "",
        "conditions": [
            {
                "n": 1,
                "text": "Repeat the drift check every month",
                "owner": "Lena Roth",
                "due": "2027-01-31",
                "closed": None,
            },
            {
                "n": 2,
                "text": "Legal has read the data sheet",
                "owner": "",
                "due": "",
                "closed": {
                    "evidence": "document:opinion.pdf",
                    "because": "They agree.",
                    "by": "Mara Venn",
                    "identity": "stated",
                    "at": "2026-11-23T09:00:00+00:00",
                    "digest": "sha256:" + "d4" * 32,
                },
            },
        ],
        "description": {
            "owner": "Tomas Lind",
            "purpose": "Route messages of the card team; <no> answers to customers",
            "cost_of_error": "12 for each wrong answer",
            "informed": ["Legal", "Mara Venn"],
        },
        "description_from": {"cost_of_error": "fact error_cost"},
        "described": [
            {
                "seq": 9,
                "at": "2026-11-22T10:30:00+00:00",
                "by": "Tomas Lind",
                "identity": "stated",
                "fields": {"owner": "Tomas Lind", "informed": ["Legal", "Mara Venn"]},
            }
        ],
        "risks": [
            {
                "id": "safety-erosion",
                "title": "Tuning wears away what the base model refuses",
                "why": "Even harmless examples weaken it.",
                "arms": ["finetune", "hybrid"],
                "source": "Qi et al. 2023",
                "usual_control": "Ask before and after.",
                "origin": "shipped",
                "waits_for": [],
                "control": "Forty questions that must be refused",
                "owner": "Otto Falk",
                "state": "controlled",
                "recorded": {
                    "by": "Otto Falk",
                    "identity": "stated",
                    "at": "2026-11-22T10:40:00+00:00",
                },
            },
            {
                "id": "vendor-ends-the-model",
                "title": "The vendor ends the model",
                "why": "A hosted model is shut down on its vendor's date.",
                "arms": ["prompt", "rag", "finetune", "hybrid"],
                "source": "notices of 2026",
                "usual_control": "Keep the held-out examples ready.",
                "origin": "shipped",
                "waits_for": ["on_prem_required"],
                "control": None,
                "owner": None,
                "state": "open",
            },
        ],
        "signatures": [
            {
                "by": {"name": "Mara Venn", "identity": "stated"},
                "role": "risk owner",
                "at": "2026-11-22T11:00:00+00:00",
                "comment": "Agreed for the card team only.",
                "dissent": False,
                "seen": "sha256:" + "5e" * 32,
                "earlier_state": True,
                "since": ["condition-closed"],
            },
            {
                "by": "Otto Falk",
                "identity": "stated",
                "role": "security",
                "at": "2026-11-22T12:00:00+00:00",
                "comment": "No red team has looked at it.",
                "dissent": True,
                "seen": "sha256:" + "5f" * 32,
                "earlier_state": False,
                "since": [],
            },
        ],
        "state_digest": "sha256:" + "5f" * 32,
        "evidence": ["run-0001", "run-0003"],
        "evidence_links": [
            {
                "kind": "run",
                "reference": "run-0001",
                "facts": ["prompt_score"],
                "found": "recorded here",
                "digest": "",
            },
            {
                "kind": "document",
                "reference": "volume.xlsx",
                "facts": ["requests_per_month"],
                "found": "kept here",
                "digest": "sha256:" + "d5" * 32,
            },
            {
                "kind": "document",
                "reference": "https://wiki.example/handbook",
                "facts": ["knowledge_changes"],
                "found": "not checked",
                "digest": "",
            },
        ],
        "claims": [
            {
                "fact": "rag_score",
                "evidence": "run:run-0002",
                "said": "0.91",
                "recorded": "macro_f1 0.71 of the arm rag",
                "standing": "contradicted",
            },
        ],
        "accepted_because": "Scored again by hand",
        "equivalence_margin": {
            "value": 0.02,
            "stated": False,
            "experiment": "support-triage-20261122",
        },
        "runs_on_heldout_total": 10000,
        "runs_on_heldout_cited": 1,
        "experiments_on_heldout": ["support-triage-20261121", "support-triage-0002"],
        "runs_on_heldout": [
            {
                "run": "run-0000",
                "experiment": "support-triage-20261121",
                "arm": "finetune",
                "seed": 0,
                "status": "failed",
                "metric": "macro_f1",
                "score": None,
                "at": "2026-11-21T09:00:00+00:00",
                "cited": False,
                "same_examples": False,
                "error": "no memory left",
            },
            {
                "run": "run-0003",
                "experiment": "support-triage-20261122",
                "arm": "finetune",
                "seed": 0,
                "status": "finished",
                "metric": "macro_f1",
                "score": 0.84,
                "at": "2026-11-22T09:00:00+00:00",
                "cited": True,
                "same_examples": True,
                "error": "",
            },
        ],
        "changes": [
            {
                "what": "target",
                "name": "target_score",
                "before": 0.9,
                "after": 0.8,
                "by": "Ines Okafor",
                "identity": "account",
                "at": "2026-11-22T09:30:00+00:00",
                "draft": "support-triage-0000",
                "measured": False,
            },
            {
                "what": "fact",
                "name": "finetune_score",
                "before": None,
                "after": 0.84,
                "by": "Ines Okafor",
                "identity": "account",
                "at": "2026-11-22T09:30:00+00:00",
                "draft": "support-triage-0000",
                "measured": True,
            },
        ],
        "target_set_after_score": True,
        "margin_set_after_score": False,
        "to_be_superseded_by": "support-triage-0002",
        "retrospective": {
            "decided_at": "2026-11-20",
            "recorded_at": "2026-11-22T09:40:00+00:00",
            "source": "minutes of the board",
            "source_digest": "",
        },
        "experiments": ["support-triage-20261122"],
        "model": "support-triage@1",
        "supersedes": "",
        "superseded_by": "",
        "review_on": "2027-05-22",
        "promised": [
            figure("score", "macro_f1", 0.84, 0.79, 0.89),
            figure("cost", "EUR a month", None, 120.0, 480.0),
            figure("volume", "requests a day", None, None, None),
        ],
        "reviews": [
            {
                "at": "2027-05-22T09:00:00+00:00",
                "by": "Lena Roth",
                "identity": "stated",
                "because": "Half a year of logs",
                "review_on": "2027-11-22",
                "figures": [
                    {
                        **figure("score", "macro_f1", 0.84, 0.79, 0.89),
                        "realised": 0.71,
                        "standing": "worse",
                    }
                ],
            }
        ],
        "by": {"name": "Ines Okafor", "identity": "stated"},
        "at": "2026-11-22T09:40:00+00:00",
        "accepted_by": {"name": "Tomas Lind", "identity": "account"},
        "accepted_at": "2026-11-22T10:40:00+00:00",
        "rule_set": RULE_SET,
        "prices": "sha256:" + "9c" * 32,
        "engine": "durable-rules 2.0.28",
        "audit_head": "sha256:" + "e5" * 32,
        "experiment_views": [experiment_view()],
        "lineage": lineage_view(),
        "labels": ["DEMO"],
        "dataset_view": dataset_view(),
        "strength": "measured here",
        "criteria": {
            "prompt-misses-target": {
                "title": "A good prompt misses the target",
                "when": "prompt_score is below target_score",
                "since": "2026-11-22",
                "source": "Seed guide",
                "origin": "shipped",
            }
        },
        "base_models": [
            {
                "id": "smollm2-135m-instruct",
                "title": "SmolLM2 135M Instruct",
                "licence": "Apache-2.0",
                "hosted": False,
                "end_of_life": "2028-01-31",
                "as_of": "2026-11-23",
                "source": "Model card",
            }
        ],
        "asked_again": {
            "on": "2027-05-01",
            "rule_set": "sha256:" + "aa" * 32,
            "recommended": "rag",
            "because": [
                {
                    "criterion": "must-cite-sources",
                    "change": "new",
                    "option": "rag",
                    "title": "Answers must cite their sources",
                }
            ],
            "error": None,
        },
        "notes": [],
        "audit": audit(),
    }


def figure(
    what: str, unit: str, promised: float | None, low: float | None, high: float | None
) -> dict[str, Any]:
    return {
        "what": what,
        "unit": unit,
        "promised": promised,
        "low": low,
        "high": high,
        "rests_on": "finetune_score (run:run-0003)",
        "realised": None,
        "standing": "",
    }


def proposed_view() -> dict[str, Any]:
    """A decision as bare as it can be: DESIGN's keys, nothing known."""
    return {
        "id": "hr-0001",
        "status": "proposed",
        "title": "Answer questions about the HR handbook",
        "facts": {},
        "verdict": {"recommended": "defer", "lead": "open", "next_question": None},
        "choice": None,
        "by": "Ines Okafor",
        "at": "2026-11-22T09:40:00+00:00",
    }


def decision_row() -> dict[str, Any]:
    return {
        "id": "support-triage-0001",
        "status": "accepted",
        "title": "Route support messages",
        "recommended": "finetune",
        "choice": "finetune",
        "by": {"name": "Ines Okafor", "identity": "stated"},
        "at": "2026-11-22T09:40:00+00:00",
        "model": "support-triage@1",
        "review_on": "2027-05-22",
        "to_be_superseded_by": "support-triage-0002",
        "decided_at": "2026-11-20",
        "source": "minutes of the board",
        "labels": ["DEMO"],
        "score": {"value": 0.84, "low": 0.79, "high": 0.89, "n": 200},
    }

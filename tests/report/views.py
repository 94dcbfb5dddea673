"""Views as the workflow returns them, by hand: one decision with four arms.

The figures are invented for these tests; their shapes are those of DESIGN section 5.
"""

from typing import Any

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`"
    "</script><!-- [x](javascript:alert(3)) {{ 7*7 }} \u202e*right to left* ## "
)
LONG = HOSTILE + "W" * 10_000

RULE_SET = "sha256:" + "3f" * 32
HELDOUT = "sha256:" + "a7" * 32


def arm(value: float, low: float, high: float, **more: Any) -> dict[str, Any]:
    return {
        "run": more.pop("run", "run-0001"),
        "status": "finished",
        "model": "smollm2-135m-instruct",
        "setup": {"shots": 4},
        "setups": [{"setup": "zero-shot", "macro_f1": 0.41}],
        "metrics": {
            "macro_f1": {"value": value, "low": low, "high": high, "n": 200},
            "accuracy": {"value": value + 0.02, "low": low, "high": high, "n": 200},
        },
        "latency_seconds": {"p50": 0.41, "p95": 0.88},
        "answers_per_second": 11.2,
        "prompt_tokens_mean": 312.4,
        "answer_tokens_mean": 6.1,
        "cost": {
            "value": 0.21,
            "low": 0.18,
            "high": 0.3,
            "currency": "EUR",
            "per": "1000 requests",
        },
        **more,
    }


def comparison(a: str, b: str, difference: float, conclusion: str) -> dict[str, Any]:
    return {
        "a": a,
        "b": b,
        "metric": "macro_f1",
        "difference": difference,
        "low": difference - 0.06,
        "high": difference + 0.06,
        "p_value": 0.0004 if conclusion in ("win", "lose") else 0.31,
        "conclusion": conclusion,
        "needs_n": 640 if conclusion == "inconclusive" else None,
    }


def experiment_view() -> dict[str, Any]:
    train = {
        "examples": 800,
        "steps": 300,
        "seconds": 642.5,
        "tokens": 412_000,
        "peak_memory_bytes": 3_400_000_000,
    }
    return {
        "experiment": "support-triage-20261122",
        "title": "Support triage, four arms",
        "status": "finished",
        "dataset": "support-triage@3",
        "heldout_digest": HELDOUT,
        "primary_metric": "macro_f1",
        "arms": {
            "prompt": arm(0.58, 0.51, 0.65, run="run-0001"),
            "rag": arm(0.66, 0.59, 0.73, run="run-0002", setup={"k": 2, "shots": 2}),
            "finetune": arm(
                0.84,
                0.79,
                0.89,
                run="run-0003",
                setup={"method": "lora", "rank": 16, "epochs": 3},
                prompt_tokens_mean=48.0,
                train=train,
                model_version="support-triage@1",
            ),
            "hybrid": arm(
                0.85, 0.8, 0.9, run="run-0004", setup={"k": 2, "rank": 16}, train=train
            ),
        },
        "diagnostics": {
            "majority": arm(0.07, 0.05, 0.09, run="", setup=""),
            "nearest_example": arm(0.71, 0.64, 0.77, run="", setup=""),
        },
        "comparisons": [
            comparison("finetune", "prompt", 0.26, "win"),
            comparison("prompt", "rag", -0.08, "lose"),
            comparison("finetune", "rag", 0.18, "win"),
            comparison("finetune", "hybrid", -0.01, "inconclusive"),
        ],
        "decision": "support-triage-0001",
        "at": "2026-11-22T09:12:00+00:00",
        "by": "Ines Okafor",
    }


def lineage_view() -> dict[str, Any]:
    return {
        "model": {
            "model": "support-triage@1",
            "option": "finetune",
            "metrics": {
                "macro_f1": {"value": 0.84, "low": 0.79, "high": 0.89, "n": 200}
            },
            "aliases": ["production"],
            "labels": ["DEMO"],
            "at": "2026-11-22T10:01:00+00:00",
        },
        "decision": {
            "id": "support-triage-0001",
            "title": "Route support messages",
            "status": "accepted",
            "choice": "finetune",
            "recommended": "finetune",
            "because": "Fine-tune beats the prompt by 0.26.",
            "accepted_by": "Tomas Lind",
            "accepted_identity": "account",
            "accepted_at": "2026-11-22T10:40:00+00:00",
            "findings": [
                {
                    "criterion": "prompt-misses-target",
                    "option": "finetune",
                    "weight": 3,
                    "veto": False,
                    "facts": {
                        "prompt_score": fact(
                            0.58, "run", "run-0001", low=0.51, high=0.65
                        )
                    },
                    "because": "The prompt's whole interval lies below the target.",
                    "source": "Seed guide, 'Best practices', item 1",
                    "origin": "shipped",
                }
            ],
        },
        "run": {
            "id": "run-0003",
            "experiment": "support-triage-20261122",
            "arm": "finetune",
            "seed": "0",
            "status": "finished",
            "setup": "lora, 3 epochs",
            "git_commit": "",
            "started_at": "2026-11-22T09:20:00+00:00",
        },
        "dataset": {
            "version": "support-triage@3",
            "digest": "sha256:" + "b1" * 32,
            "splits": {"train": {"examples": 800, "digest": "sha256:" + "d0" * 32}},
        },
        "base_model": {
            "id": "smollm2-135m-instruct",
            "digest": "sha256:" + "c4" * 32,
            "licence": "Apache-2.0",
        },
        "alternatives": [
            {
                "arm": "prompt",
                "run": "run-0001",
                "status": "finished",
                "setup": "few-shot",
                "metric": "macro_f1",
                "score": {"value": 0.58, "low": 0.51, "high": 0.65, "n": 200},
                "comparison": comparison("finetune", "prompt", 0.26, "win"),
            },
            {"option": "rag", "score": 0.66, "because": "below the target of 0.80"},
        ],
        "people": [
            {"name": "Ines Okafor", "did": "proposed the decision"},
            {"name": "Tomas Lind", "did": "accepted it", "identity": "account"},
        ],
        "events": audit(),
        "missing": ["licence of the training data"],
        "completeness": 0.94,
        "expected": [expected()],
        "deployments": deployments(),
        "runs_today": True,
        "successor": {"id": "support-triage-0002", "status": "accepted"},
    }


def expected() -> dict[str, Any]:
    return {
        "group": "data",
        "name": "licence of the training data",
        "why": "It says what may be made of it.",
        "known": False,
    }


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


def dataset_view() -> dict[str, Any]:
    return {
        "dataset": "support-triage@3",
        "digest": "sha256:" + "b1" * 32,
        "splits": {
            "train": {"examples": 800, "digest": "sha256:" + "d0" * 32},
            "validation": {"examples": 100, "digest": "sha256:" + "d1" * 32},
            "heldout": {"examples": 200, "digest": HELDOUT},
        },
        "documents": {"examples": 12, "digest": "sha256:" + "d3" * 32},
        "findings": [
            {
                "code": "near-duplicate",
                "severity": "note",
                "file": "train.jsonl",
                "lines": [4, 81],
                "message": "2 examples differ only in punctuation",
            },
            {
                "code": "label-imbalance",
                "severity": "warn",
                "file": "train.jsonl",
                "lines": list(range(1, 40)),
                "message": "the rarest label has 6 examples",
            },
        ],
        "statistics": {
            "examples": 1100,
            "tokens": {"p50": 41, "p99": 180},
            "labels": ["card", "refund"],
        },
        "provenance": {"owner": "Card <team>", "origin": "", "basis": "contract 7"},
        "provenance_changes": [
            {
                "at": "2026-11-22T08:00:00+00:00",
                "by": "Tomas Lind",
                "because": "the team was split",
                "owner": "Card <team>",
            }
        ],
        "accepted": {"by": "Ines Okafor", "identity": "stated", "because": "known"},
        "accepted_because": "known",
        "same_content": ["cards@1"],
        "at": "2026-11-21T08:00:00+00:00",
        "by": "Ines Okafor",
        "runs": [{"run": "run-0003", "arm": "finetune", "status": "finished"}],
    }


def fact(value: object, kind: str, reference: str, **more: Any) -> dict[str, Any]:
    return {"value": value, "evidence": {"kind": kind, "reference": reference}, **more}


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
        "verdict": {
            "recommended": "finetune",
            "because": "Fine-tune is the cheapest option whose lower bound "
            "(macro F1 0.79) comes near the target of 0.80, and it beats the prompt "
            "by 0.26.",
            "basis": "measured",
            "runner_up": "hybrid",
            "margin": 0.1951,
            "lead": "clear",
            "ruled_out": {"rag": ["closed-labels-need-no-passages"]},
            "totals": {"prompt": 1, "rag": -2, "finetune": 6, "hybrid": 2},
            "findings": [
                {
                    "criterion": "closed-labels-and-enough-examples",
                    "option": "finetune",
                    "weight": 3,
                    "veto": False,
                    "facts": ["task_type", "training_examples"],
                    "because": "A closed set of labels with hundreds of examples is "
                    "where tuning a small model pays.",
                    "source": "Seed guide, 'When to consider fine-tuning', item 4",
                    "origin": "shipped",
                },
                {
                    "criterion": "prompt-misses-target",
                    "option": "finetune",
                    "weight": 3,
                    "veto": False,
                    "facts": ["prompt_score", "target_score"],
                    "because": "The prompt's whole interval lies below the target.",
                    "source": "Seed guide, 'Best practices', item 1",
                    "origin": "shipped",
                },
                {
                    "criterion": "start-with-prompting",
                    "option": "prompt",
                    "weight": 1,
                    "veto": False,
                    "facts": ["data_quality"],
                    "because": "A prompt is the cheapest thing that can be changed.",
                    "source": "Seed guide, 'Best practices', item 1",
                    "origin": "shipped",
                },
                {
                    "criterion": "closed-labels-need-no-passages",
                    "option": "rag",
                    "weight": 0,
                    "veto": True,
                    "facts": ["knowledge_changes"],
                    "because": "House rule: the queue list is in no document.",
                    "source": "House rules, 2026",
                    "origin": "house",
                },
                {
                    "criterion": "two-parts-to-run",
                    "option": "hybrid",
                    "weight": -1,
                    "veto": False,
                    "facts": [{"name": "requests_per_month", "value": None}],
                    "because": "An index and an adapter both have to be kept current.",
                    "source": "Seed guide, 'Cost considerations'",
                    "origin": "shipped",
                },
            ],
            "not_matched": [
                {
                    "criterion": "must-cite-sources",
                    "failed": ["must_cite_sources is no, not yes"],
                },
                {
                    "criterion": "latency-rules-out-retrieval",
                    "failed": [],
                    "waiting_for": ["latency_limit_seconds"],
                },
            ],
            "unknown": ["latency_limit_seconds"],
            "assumed": ["data_quality", "requests_per_month"],
            "next_question": {
                "fact": "latency_limit_seconds",
                "why": "Below 0.5 s the hybrid is out.",
            },
            "next_steps": [
                {
                    "action": "tunewise drift check support-triage@1 december.jsonl",
                    "who": "data owner",
                    "why": "New products arrive in December.",
                }
            ],
            "flips": [
                {"change": {"must_cite_sources": True}, "recommended": "rag"},
                {"change": {"training_examples": 60}, "recommended": "prompt"},
            ],
            "base_models": [
                {
                    "id": "smollm2-135m-instruct",
                    "because": "serves classification in 1 GB of memory",
                    "ruled_out_by": [],
                },
                {
                    "id": "hosted-large",
                    "because": "strong, but hosted",
                    "ruled_out_by": ["on_prem_required"],
                },
            ],
            "training": {
                "learning_rate": {
                    "value": 0.0002,
                    "because": "LoRA needs about ten times that of full tuning.",
                },
                "epochs": {"value": 3, "because": "800 examples."},
            },
            "warnings": ["Two facts that mattered are only assumed."],
            "rule_set": RULE_SET,
            "engine": "durable-rules 2.0.28",
        },
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
        "notes": [],
        "audit": audit(),
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


def model_view() -> dict[str, Any]:
    return {
        "name": "support-triage",
        "number": 1,
        "option": "finetune",
        "base_model": {
            "id": "smollm2-135m-instruct",
            "digest": "sha256:" + "c4" * 32,
            "licence": "Apache-2.0",
        },
        "primary_metric": "macro_f1",
        "training": {"learning_rate": 0.0002, "epochs": 3},
        "environment": {"python": "3.11.7", "torch": "2.13.0"},
        "run": "run-0003",
        "experiment": "support-triage-20261122",
        "dataset": "support-triage@3",
        "decision": "support-triage-0001",
        "setup": {"method": "lora", "rank": 16, "learning_rate": 0.0002},
        "files": {"adapter_model.safetensors": "sha256:" + "f1" * 32},
        "metrics": {
            "macro_f1": {"value": 0.84, "low": 0.79, "high": 0.89, "n": 200},
            "accuracy": 0.86,
        },
        "at": "2026-11-22T10:01:00+00:00",
        "by": "Ines Okafor",
        "aliases": ["production"],
        "retired": "",
        "labels": ["DEMO"],
        "purpose": "Route support mail",
        "limits": "English only",
        "prompt": {"system": "Answer with one label.", "systems": 1, "shots": 0},
        "retrieval": {"of": "passages", "k": 2, "index": {"method": "bm25"}},
        "deployments": deployments(),
        "alias_history": [
            {
                "alias": "production",
                "before": "",
                "after": "support-triage@1",
                "because": "It passed.",
                "by": "Ines Okafor",
                "identity": "stated",
                "at": "2026-11-22T11:00:00+00:00",
            }
        ],
        "expected": [expected()],
        "lineage": lineage_view(),
    }


def run_view() -> dict[str, Any]:
    return {
        "run": "run-0003",
        "experiment": "support-triage-20261122",
        "arm": "finetune",
        "status": "finished",
        "seed": 0,
        "progress": [{"step": s, "loss": 2.4 / (1 + s / 40)} for s in range(0, 300, 5)],
        "config": {"finetune": {"rank": 16, "alpha": 32}, "seed": 0},
        "result": {"status": "finished", "metrics": {"macro_f1": 0.84}},
        "error": "",
    }


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


def experiment_row() -> dict[str, Any]:
    return {
        "experiment": "support-triage-20261122",
        "title": "Support triage, four arms",
        "status": "finished",
        "dataset": "support-triage@3",
        "at": "2026-11-22T09:12:00+00:00",
        "by": "Ines Okafor",
    }


PAGES: dict[str, tuple[Any, dict[str, Any]]] = {
    "home": (
        {
            "empty": False,
            "decisions": [decision_row()],
            "experiments": [experiment_row()],
            "models": [model_view()],
            "finished_report": "support-triage-0001",
        },
        {},
    ),
    "decisions": ([decision_row(), {**decision_row(), "choice": None}], {}),
    "decision": (decision_view(), {"twin": "/decisions/support-triage-0001.json"}),
    "decision_new": (
        [
            {
                "name": "task_type",
                "question": "What kind of task is it?",
                "why": "Options differ by task.",
                "help": "",
                "who": "product owner",
                "group": "Task",
                "type": "enum",
                "values": ["classification", "extraction"],
                "unit": "",
            },
            {
                "name": "training_examples",
                "question": "How many training examples are there?",
                "why": "Tuning needs them.",
                "help": "Count the lines.",
                "who": "data owner",
                "group": "Data",
                "type": "integer",
                "values": [],
                "unit": "examples",
            },
        ],
        {},
    ),
    "portfolio": ([decision_row()], {}),
    "datasets": (
        [
            {
                "name": "support-triage",
                "versions": 3,
                "deleted": 1,
                "latest": 3,
                "examples": 1100,
                "at": "2026-11-21T08:00:00+00:00",
            }
        ],
        {},
    ),
    "dataset": (
        [
            {"number": 2, "digest": "sha256:" + "b0" * 32, "examples": 900},
            {"dataset": "support-triage@3", "digest": "sha256:" + "b1" * 32},
        ],
        {"name": "support-triage"},
    ),
    "dataset_version": (dataset_view(), {}),
    "diff": (
        {
            "added": [{"id": "t-9", "after": "My card is lost"}],
            "removed": [{"key": "t-1", "before": "Hello"}],
            "changed": [{"id": "t-2", "before": "a", "after": "b"}],
            "moved": [{"id": "t-3", "before": "train", "after": "heldout"}],
            "unchanged": 1090,
        },
        {"a": "support-triage@2", "b": "support-triage@3"},
    ),
    "models": ([model_view()], {}),
    "model": ([model_view()], {"name": "support-triage"}),
    "model_version": (model_view(), {}),
    "experiments": ([experiment_row()], {}),
    "experiment": (experiment_view(), {}),
    "answers": (
        [
            {
                "id": "t-17",
                "question": "My card was swallowed by a machine",
                "reference": "card_swallowed",
                "arms": {
                    "prompt": {"answer": "card_lost", "correct": False},
                    "finetune": {"answer": "card_swallowed", "correct": True},
                },
            }
        ],
        {"experiment": "support-triage-20261122", "limit": 1, "offset": 1},
    ),
    "run": (run_view(), {}),
    "lineage": (lineage_view(), {}),
    "history": (
        {
            "events": [{**e, "summary": "Fine-tune accepted"} for e in audit()],
            "total": 120,
            "offset": 0,
            "state": state(),
            "on_record": state(),
        },
        {"at": "2026-11-22"},
    ),
    "rules": ([criterion_view()], {}),
    "rule": (criterion_view(), {}),
    "search": (
        [
            {
                "kind": "decision",
                "id": "support-triage-0001",
                "title": "Route support messages",
                "snippet": "… 24 queues …",
            }
        ],
        {"query": "queues"},
    ),
    "error": (
        {"code": 404, "heading": "Not here", "message": "no decision 'x'"},
        {},
    ),
}

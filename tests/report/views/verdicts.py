"""What the rules recommend to the decision of these views."""

from typing import Any

from .texts import RULE_SET


def verdict() -> dict[str, Any]:
    return {
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
    }

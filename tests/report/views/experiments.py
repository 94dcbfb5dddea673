"""An experiment with four arms, its row in a list, and one of its runs."""

from typing import Any

from .costs import costs_view
from .texts import HELDOUT


def off_task() -> dict[str, Any]:
    """What tuned weights lost elsewhere."""
    return {
        "not_checked": "",
        "examples": "shipped",
        "left_out": 0,
        "loss": {
            "before": 2.31,
            "after": 2.9,
            "difference": 0.59,
            "low": 0.41,
            "high": 0.78,
            "n": 48,
        },
        "token_f1": {
            "before": 0.41,
            "after": 0.36,
            "difference": -0.05,
            "low": -0.12,
            "high": 0.02,
            "n": 48,
        },
        "worse": True,
    }


def arm(value: float, low: float, high: float, **more: Any) -> dict[str, Any]:
    return {
        "run": more.pop("run", "run-0001"),
        "status": "finished",
        "model": "smollm2-135m-instruct",
        "setup": {"shots": 4},
        "setups": [{"setup": "zero-shot", "macro_f1": 0.41}],
        "prompt": [
            {"role": "system", "content": "Name the queue."},
            {"role": "user", "content": "‹question›"},
        ],
        "metrics": {
            "macro_f1": {"value": value, "low": low, "high": high, "n": 200},
            "accuracy": {"value": value + 0.02, "low": low, "high": high, "n": 200},
        },
        "latency_seconds": {
            "p50": 0.41,
            "p95": 0.88,
            "first_token": {"p50": 0.12, "p95": 0.2},
            "build": {"p50": 0.003, "p95": 0.004},
            "n": 20,
        },
        "answers_per_second": 11.2,
        "prompt_tokens_mean": 312.4,
        "answer_tokens_mean": 6.1,
        "answering_memory_bytes": 1_300_000_000,
        "cost": {
            "value": 0.21,
            "low": 0.18,
            "high": 0.3,
            "currency": "EUR",
            "per": "1000 requests",
        },
        **more,
    }


def slices(short: float, long: float) -> list[dict[str, Any]]:
    return [
        {
            "kind": "length",
            "name": name,
            "metric": "accuracy",
            "value": value,
            "low": value - 0.1,
            "high": value + 0.1,
            "n": 67,
        }
        for name, value in (
            ("short, up to 80 characters", short),
            ("long, more than 80 characters", long),
        )
    ]


def score(value: float, n: int = 200) -> dict[str, Any]:
    return {"value": value, "low": value - 0.05, "high": value + 0.05, "n": n}


LABELS = {
    "scores": [
        {
            "label": "refund <late>",
            "support": 120,
            "precision": score(0.8),
            "recall": score(0.7),
            "f1": score(0.75),
        },
        {
            "label": "other",
            "support": 80,
            "precision": None,
            "recall": score(0.05),
            "f1": score(0.05),
        },
    ],
    "wrong": 112.0,
    "confusions": [
        {"expected": "other", "answered": "refund <late>", "count": 70.0},
        {"expected": "other", "answered": None, "count": 6.0},
    ],
    "invented": score(0.06),
}
RESTED_ON = {
    "retrieval": {
        "shown": 2,
        "recall": [{"k": k, **score(0.5 + k / 50)} for k in (1, 2, 5, 10)],
        "mrr": score(0.61),
        "depth": 10,
        "answer_shown": score(0.58),
    },
    "grounding": {
        "citing": score(0.9),
        "cited_shown": score(0.95),
        "cited_gold": None,
        "faithfulness": score(0.83),
    },
    "abstention": {"unanswerable": score(0.7, 20), "answerable": score(0.06, 180)},
    "described": {
        "length_ratio": {"p10": 0.8, "p50": 1.1, "p90": 2.4},
        "repetition": score(0.06),
        "refusal": score(0.06),
    },
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


def sent_to(**more: Any) -> dict[str, Any]:
    return {
        "base_url": "https://llm.example/v1",
        "model": "large-model",
        "data_up_to": "internal",
        "classification": "not classified, so it counts as internal",
        "requests": 220,
        "from_cache": 40,
        "without_text": 0,
        "cost": 0.0132,
        "currency": "USD",
        "warnings": [],
        **more,
    }


def judge_view(**more: Any) -> dict[str, Any]:
    scores = {"prompt": 0.61, "finetune": 0.86}
    return {
        "run": "run-0009",
        "status": "finished",
        "error": "",
        "model": "judge-model",
        "sent_to": sent_to(model="judge-model", cost=None),
        "examples": 200,
        "judged": 196,
        "unreadable": 4,
        "snapshot": "judge-model-2026-11-01",
        "prompt_blob": HELDOUT,
        "agreement": {"value": 0.91, "low": 0.87, "high": 0.94, "n": 196},
        "scores": {
            arm: {"value": value, "low": value - 0.05, "high": value + 0.05, "n": 196}
            for arm, value in scores.items()
        },
        **more,
    }


def trainings(*parts: tuple[str, float]) -> dict[str, Any]:
    """The finetune arm beside itself on parts of its examples."""
    points = [
        {
            "arm": name,
            "run": f"run-{name}",
            "examples": 200 * n,
            "value": value,
            "low": value - 0.05,
            "high": value + 0.05,
            "n": 200,
        }
        for n, (name, value) in enumerate((*parts, ("finetune", 0.84)), start=1)
    ]
    compared = comparison("finetune", parts[-1][0], 0.84 - parts[-1][1], "inconclusive")
    return {"metric": "macro_f1", "seed": 0, "points": points, "comparison": compared}


def imported() -> dict[str, Any]:
    return {
        "file": "answers.csv",
        "digest": "sha256:" + "a7" * 32,
        "tool": "csv",
        "n": 200,
        "missing": 2,
        "missing_ids": ["t-17", "t-18"],
        "failed": 1,
        "left_out": 3,
        "latency_stated": 200,
        "by": "Ines Okafor",
        "identity": "account",
        "at": "2026-11-22T09:20:00+00:00",
        "replaces": ["run-0009"],
    }


def prediction() -> dict[str, Any]:
    return {
        "recommended": "rag",
        "because": "The answers must name their sources.",
        "lead": "open",
        "left_out": ["prompt_score"],
        "reconstructed": False,
        "best": ["hybrid"],
        "outcome": "not_best",
        "regret": {"value": 0.19, "low": 0.1, "high": 0.27, "conclusion": "win"},
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
        "forecasts": [
            {
                "run": "run-0001",
                "arm": "finetune",
                "seconds": {"value": 600, "low": 420, "high": 840, "actual": 655.2},
                "memory_bytes": {
                    "value": 2_600_000_000,
                    "low": 2_100_000_000,
                    "high": 3_900_000_000,
                    "actual": 3_400_000_000,
                },
            }
        ],
        "title": "Support triage, four arms",
        "status": "finished",
        "dataset": "support-triage@3",
        "heldout_digest": HELDOUT,
        "primary_metric": "macro_f1",
        "arms": {
            "prompt": arm(
                0.58,
                0.51,
                0.65,
                run="run-0001",
                slices=slices(0.7, 0.5),
                labels=LABELS,
                sent_to=sent_to(),
            ),
            "rag": arm(
                0.66,
                0.59,
                0.73,
                run="run-0002",
                setup="imported from answers.csv",
                cost=None,
                imported=imported(),
                **RESTED_ON,
            ),
            "finetune": arm(
                0.84,
                0.79,
                0.89,
                run="run-0003",
                setup={"method": "lora", "rank": 16, "epochs": 3},
                prompt_tokens_mean=48.0,
                train=train,
                slices=slices(0.88, 0.82),
                off_task=off_task(),
                model_version="support-triage@1",
            ),
            "hybrid": arm(
                0.85,
                0.8,
                0.9,
                run="run-0004",
                setup={"k": 2, "rank": 16},
                train=train,
                off_task={"not_checked": "the specification switches it off"},
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
        "beside_lookups": [
            comparison("prompt", "nearest_example", -0.13, "lose"),
            comparison("finetune", "nearest_example", 0.13, "win"),
        ],
        "curve": trainings(("finetune_quarter", 0.7), ("finetune_half", 0.79)),
        "unflagged": {
            **trainings(("finetune_unflagged", 0.85)),
            "flagged": 14,
            "left_out": {"exact_duplicates": 5, "refusals": 9},
        },
        "slices": {"least": 20, "left_out": {"label": 3, "length": 0}},
        "margin": 0.02,
        "margin_stated": False,
        "costs": costs_view(),
        "prices": "sha256:" + "9c" * 32,
        "judge": judge_view(),
        "decision": "support-triage-0001",
        "prediction": prediction(),
        "verdict_before": {"recommended": "prompt", "because": "It was not tried."},
        "verdict": {"recommended": "finetune", "because": "It beats the prompt."},
        "at": "2026-11-22T09:12:00+00:00",
        "by": "Ines Okafor",
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

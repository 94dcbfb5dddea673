"""The views of every page, and the names from its path."""

from typing import Any

from .acts import act_view, intake_view
from .attempts import attempt_view, resting_view
from .datasets import dataset_view
from .decisions import decision_row, decision_view
from .events import audit, state
from .experiments import experiment_row, experiment_view, prediction, run_view
from .jobs import form_view, job_row, job_view
from .lineages import lineage_view
from .models import model_view
from .rules import coverage_view, criterion_view, dictionary_view

PAGES: dict[str, tuple[Any, dict[str, Any]]] = {
    "home": (
        {
            "empty": False,
            "decisions": [decision_row()],
            "due": [
                {
                    "decision": "support-triage-0001",
                    "title": "Support triage",
                    "message": "review was due on 2027-02-01",
                }
            ],
            "experiments": [experiment_row()],
            "models": [model_view()],
            "finished_report": "support-triage-0001",
        },
        {},
    ),
    "decisions": ([decision_row(), {**decision_row(), "choice": None}], {}),
    "decision": (decision_view(), {"twin": "/decisions/support-triage-0001.json"}),
    "intake": (intake_view(), {"typed": {"task_type": "classification"}}),
    "resting": (resting_view(), {}),
    "facts": (dictionary_view(), {}),
    "coverage": (coverage_view(), {}),
    "try": (attempt_view(), {"typed": {"must_cite_sources": "yes"}}),
    "preliminary": (intake_view(), {"typed": {"task_type": "classification"}}),
    "act": (act_view(), {}),
    "form": (form_view(), {"errors": {"line0": "This is needed.", "": "Too many."}}),
    "job": (job_view(), {"by": "Ines Okafor"}),
    "jobs": ([job_row()], {}),
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
    "experiments": (
        [experiment_row()],
        {"predictions": {"n": 0, "apart": {"defer": 1}}},
    ),
    "experiment": (experiment_view(), {}),
    "predictions": (
        {
            "n": 3,
            "best": 1,
            "equivalent": 1,
            "right": {"value": 0.67, "low": 0.21, "high": 0.94, "n": 3},
            "regret_mean": 0.06,
            "regret_mean_when_not": 0.19,
            "apart": {"defer": 2, "unmeasured": 0, "one_arm": 0},
            "reconstructed": 1,
            "heldout_splits": 2,
            "experiments": [
                {**experiment_row(), "metric": "macro_f1", **prediction()},
                {**experiment_row(), **prediction(), "reconstructed": True},
            ],
        },
        {},
    ),
    "answers": (
        {
            "experiment": "support-triage-20261122",
            "title": "Support triage",
            "metric": "token_f1",
            "arms": ["prompt", "rag", "finetune"],
            "every_arm": ["prompt", "rag", "finetune"],
            "total": 60,
            "found": 31,
            "offset": 1,
            "limit": 1,
            "rows": [
                {
                    "id": "t-17",
                    "number": 17,
                    "question": "My card was swallowed by a machine",
                    "reference": "card_swallowed",
                    "arms": {
                        "prompt": {"answer": "lost", "score": 0.0, "correct": False},
                        "rag": {"answer": "eaten", "score": 2 / 3, "correct": False},
                        "finetune": {
                            "answer": "card_swallowed",
                            "score": 1.0,
                            "correct": True,
                        },
                    },
                }
            ],
        },
        {"kept": "differ=1"},
    ),
    "run": (run_view(), {}),
    "lineage": (lineage_view(), {}),
    "history": (
        {
            "events": [{**e, "note": "Moved", "because": "It won"} for e in audit()],
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

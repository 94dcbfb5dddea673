"""Records as text for a terminal; every number with its unit and its interval."""

from tunewise.cli.text.costs import costs
from tunewise.cli.text.data import (
    dataset_check,
    dataset_diff,
    dataset_version,
    datasets,
)
from tunewise.cli.text.decision_record import decision
from tunewise.cli.text.decisions import decisions, problems, verdict
from tunewise.cli.text.drift import drift
from tunewise.cli.text.estimate import estimate
from tunewise.cli.text.experiments import experiment, experiments
from tunewise.cli.text.integrity import anchors, verified
from tunewise.cli.text.lineage import lineage
from tunewise.cli.text.models import deployed, deployments, model_version, models
from tunewise.cli.text.predictions import predictions
from tunewise.cli.text.records import csv, doctor, history, hits
from tunewise.cli.text.replay import replay
from tunewise.cli.text.resting import resting
from tunewise.cli.text.rules import (
    criteria,
    criterion,
    questions,
    rules_check,
    rules_coverage,
    rules_score,
)
from tunewise.cli.text.runs import run, runs

__all__ = [
    "anchors",
    "costs",
    "criteria",
    "criterion",
    "csv",
    "dataset_check",
    "dataset_diff",
    "dataset_version",
    "datasets",
    "decision",
    "decisions",
    "deployed",
    "deployments",
    "doctor",
    "drift",
    "estimate",
    "experiment",
    "experiments",
    "history",
    "hits",
    "lineage",
    "model_version",
    "models",
    "predictions",
    "problems",
    "questions",
    "replay",
    "resting",
    "rules_check",
    "rules_coverage",
    "rules_score",
    "run",
    "runs",
    "verdict",
    "verified",
]

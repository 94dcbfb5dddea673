"""A model version and its deployments as the commands and pages show them.

What an old record lacks is empty here, so that every version has every key.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tracker.deployment_row import Deployment
from tracker.models import AliasMove, ModelRow
from tunewise.workflow.drift import records as drift_records
from tunewise.workflow.models.contents import base_of

View = dict[str, Any]

# What a person can say of a version, with its record or later.
DESCRIBED = (
    "purpose",
    "out_of_scope",
    "limits",
    "oversight",
    "monitoring",
    "rollback",
)


def model_view(row: ModelRow, moves: Iterable[AliasMove], *, now: str) -> View:
    """Return one version; ``moves`` are those of every alias of its name."""
    body = row.body
    return {
        "model": row.id,
        "name": row.name,
        "number": row.number,
        "option": body["option"],
        **described_of(row),
        "base_model": base_of(body["base_model"], ""),
        "run": row.run,
        "experiment": body["experiment"],
        "dataset": body["dataset"],
        "dataset_elsewhere": body.get("dataset_elsewhere"),
        "heldout_digest": body.get("heldout_digest", ""),
        "decision": body["decision"],
        "decision_text": body.get("decision_text", ""),
        "setup": body["setup"],
        "training": body["training"],
        "seeds": body.get("seeds", []),
        "prompt": body.get("prompt"),
        "retrieval": body.get("retrieval"),
        "endpoint": body.get("endpoint"),
        "files": body["files"],
        "metrics": body["metrics"],
        "off_task": body.get("off_task"),
        "primary_metric": body["primary_metric"],
        "primary_score": _primary(body["metrics"].get(body["primary_metric"])),
        "target_score": body.get("target_score"),
        "alternatives": body.get("alternatives", []),
        "environment": body["environment"],
        "git_commit": body.get("git_commit", ""),
        "trained_at": body.get("trained_at", ""),
        "trained_by": body.get("trained_by", ""),
        "tool": body.get("tool", ""),
        "registered_from": body.get("registered_from"),
        "labels": body.get("labels", []),
        "aliases": list(row.aliases),
        "alias_history": [_move(m) for m in moves if row.id in (m.before, m.after)],
        "deployments": [deployment_view(d, now=now) for d in row.deployments],
        "drift_checks": drift_records.checks_view(row),
        "retired": row.retired,
        "retired_at": row.retired_at,
        "at": row.at,
        "by": row.by.name,
        "identity": row.by.identity,
    }


def deployment_view(deployment: Deployment, *, now: str) -> View:
    """Return one deployment, and whether it runs now."""
    ended_by = deployment.ended_by
    return {
        "model": deployment.version,
        "product": deployment.product,
        "environment": deployment.environment,
        "outside_name": deployment.outside,
        "from": deployment.since,
        "until": deployment.until,
        "runs": deployment.runs_at(now),
        "planned": deployment.planned_at(now),
        "because": deployment.because,
        "by": deployment.by.name,
        "identity": deployment.by.identity,
        "at": deployment.at,
        "ended_because": deployment.ended_because,
        "ended_by": ended_by.name if ended_by else "",
        "replaced_by": deployment.replaced_by,
    }


def deployments_view(found: Sequence[Deployment], *, now: str) -> list[View]:
    """Return deployments in the order given."""
    return [deployment_view(d, now=now) for d in found]


def described_of(row: ModelRow) -> View:
    """Return what was said of the version; the last word on each counts."""
    said = {key: row.body.get(key, "") for key in DESCRIBED}
    for event in row.events:
        if event.action == "described":
            said |= event.body["fields"]
    return said


def _primary(score: object) -> View | None:
    return dict(score) if isinstance(score, Mapping) else None


def _move(move: AliasMove) -> View:
    return {
        "alias": move.alias,
        "before": move.before,
        "after": move.after,
        "because": move.because,
        "by": move.by.name,
        "identity": move.by.identity,
        "at": move.at,
    }

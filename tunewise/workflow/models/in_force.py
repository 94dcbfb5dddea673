"""What stands today where a model version stood: decision, aliases, deployments.

A version that is in force itself has nothing here: each entry names another record,
or "" where nothing took its place.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tracker import decisions as decision_records
from tracker import deployments, models
from tracker.models import ModelRow
from tracker.store import Store

View = dict[str, Any]


def in_force(store: Store, model: str, decision: str, *, now: str) -> View:
    """Return what is in force today instead of a version and of its decision.

    Parameters
    ----------
    model : name@n
    decision : the id of a decision on record, or ""
    now : the moment for which deployments are told

    Returns
    -------
    dict
        ``decision``: the last one that superseded it, None where none did;
        ``aliases``: each that the version lost, with the version it stands for;
        ``deployments``: each place where it no longer runs, with what runs there.
    """
    row = models.get(store, model)
    return {
        "decision": _decision(store, decision) if decision else None,
        "aliases": _aliases(row, models.versions(store, row.name)),
        "deployments": _deployments(store, row, now),
    }


def _decision(store: Store, id: str) -> View | None:
    """Follow what superseded a decision to the one that nothing superseded."""
    found = first = decision_records.get(store, id)
    while found.superseded_by:
        found = decision_records.get(store, found.superseded_by)
    if found is first:
        return None
    return {
        "id": found.id,
        "title": found.title,
        "status": found.status.value,
        "choice": found.choice or None,
        "model": found.model or None,
    }


def _aliases(row: ModelRow, versions: Sequence[ModelRow]) -> list[View]:
    holders = {alias: version.id for version in versions for alias in version.aliases}
    lost = {m.alias for m in models.alias_moves(versions) if m.before == row.id}
    return [
        {"alias": alias, "model": holders.get(alias, "")}
        for alias in sorted(lost - {*row.aliases})
    ]


def _deployments(store: Store, row: ModelRow, now: str) -> list[View]:
    """Return what runs today in each place where the version ran and does not now."""
    running = {
        (d.outside, d.environment): d.version
        for d in deployments.list_all(store, at=now)
    }
    ended: Mapping[tuple[str, str], str] = {
        (d.outside, d.environment): d.product
        for d in row.deployments
        if not d.empty and not d.planned_at(now)
    }
    return [
        {
            "outside_name": outside,
            "environment": environment,
            "product": product,
            "model": running.get((outside, environment), ""),
        }
        for (outside, environment), product in ended.items()
        if running.get((outside, environment)) != row.id
    ]

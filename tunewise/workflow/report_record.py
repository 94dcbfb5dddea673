"""What a report says, key by key, against the records as of the report's head.

record -> its subject ...... a decision, model version, data set or experiment
       -> as of the head ... its row, its events until then, what follows of them
       -> Compared ......... what differs, and what could not be held against it
"""

from collections.abc import Mapping
from typing import Any

from tracker import datasets, experiments, models
from tracker import decisions as decision_records
from tracker.decision_row import derive
from tracker.heads import as_of_head
from tracker.schema import DATASET, DECISION, EXPERIMENT, MODEL, Kind
from tracker.store import Store
from tunewise.domain.model import AuditEvent
from tunewise.workflow import report_decision
from tunewise.workflow.dataset_views import version_view
from tunewise.workflow.model_views import model_view
from tunewise.workflow.report_diff import Compared, View, entries

_PASSING = {"same_content"}  # of a dataset version on the day it was shown


def compare(store: Store, record: View, head: AuditEvent) -> Compared:
    """Hold a report's record against the records as of its head."""
    found = Compared()
    kind, id = _subject(record)
    raw = as_of_head(store, kind, id, head) if kind else None
    said = {key: value for key, value in record.items() if key != "audit_head"}
    if kind is None or raw is None:
        about = id or "what it reports"
        found.differences.append(f"nothing is recorded of {about} as of its head")
    elif kind is DECISION:
        row = derive(raw)
        inner = {"experiment_views", "dataset_view", "lineage"}
        own = {key: value for key, value in said.items() if key not in inner}
        report_decision.hold(store, own, row, head, found)
        _experiments(store, said, row.experiments, head, found)
        _lineage(store, said.get("lineage"), row.model, head, found)
    elif kind is MODEL:
        _model(store, said, id, head, found, path="")
    elif kind is DATASET:
        _dataset(store, said, id, head, found, path="")
    else:
        _experiment(store, said, id, head, found, path="")
    return found


def _subject(record: View) -> tuple[Kind | None, str]:
    for kind, key, beside in (
        (DECISION, "id", "verdict"),
        (MODEL, "model", "base_model"),
        (DATASET, "dataset", "digest"),
        (EXPERIMENT, "experiment", "arms"),
    ):
        if key in record and beside in record:
            return kind, str(record[key])
    return None, str(record.get("id", ""))


def _experiments(
    store: Store, said: View, ids: tuple[str, ...], head: AuditEvent, found: Compared
) -> None:
    """Hold the experiments of a decision, and its data set, where a report has them."""
    if "experiment_views" not in said:
        return
    views = entries(said, "experiment_views")
    named = [
        view.get("experiment") if isinstance(view, dict) else ... for view in views
    ]
    if named != [*ids] or not isinstance(said["experiment_views"], list):
        found.differences.append(
            f"experiment_views: the report shows {len(views)}, not the experiments "
            f"that the record names ({', '.join(ids) or 'none'})"
        )
    for n, (view, id) in enumerate(zip(views, ids, strict=False)):
        if isinstance(view, dict):
            _experiment(store, view, id, head, found, path=f"experiment_views[{n}].")
    used = experiments.get(store, ids[-1]).dataset if ids else ""
    view = said.get("dataset_view")
    if isinstance(view, dict) and used:
        _dataset(store, view, used, head, found, path="dataset_view.")
    elif used or view is not None:
        named_here = used or "none"
        found.differences.append(f"dataset_view: it is not the record's ({named_here})")


def _experiment(
    store: Store, said: View, id: str, head: AuditEvent, found: Compared, *, path: str
) -> None:
    raw = as_of_head(store, EXPERIMENT, id, head)
    if raw is None:
        found.differences.append(f"{path}experiment: {id} was not recorded by its head")
        return
    row = experiments.derive(raw)
    recorded = dict(row.report or {"experiment": id})
    arms = recorded.get("arms", {})
    recorded |= {"spec": row.body["spec"], "at": row.at, "by": row.by.name}
    derived = {
        "status": row.status.value,
        "error": row.error,
        "labels": row.body.get("labels", []),
        "decision": _decision_on(store, id, head),
    }
    if arms:
        made = _made_of(store, {str(arm["run"]) for arm in arms.values()}, head)
        recorded["arms"] = {
            name: {**arm, **made.get(arm["run"], {})} for name, arm in arms.items()
        }
    found.hold(said, recorded, derived, path=path)


def _decision_on(store: Store, experiment: str, head: AuditEvent) -> str | None:
    """Return the newest decision that an experiment was attached to by then."""
    ids = [row.id for row in decision_records.list_all(store, experiment=experiment)]
    raws = [as_of_head(store, DECISION, id, head) for id in ids]
    rows = [derive(raw) for raw in raws if raw]
    return next((r.id for r in reversed(rows) if experiment in r.experiments), None)


def _made_of(store: Store, of: set[str], head: AuditEvent) -> Mapping[str, View]:
    """Return, by run, the model version that was made of it by then."""
    return {
        row.run: {"model_version": row.id}
        for row in models.list_all(store)
        if row.run in of and as_of_head(store, MODEL, row.id, head)
    }


def _dataset(
    store: Store, said: View, id: str, head: AuditEvent, found: Compared, *, path: str
) -> None:
    raw = as_of_head(store, DATASET, id, head)
    if raw is None:
        found.differences.append(f"{path}dataset: {id} was not recorded by its head")
        return
    view = version_view(datasets.derive(raw))
    _hold(said, view, raw.row["body"], found, path, without=_PASSING)


def _lineage(
    store: Store, said: object, model: str, head: AuditEvent, found: Compared
) -> None:
    """Hold the model version of a lineage; the rest is told from other days too."""
    if said is None:
        return
    view = said.get("model") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(view, dict) or not model:
        found.differences.append(f"lineage: it is not the record's ({model or 'none'})")
        return
    _model(store, view, model, head, found, path="lineage.model.")
    found.unchecked += [f"lineage.{key}" for key in said if key != "model"]


def _model(
    store: Store, said: View, id: str, head: AuditEvent, found: Compared, *, path: str
) -> None:
    name, _, _ = id.rpartition("@")
    ids = [row.id for row in models.versions(store, name)]
    raws = [as_of_head(store, MODEL, each, head) for each in ids]
    rows = models.derive_all(raw for raw in raws if raw)
    (row,) = [row for row in rows if row.id == id]
    view = model_view(row, models.alias_moves(rows), now=head.at)
    if "deployments" in said:  # whether one runs depends on the day of the report
        kept, told = view["deployments"], entries(said, "deployments")
        view["deployments"] = [_without_runs(entry) for entry in kept]
        said = said | {"deployments": [_without_runs(entry) for entry in told]}
        if any(isinstance(entry, dict) and "runs" in entry for entry in told):
            found.unchecked.append(f"{path}deployments[].runs")
    _hold(said, view, row.body, found, path, without=set())


def _without_runs(entry: object) -> object:
    if not isinstance(entry, dict):
        return entry
    return {key: value for key, value in entry.items() if key != "runs"}


def _hold(
    said: View,
    view: View,
    body: Mapping[str, Any],
    found: Compared,
    path: str,
    *,
    without: set[str],
) -> None:
    """Compare a view: what comes from the body must be there."""
    known = {key: value for key, value in view.items() if key not in without}
    recorded = {key: value for key, value in known.items() if key in body}
    derived = {key: value for key, value in known.items() if key not in body}
    found.hold(said, recorded, derived, path=path)

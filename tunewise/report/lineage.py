"""The context of a lineage's page and report: the chain as steps, newest first.

Each step shows the fields that answer *why*; the JSON twin has every other.
"""

from collections.abc import Mapping
from typing import Any

from tunewise.report import numbers, words
from tunewise.report.drawn import drawn
from tunewise.report.drift import complete_checks
from tunewise.report.facts import complete_finding
from tunewise.report.shapes import Shape, View, fill, rows, shape
from tunewise.report.shown import contained

_KEYS = shape(
    lists="alternatives people events missing labels deployments expected",
    none="model decision successor in_force run dataset base_model completeness",
)
_PERSON = shape(text="name role did at", none="identity")
_EVENT = shape(text="at actor identity action subject summary because", none="seq")
DEPLOYMENT: Shape = {
    **shape(
        text="outside_name environment product from until because by ended_because",
        none="identity",
    ),
    "runs": bool,
}
IN_FORCE = shape(lists="aliases deployments", none="decision")
_EXPECTED: Shape = {**shape(text="group name why"), "known": bool}
_NAMES = {"at": "recorded", "training": "settings", "train": "training"}
_UNITS = {
    "peak_memory_bytes": ("peak_memory", numbers.size),
    "seconds": ("time", numbers.duration),
}
_STEPS = (
    ("model", "Model version", "model ref id", "option aliases retired at"),
    (
        "run",
        "Run that made it",
        "id run",
        "experiment arm seed status setup training train git_commit started_at "
        "ended_at",
    ),
    (
        "dataset",
        "Dataset version",
        "version dataset ref id",
        "digest description splits quality provenance deleted at",
    ),
    ("base_model", "Base model", "id ref", "revision digest licence source"),
    (
        "decision",
        "Decision",
        "id ref",
        "title status recommended choice justification conditions supersedes "
        "superseded_by",
    ),
)


def complete_lineage(view: View) -> dict[str, Any]:
    """Return the context of the lineage body."""
    lineage = fill(view, _KEYS)
    lineage["steps"] = [_step(lineage, *step) for step in _STEPS]
    lineage["name"] = lineage["steps"][0]["id"]
    lineage["drawn"] = drawn(lineage["steps"])
    model = lineage["model"]
    if isinstance(model, Mapping):
        lineage["labels"] = lineage["labels"] or model.get("labels") or []
    version = model if isinstance(model, Mapping) else {}
    lineage["retired"] = version.get("retired") or ""
    lineage["stated"] = version.get("decision_text") or ""
    lineage["deployments"] = rows(lineage["deployments"], DEPLOYMENT)
    lineage["in_force"] = fill(lineage["in_force"] or {}, IN_FORCE)
    lineage["running"] = [d for d in lineage["deployments"] if d["runs"]]
    lineage["drift_checks"] = complete_checks(version.get("drift_checks") or [])
    lineage["missing_groups"] = missing_groups(lineage)
    lineage["scores"] = _scores(model)
    lineage["answer"] = _answer(lineage["decision"])
    lineage["alternatives"] = [_alternative(a) for a in lineage["alternatives"]]
    lineage["people"] = rows(
        [p if isinstance(p, Mapping) else {"name": p} for p in lineage["people"]],
        _PERSON,
    )
    lineage["events"] = rows(lineage["events"], _EVENT)
    return {"lineage": lineage, "labels": lineage["labels"]}


def decided_findings(decision: View) -> list[dict[str, Any]]:
    """Return the findings that speak for what was decided, the heaviest first."""
    decided = decision.get("choice") or decision.get("recommended") or ""
    findings = [
        finding
        for entry in decision.get("findings") or []
        if (finding := complete_finding(entry, {}))["option"] == decided
        and finding["weight"] > 0
    ]
    return sorted(findings, key=lambda f: -f["weight"])


def missing_groups(view: View) -> list[tuple[str, list[str]]]:
    """Return what is not known, group by group; older views have no groups."""
    expected = rows(view.get("expected") or [], _EXPECTED)
    if not expected:
        missing = list(view.get("missing") or [])
        return [("missing", missing)] if missing else []
    groups: dict[str, list[str]] = {}
    for field in expected:
        if not field["known"]:
            groups.setdefault(field["group"], []).append(field["name"])
    return list(groups.items())


def _step(
    lineage: View, kind: str, heading: str, id_keys: str, shown: str
) -> dict[str, Any]:
    entry = lineage[kind]
    record = entry if isinstance(entry, Mapping) else {"id": entry or ""}
    if record.get("elsewhere"):  # no page of this home
        kind = "elsewhere"
    id = next((record[k] for k in id_keys.split() if record.get(k)), "")
    fields = [
        {"key": key, "name": _name(key), "value": _shown(key, record[key])}
        for key in shown.split()
        if record.get(key) not in (None, "", [], {})
    ]
    return {"kind": kind, "heading": heading, "id": str(id), "fields": fields}


def _name(key: str) -> str:
    return _NAMES.get(key) or words.humanise(key)


def _shown(key: str, value: Any) -> Any:  # noqa: ANN401
    """Return a field's value: figures with their unit, conditions as texts."""
    if key == "train" and isinstance(value, Mapping):
        return dict(_with_unit(name, figure) for name, figure in value.items())
    if key != "conditions":
        return value
    return [
        f"{contained(c['text'])} ({'closed' if c['closed'] else 'open'})" for c in value
    ]


def _with_unit(name: str, figure: object) -> tuple[str, object]:
    shown, unit = _UNITS.get(name, (name, None))
    if unit is None or not isinstance(figure, int | float):
        return name, figure
    return shown, unit(figure)


def _scores(model: object) -> list[tuple[str, View]]:
    metrics = model.get("metrics") if isinstance(model, Mapping) else None
    return list(metrics.items()) if isinstance(metrics, Mapping) else []


def _answer(decision: object) -> dict[str, Any] | None:
    """Return what was decided, by whom, and the findings that speak for it."""
    if not isinstance(decision, Mapping) or not decision:
        return None
    choice = decision.get("choice") or ""
    recommended = decision.get("recommended") or ""
    return {
        "choice": choice,
        "recommended": recommended,
        "because": decision.get("because") or "",
        "justification": decision.get("justification") or "",
        "by": words.person(
            decision.get("accepted_by"), decision.get("accepted_identity")
        ),
        "at": decision.get("accepted_at") or "",
        "retrospective": decision.get("retrospective"),
        "contradicted": [
            claim
            for claim in decision.get("claims") or []
            if claim["standing"] == "contradicted"
        ],
        "accepted_because": decision.get("accepted_because") or "",
        "findings": decided_findings(decision),
    }


def _alternative(entry: object) -> dict[str, Any]:
    given: View = entry if isinstance(entry, Mapping) else {"arm": entry}
    score, compared = given.get("score"), given.get("comparison")
    metric = given.get("metric") or ""
    measured = score if isinstance(score, Mapping) else {"value": score}
    return {
        "title": words.option_title(given.get("arm") or given.get("option")),
        "run": given.get("run") or "",
        "status": given.get("status") or "",
        "setup": numbers.plain(given["setup"]) if given.get("setup") else "",
        "because": given.get("because") or "",
        "score": f"{words.metric_title(metric)} {numbers.score(measured)}".strip(),
        "comparison": words.comparison(compared) if compared else "",
    }

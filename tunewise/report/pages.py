"""The pages of the web application, each a template under ``templates/pages``.

A page whose record has a report shares the report's body. Every other page gets
what the workflow returned, with the keys that its template reads filled in.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from jinja2 import Environment

from tunewise.report.criteria import complete_criteria, complete_criterion
from tunewise.report.decision import complete_decision
from tunewise.report.experiment import complete_experiment
from tunewise.report.facts import by_group
from tunewise.report.intake import complete_intake
from tunewise.report.jobs import KINDS, complete_form, complete_job, complete_jobs
from tunewise.report.lineage import complete_lineage
from tunewise.report.records import (
    complete_dataset,
    complete_model,
    complete_models,
    complete_run,
)
from tunewise.report.shapes import Shape, View, fill, rows, shape
from tunewise.report.trying import complete_attempt


def page(environment: Environment, name: str, data: Any, /, **context: Any) -> str:  # noqa: ANN401
    """Return the page ``name`` for what a workflow returned.

    ``context`` adds what belongs to the address: ``twin`` (the path of the JSON
    twin, or None), names from the path, the text that was searched for.
    """
    always: dict[str, Any] = {
        "twin": None,
        "labels": [],
        "linked": True,
        "leaf": None,
    }
    shown = _PAGES[name](data)
    template = environment.get_template(f"pages/{name}.html")
    return template.render({**always, **shown, **context})


def verdict_now(environment: Environment, data: View, /) -> str:
    """Return the verdict of a step of the intake, to be swapped into its page."""
    template = environment.get_template("parts/verdict_now.html")
    return template.render({**complete_intake(data), "linked": True})


def job_now(environment: Environment, data: View, /) -> str:
    """Return what changes of a job while it runs, to be swapped into its page."""
    template = environment.get_template("parts/job_now.html")
    return template.render({**complete_job(data), "linked": True})


def verdict_tried(environment: Environment, data: View, /) -> str:
    """Return the verdict on changed facts, to be swapped into its page."""
    template = environment.get_template("parts/verdict_tried.html")
    return template.render({**complete_attempt(data), "linked": True})


def page_names() -> tuple[str, ...]:
    """Return the name of every page, sorted."""
    return tuple(sorted(_PAGES))


_DECISION_ROW = shape(
    text="id status title recommended at model review_on because decided_at source "
    "to_be_superseded_by",
    lists="labels",
    none="choice by",
)
_PORTFOLIO_ROW: Shape = {
    **_DECISION_ROW,
    **shape(
        text="evidence owner accepted_by end_of_life",
        lists="products attention",
        none="score monthly_cost open_conditions",
    ),
}
_EXPERIMENT_ROW = shape(
    text="experiment title status dataset at", lists="labels", none="by"
)
_FORESEEN = shape(
    text="experiment title at metric recommended outcome",
    lists="best labels",
    none="regret reconstructed",
)
_FORESEEN_SCORE = shape(
    tables="apart",
    none="n best equivalent right regret_mean regret_mean_when_not "
    "reconstructed heldout_splits",
)
_DATASET_ROW = shape(text="name at", lists="labels", none="versions latest examples")
_DATASET_VERSION = shape(
    text="digest at deleted",
    tables="statistics",
    none="number examples by dataset previous",
)
_EVENT = shape(
    text="at actor action subject note because", none="seq identity decided_at"
)
_HISTORY: Shape = {
    **shape(lists="events", none="state on_record"),
    "total": int,
    "offset": int,
}
_FOUND = shape(text="kind id title snippet", none="retrospective")
_ANSWER = shape(text="id question reference", tables="arms", none="number")
_CELL: Shape = {
    **shape(text="answer", none="score correct"),
    "imported": bool,
}
_MATRIX: Shape = {
    **shape(text="experiment title metric", lists="rows arms every_arm"),
    **dict.fromkeys(("total", "found", "offset", "limit"), int),
}
_DIFF: Shape = {**shape(lists="added removed changed moved"), "unchanged": int}
_DUE = shape(text="decision title message")
_OVERVIEW: Shape = {
    **shape(lists="decisions due experiments models jobs", none="finished_report"),
    "empty": bool,
    "decisions_total": int,
    "due_total": int,
    "jobs_total": int,
}


def _list_of(keys: Shape) -> Callable[[Sequence[View]], dict[str, Any]]:
    return lambda data: {"rows": rows(data, keys)}


def _newest_of(keys: Shape) -> Callable[[Sequence[View]], dict[str, Any]]:
    return lambda data: {"rows": rows(data, keys)[::-1]}


def _home(data: View) -> dict[str, Any]:
    overview = fill(data, _OVERVIEW)
    overview["decisions"] = rows(overview["decisions"], _DECISION_ROW)
    overview["due"] = rows(overview["due"], _DUE)
    overview["experiments"] = rows(overview["experiments"], _EXPERIMENT_ROW)
    overview["models"] = complete_models(overview["models"])
    return {"overview": overview, **complete_jobs(overview["jobs"])}


_ACT: Shape = {
    **shape(text="seen by", lists="fields options risks", tables="decision act"),
    "possible": bool,
    "condition": lambda: None,
    "risk": lambda: None,
}


def _act(data: View) -> dict[str, Any]:
    found = fill(data, _ACT)
    decision = complete_decision(found["decision"])["decision"]
    return {
        **found,
        "act": fill(found["act"], shape(text="title what button")),
        "decision": decision,
        "typed": {},
        "errors": {},
    }


_FACT = shape(
    text="name group question why help who type unit",
    lists="values criteria",
    none="low high",
)
_RISK = shape(text="id title why usual_control source origin", lists="options")
_COVERAGE = shape(
    lists="by_criterion missing",
    none="criteria criteria_matched tests tests_held tests_failed cases",
)


def _dictionary(data: View) -> dict[str, Any]:
    facts = rows(data.get("facts") or [], _FACT)
    for fact in facts:
        fact["answers"] = fact["values"]
    return {"groups": by_group(facts), "risks": rows(data.get("risks") or [], _RISK)}


_RESTING = shape(text="kind id", lists="decisions", none="total")
_RESTS: Shape = {
    **shape(text="id title status note", lists="how", none="choice today without"),
    "alters": bool,
}
_OF_KIND = {
    "base": "base model",
    "model": "model version",
    "dataset": "dataset version",
}


def _resting(data: View) -> dict[str, Any]:
    found = fill(data, _RESTING)
    found["decisions"] = rows(found["decisions"], _RESTS)
    found["total"] = found["total"] or 0
    return {
        "found": found,
        "words": _OF_KIND,
        "altered": sum(row["alters"] for row in found["decisions"]),
        "asked": any(row["without"] for row in found["decisions"]),
    }


def _experiments(data: Sequence[View]) -> dict[str, Any]:
    shown = rows(data, _EXPERIMENT_ROW)[::-1]
    return {"rows": shown, "predictions": None, "jobs": [], "job_kinds": KINDS}


def _predictions(data: Any) -> dict[str, Any]:  # noqa: ANN401
    score = fill(data or {}, {**_FORESEEN_SCORE, "experiments": list})
    return {"rows": rows(score["experiments"], _FORESEEN)[::-1], "score": score}


def _answers(data: View) -> dict[str, Any]:
    """Return a page of the matrix, and where the pages beside it begin."""
    found = fill(data, _MATRIX)
    found["rows"] = rows(found["rows"], _ANSWER)
    for row in found["rows"]:
        row["arms"] = {arm: fill(cell, _CELL) for arm, cell in row["arms"].items()}
    asked = {"arms": [], "differ": False, "failed": False, "text": "", "at": ""}
    imported = {
        arm
        for row in found["rows"]
        for arm, cell in row["arms"].items()
        if cell.get("imported")
    }
    return {"matrix": found, "asked": asked, "kept": "", "imported": imported}


def _models(data: Sequence[View]) -> dict[str, Any]:
    return {"rows": complete_models(data)[::-1]}


def _dataset_versions(data: Sequence[View]) -> dict[str, Any]:
    """Number the versions of a dataset and put the newest first."""
    versions = rows(data, _DATASET_VERSION)
    for version in versions:
        if version["number"] is None:
            tail = str(version["dataset"]).rpartition("@")[2]
            version["number"] = int(tail) if tail.isdigit() else 0
    versions.sort(key=lambda v: v["number"], reverse=True)
    for version, before in pairwise(versions):
        version["previous"] = before["number"]
    return {"rows": versions}


def _diff(data: View) -> dict[str, Any]:
    """Return a difference; without totals all of it is there."""
    found = fill(data, _DIFF)
    kinds = ("added", "removed", "changed", "moved")
    return {"diff": {"totals": {kind: len(found[kind]) for kind in kinds}, **found}}


def _search(data: Sequence[View]) -> dict[str, Any]:
    found = rows(data, _FOUND)
    return {"rows": found, "kind": "", "most": 1, "offset": 0, "more": False}


def _history(data: View) -> dict[str, Any]:
    """Return a page of events, and the two states where a date was asked for."""
    found = fill(data, _HISTORY)
    events = rows(found["events"], _EVENT)
    older = found["total"] - found["offset"] - len(events)
    asked = dict.fromkeys(("kind", "by", "subject", "since"), "")
    return {**found, "rows": events, "older": max(older, 0), "asked": asked}


_PAGES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "home": _home,
    "decisions": _newest_of(_DECISION_ROW),
    "decision": complete_decision,
    "intake": complete_intake,
    "preliminary": complete_intake,
    "portfolio": _newest_of(_PORTFOLIO_ROW),
    "datasets": _list_of(_DATASET_ROW),
    "dataset": _dataset_versions,
    "dataset_version": complete_dataset,
    "diff": _diff,
    "models": _models,
    "model": _models,
    "model_version": complete_model,
    "experiments": _experiments,
    "experiment": lambda data: {"job": None, "by": "", **complete_experiment(data)},
    "predictions": _predictions,
    "answers": _answers,
    "run": complete_run,
    "lineage": complete_lineage,
    "history": _history,
    "rules": complete_criteria,
    "rule": complete_criterion,
    "facts": _dictionary,
    "coverage": lambda data: {"found": fill(data, _COVERAGE)},
    "search": _search,
    "act": _act,
    "try": complete_attempt,
    "resting": _resting,
    "form": complete_form,
    "job": complete_job,
    "jobs": complete_jobs,
    "error": lambda data: {"near": [], "further": [], **data},
}

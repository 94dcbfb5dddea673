"""Experiments as records: list, show, and the answers side by side.

Running one is in ``running.py``; what the arms' scores show is in ``results.py``.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tracker import blobs, decisions
from tracker import experiments as records
from tracker import models as model_records
from tracker import runs as run_records
from tracker.experiments import ExperimentRow
from tracker.records import Raw
from tracker.runs import RunRow
from tracker.schema import EXPERIMENT
from tracker.store import Store
from tunewise.domain.dataset import Example, Split
from tunewise.domain.errors import NotRecorded
from tunewise.domain.experiment import ARMS, DIAGNOSTICS, JUDGE
from tunewise.workflow.datasets.records import load
from tunewise.workflow.experiments import forecasts, marks
from tunewise.workflow.experiments.arm_runs import is_imported, of_arm
from tunewise.workflow.home import Home

View = dict[str, Any]


def list_all(home: Home) -> list[View]:
    """Return every experiment, oldest first."""
    with home.store() as store:
        return [*home.rows(store, "experiments", EXPERIMENT, _row_view).values()]


def newest(home: Home, count: int) -> list[View]:
    """Return the rows of the newest few, oldest first."""
    with home.store() as store:
        return [_view(row) for row in records.newest(store, count)]


def _row_view(raw: Raw) -> View:
    return _view(records.derive(raw))


def _view(row: ExperimentRow) -> View:
    return {
        "experiment": row.id,
        "title": row.title,
        "status": row.status.value,
        "dataset": row.dataset,
        "at": row.at,
        "by": row.by.name,
        "labels": row.body.get("labels", []),
    }


def show(home: Home, id: str) -> View:
    """Return what ``tunewise experiment show --json`` prints."""
    with home.store() as store:
        row = records.get(store, id)
        decided = decisions.on_experiment(store, id)
        runs = run_records.list_all(store, experiment=id)
        forecast = forecasts.compared(store, row)
        made = model_records.made_by(store, [run.id for run in runs])
    report = dict(row.report) if row.report else _unfinished(row, runs)
    arms = {
        name: {**arm, **_version(made.get(arm["run"]))}
        for name, arm in report["arms"].items()
    }
    return {
        **report,
        "arms": _ordered(arms, ARMS),
        "diagnostics": _ordered(report["diagnostics"], DIAGNOSTICS),
        "status": row.status.value,
        "error": row.error,
        "decision": decided[-1] if decided else None,
        "forecasts": forecast,
        "spec": row.body["spec"],
        "labels": row.body.get("labels", []),
        "at": row.at,
        "by": row.by.name,
    }


def show_run(home: Home, id: str) -> View:
    """Return one run: what was asked, how far it is, what came out."""
    with home.store() as store:
        row = run_records.get(store, id)
    folder = home.runs / row.experiment / f"{row.arm}-{row.seed}"
    return {
        "run": row.id,
        "experiment": row.experiment,
        "arm": row.arm,
        "seed": row.seed,
        "status": row.status.value,
        "progress": _progress(folder / "progress.jsonl"),
        "config": dict(row.body),
        "result": dict(row.result) if row.result else None,
        "error": row.error,
        "at": row.at,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "by": row.by.name,
    }


def answers(
    home: Home, experiment: str, *, limit: int = 0, offset: int = 0
) -> list[View]:
    """Return held-out examples with every arm's answer, in file order.

    Each answer has its ``score`` on the primary metric, or on that of single answers
    where the primary one is of the whole split: ``metric`` names it. ``correct`` where
    that is 1.
    """
    with home.store() as store:
        row = records.get(store, experiment)
        runs = run_records.list_all(store, experiment=experiment)
        arms = dict.fromkeys(r.arm for r in runs if r.arm != JUDGE)
        counting = [of_arm(runs, arm) for arm in arms]
        first = {r.arm: r for each in counting for r in each[::-1] if r.result}
        given = {arm: answers_of(store, r) for arm, r in first.items()}
    end = offset + limit if limit else None
    examples = load_heldout(home, row)
    shown = examples[offset:end]
    metric = row.body["spec"]["task"]["metric"]
    arms_of = [_marked(row, shown, given[arm][offset:end]) for arm in given]
    return [
        {
            "id": example.id or str(offset + number + 1),
            "question": example.question,
            "reference": example.reference,
            "metric": marks.of_one(metric),
            "arms": {
                arm: {**rows[number], "imported": is_imported(first[arm])}
                for arm, rows in zip(given, arms_of, strict=True)
                if number < len(rows)
            },
        }
        for number, example in enumerate(shown)
    ]


def _marked(
    row: ExperimentRow, examples: Sequence[Example], rows: Sequence[View]
) -> list[View]:
    """Return the answers of one arm, each with what the metric says of it."""
    answers = [line["answer"] for line in rows][: len(examples)]
    found = marks.scores(
        row.body["spec"]["task"]["metric"],
        examples[: len(answers)],
        answers,
        schema=row.body.get("schema"),
    )
    return [
        {"answer": answer, "score": score, "correct": marks.is_correct(score)}
        for answer, score in zip(answers, found, strict=True)
    ]


def answers_of(store: Store, run: RunRow) -> list[View]:
    """Return a run's answers from its blob."""
    digest = (run.result or {}).get("answers_blob")
    if not digest:
        raise NotRecorded(f"run {run.id} has no answers")
    text = blobs.read(store.blobs, digest).decode()
    return [json.loads(line) for line in text.split("\n") if line]


def load_heldout(home: Home, row: ExperimentRow) -> tuple[Any, ...]:
    """Return the held-out examples that the experiment used."""
    from tunewise.datasets.splits import limit

    dataset = load(home, row.dataset)
    return limit(dataset.split(Split.HELDOUT), row.body["spec"]["limits"]["heldout"])


def _version(id: str | None) -> View:
    return {"model_version": id} if id else {}


def _ordered(arms: Mapping[str, View], order: Sequence[str]) -> dict[str, View]:
    """Return arms in their usual order, names that are not known last.

    What is stored is sorted by name.
    """
    known = [name for name in order if name in arms]
    return {name: arms[name] for name in dict.fromkeys([*known, *arms])}


def _progress(path: Path) -> list[View]:
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines[-200:] if line.endswith("}")]


def _unfinished(row: ExperimentRow, runs: list[RunRow]) -> View:
    spec: Mapping[str, Any] = row.body["spec"]
    return {
        "experiment": row.id,
        "title": row.title,
        "dataset": row.dataset,
        "heldout_digest": row.body["heldout_digest"],
        "primary_metric": spec["task"]["metric"],
        "warnings": list(row.body.get("warnings", ())),
        "arms": {
            r.arm: {"run": r.id, "status": r.status.value, "error": r.error}
            for r in runs
            if r.arm in spec["arms"]
        },
        "diagnostics": {},
        "comparisons": [],
    }

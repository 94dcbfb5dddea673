"""Running an experiment: a plan, then every arm, then what it shows.

    plan (planning.py) -> for each arm and seed: run recorded, child process,
    result recorded -> report and verdict after (concluding.py)

Every run is recorded before it starts and kept when it fails. An arm that fails
does not end the others.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from tracker import blobs
from tracker import experiments as records
from tracker import runs as run_records
from tracker.store import Store
from tunewise.domain.dataset import Dataset, Split
from tunewise.domain.experiment import ARMS, RunStatus
from tunewise.workflow import processes
from tunewise.workflow.concluding import conclude
from tunewise.workflow.home import Home
from tunewise.workflow.output import write_text
from tunewise.workflow.planning import Plan, make_plan, record_body, write_data
from tunewise.workflow.run_points import RunPoints
from tunewise.workflow.telling import Event, Tell
from tunewise.workflow.views import View

LEASE = timedelta(hours=12)  # the owner is a process that the run dies with


def run(
    home: Home,
    spec_path: Path,
    *,
    tell: Tell,
    labels: Sequence[str] = (),
) -> View:
    """Run an experiment from its specification and return its report.

    Raises
    ------
    TunewiseError
        If the specification, its data or the base model stands in the way; nothing
        was recorded then, or the dataset version where the base model is at fault.
    """
    plan = make_plan(home, spec_path, tell=tell, labels=labels)
    write_data(plan)
    with home.store(create=True) as store:
        _record(store, home, plan)
        try:
            for arm in (*plan.spec.arms, *_diagnostics(plan.content)):
                for seed in plan.spec.seeds if arm in ARMS else plan.spec.seeds[:1]:
                    _run_one(store, home, plan, arm, seed, tell)
            report = conclude(store, home, plan)
        except BaseException as error:
            _close(store, home, plan.id, error)
            raise
    facts = json.dumps(report["facts_after"], ensure_ascii=False, indent=1)
    write_text(plan.folder / "facts.json", facts + "\n")
    return report


def _record(store: Store, home: Home, plan: Plan) -> None:
    records.create(
        store,
        plan.id,
        title=plan.spec.title,
        dataset=plan.dataset,
        body=record_body(plan),
        actor=home.actor,
        at=home.now(),
    )
    records.start(store, plan.id, actor=home.actor, at=home.now())


def _close(store: Store, home: Home, id: str, error: BaseException) -> None:
    """Record that the experiment, and a run it was in, came to no end."""
    because = str(error) or type(error).__name__
    close = records.fail
    if isinstance(error, KeyboardInterrupt):
        because, close = "interrupted", records.cancel
    with store.writing(home.actor, home.now()):
        for row in run_records.list_all(store, experiment=id):
            if row.status in (RunStatus.QUEUED, RunStatus.RUNNING):
                run_records.cancel(
                    store, row.id, because=because, actor=home.actor, at=home.now()
                )
        close(store, id, because=because, actor=home.actor, at=home.now())


def _diagnostics(content: Dataset) -> tuple[str, ...]:
    gold = any(e.gold_doc_ids for e in content.split(Split.HELDOUT))
    return (
        *(("gold_passage",) if gold and content.documents else ()),
        "majority",
        "nearest_example",
    )


def _run_one(
    store: Store, home: Home, plan: Plan, arm: str, seed: int, tell: Tell
) -> None:
    tell(
        Event(
            "step", f"Run {arm.replace('_', ' ')}" + (f", seed {seed}" if seed else "")
        )
    )
    id = f"r{plan.id[1:]}-{arm.replace('_', '-')}-{seed}"
    folder = plan.folder / f"{arm}-{seed}"
    folder.mkdir()
    config = _run_config(plan, id, arm, seed)
    (folder / "run.json").write_text(
        json.dumps(config, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    body = {**config, "dataset": plan.dataset}
    run_records.create(
        store,
        id,
        experiment=plan.id,
        arm=arm,
        seed=seed,
        body=body,
        actor=home.actor,
        at=home.now(),
    )
    claimed = run_records.claim(
        store,
        id,
        owner=f"pid {os.getpid()}",
        lease_until=(home.clock() + LEASE).isoformat(timespec="milliseconds"),
        actor=home.actor,
        at=home.now(),
    )

    measured = RunPoints(store, home, id, claimed.attempt)

    def on_progress(entries: Sequence[processes.Entry]) -> None:
        for entry in entries:
            _told(entry, arm, tell)
        measured.add(entries)

    ended = processes.train(folder, on_progress)
    measured.write()
    result, error = _result_of(folder, ended)
    if error:
        run_records.fail(
            store,
            id,
            attempt=claimed.attempt,
            because=error,
            actor=home.actor,
            at=home.now(),
        )
        tell(Event("result", f"The {arm} arm failed: {error.splitlines()[0]}"))
        return
    kept = _keep(store, folder, result)
    run_records.finish(
        store,
        id,
        attempt=claimed.attempt,
        result=result,
        blobs=kept,
        actor=home.actor,
        at=home.now(),
    )
    metric = plan.spec.task.metric
    tell(
        Event(
            "result",
            f"{result['setup']}: {metric} {result['metrics'][metric]:.3f} on "
            f"{result['n']} held-out examples, {result['seconds']:.0f} s.",
        )
    )


def _run_config(plan: Plan, id: str, arm: str, seed: int) -> View:
    spec = plan.spec
    hosted = spec.endpoint if arm in ("prompt", "rag", "gold_passage") else None
    local = plan.base is not None and not hosted
    needs_model = arm not in ("majority", "nearest_example")
    named = hosted.model if hosted else plan.base.id if plan.base else ""
    return {
        "run": id,
        "arm": arm,
        "seed": seed,
        "task": {
            "type": spec.task.type,
            "metric": spec.task.metric,
            "schema": plan.schema,
        },
        "train": "../data/train.jsonl",
        "validation": "../data/validation.jsonl",
        "heldout": "../data/heldout.jsonl",
        "documents": "../data/documents.jsonl" if plan.content.documents else "",
        "model_dir": plan.base.folder if plan.base and local and needs_model else "",
        "model_name": named if needs_model else "",
        "prompt": asdict(spec.prompt),
        "rag": asdict(spec.rag),
        "finetune": asdict(spec.finetune),
        "hybrid": asdict(spec.hybrid),
        "endpoint": asdict(hosted) if hosted else None,
        "minutes": spec.limits.minutes,
        "latency_examples": spec.limits.latency,
    }


def _told(entry: Mapping[str, Any], arm: str, tell: Tell) -> None:
    if "total" in entry:
        tell(Event("progress", entry["stage"], entry["done"], entry["total"]))
    else:
        message = entry.get("message") or ""
        tell(Event("progress", f"{entry['stage']} {message}".strip()))


def _result_of(folder: Path, ended: processes.Ended) -> tuple[View, str]:
    """Return the result, or an error in words where there is none."""
    try:
        result: View = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}, f"{ended.reason}\n{ended.errors[-1500:]}".strip()
    if result["status"] != "finished":
        return {}, str(result["error"]) or "no message"
    return result, ""


def _keep(store: Store, folder: Path, result: View) -> list[str]:
    """Store answers and weights as blobs and name them in the result."""
    answers = blobs.put_file(store.blobs, folder / "answers.jsonl")
    result["answers_blob"] = answers
    result["weights_blobs"] = {}
    if result["weights"]:
        for path in sorted((folder / result["weights"]).iterdir()):
            if path.name.startswith(("adapter_", "model.")):
                digest = blobs.put_file(store.blobs, path)
                result["weights_blobs"][path.name] = digest
    return [answers, *result["weights_blobs"].values()]

"""One run of an experiment: recorded, worked on in a child process, recorded again.

    run.json -> record, claim -> child -> result.json -> record, blobs

A run that finished is never worked on again; one whose process ended goes on from
its last checkpoint, as the next attempt.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tracker import blobs
from tracker import runs as run_records
from tracker.store import Store
from trainer.judge_prompt import JUDGE_PROMPT
from trainer.run_config import PACK_TOKENS
from tunewise.domain.errors import EnvironmentProblem, NotRecorded
from tunewise.domain.experiment import JUDGE, PARTIAL, TRAINED, RunStatus
from tunewise.workflow import processes
from tunewise.workflow.experiments import off_task
from tunewise.workflow.experiments.endpoints import ANSWERS, SPENT
from tunewise.workflow.experiments.holding import raise_if_stopped
from tunewise.workflow.experiments.planning import Plan
from tunewise.workflow.experiments.points import RunPoints
from tunewise.workflow.experiments.stopping import ENDED_SILENTLY
from tunewise.workflow.experiments.telling import Event, Tell
from tunewise.workflow.home import Home
from tunewise.workflow.output import write_text
from tunewise.workflow.views import View

LEASE = timedelta(hours=12)  # the owner is a process that the run dies with
DISK_FULL = 4  # exit status of the trainer
SMALLEST_PACK = 128  # tokens; what is killed with so few is not killed for them


@dataclass(frozen=True, slots=True)
class Task:
    """One arm or diagnostic of a plan, with one seed."""

    plan: Plan
    arm: str
    seed: int

    @property
    def id(self) -> str:
        """The run's id: the experiment's, with arm and seed."""
        return f"r{self.plan.id[1:]}-{self.arm.replace('_', '-')}-{self.seed}"

    @property
    def folder(self) -> Path:
        """Where its child process works."""
        return self.plan.folder / f"{self.arm}-{self.seed}"

    @property
    def trains(self) -> bool:
        """Whether weights are trained."""
        return self.arm in TRAINED

    @property
    def keeps_weights(self) -> bool:
        """Whether what is trained may become a model version."""
        return self.trains and self.arm not in PARTIAL

    @property
    def checked(self) -> bool:
        """Whether its weights are checked on examples that are not the task's."""
        return self.keeps_weights and bool(self.plan.off_task)


def run_one(store: Store, home: Home, task: Task, tell: Tell) -> None:
    """Work on a run until it finished or failed; nothing where it finished before.

    Raises
    ------
    EnvironmentProblem
        If the disk is full: no other run would fare better.
    Stopped
        If someone asked the experiment to end.
    """
    row = _ready(store, home, task)
    if row.status is RunStatus.FINISHED:
        _drop_checkpoints(task)
        return
    named = task.arm.replace("_", " ") + (f", seed {task.seed}" if task.seed else "")
    tell(Event("step", f"{'Go on with' if row.attempt else 'Run'} {named}"))
    claimed = run_records.claim(
        store,
        task.id,
        owner=f"pid {os.getpid()}",
        lease_until=(home.clock() + LEASE).isoformat(timespec="milliseconds"),
        actor=home.actor,
        at=home.now(),
    )
    result, error = _work(store, home, task, claimed.attempt, tell)
    if error:
        run_records.fail(
            store,
            task.id,
            attempt=claimed.attempt,
            because=error,
            actor=home.actor,
            at=home.now(),
        )
        tell(Event("result", f"The {task.arm} arm failed: {error.splitlines()[0]}"))
        return
    kept = _keep(store, task, result)
    run_records.finish(
        store,
        task.id,
        attempt=claimed.attempt,
        result=result,
        blobs=kept,
        actor=home.actor,
        at=home.now(),
    )
    _drop_checkpoints(task)
    metric = task.plan.spec.task.metric
    scored = ""
    if metric in result["metrics"]:  # a judge has no score of its own
        score, n = result["metrics"][metric], result["n"]
        scored = f": {metric} {score:.3f} on {n} held-out examples"
    tell(Event("result", f"{result['setup']}{scored}, {result['seconds']:.0f} s."))


def _ready(store: Store, home: Home, task: Task) -> run_records.RunRow:
    """Return the run's record, queued or finished; its folder holds ``run.json``."""
    config = config_of(task)
    task.folder.mkdir(exist_ok=True)
    _write_config(task.folder, config)
    try:
        row = run_records.get(store, task.id)
    except NotRecorded:
        return run_records.create(
            store,
            task.id,
            experiment=task.plan.id,
            arm=task.arm,
            seed=task.seed,
            body={**config, "dataset": task.plan.dataset},
            actor=home.actor,
            at=home.now(),
        )
    if row.status in (RunStatus.QUEUED, RunStatus.FINISHED):
        return row
    running = row.status is RunStatus.RUNNING
    return run_records.requeue(
        store,
        task.id,
        because=ENDED_SILENTLY if running else f"to go on: {row.error}",
        owner_gone=running,  # whoever calls this holds the experiment
        actor=home.actor,
        at=home.now(),
    )


def _work(
    store: Store, home: Home, task: Task, attempt: int, tell: Tell
) -> tuple[View, str]:
    """Run the child to its end; return its result, or an error in words."""
    measured = RunPoints(store, home, task.id, attempt)

    def on_progress(entries: Sequence[processes.Entry]) -> None:
        measured.add(entries)
        for entry in entries:
            _told(entry, tell)

    folder, packs = task.folder, PACK_TOKENS
    if (found := _finished(folder)) is not None:  # the parent died, not the child
        return found, ""
    while True:
        (folder / "result.json").unlink(missing_ok=True)
        ended = processes.train(
            folder, on_progress, lambda: raise_if_stopped(task.plan.folder)
        )
        packs //= 2
        if not (ended.killed and task.trains and packs >= SMALLEST_PACK):
            break
        tell(
            Event(
                "result",
                f"It was killed; was there too little memory? It goes on with "
                f"{packs} tokens at a time.",
            )
        )
        _write_config(folder, {**config_of(task), "pack_tokens": packs})
    measured.write()
    if ended.status == DISK_FULL:
        go_on = home.command("experiment", "resume", task.plan.id)
        raise EnvironmentProblem(f"{ended.errors.rstrip()}\n  Then go on with: {go_on}")
    return _result_of(folder, ended)


def config_of(task: Task) -> View:
    """Return what the child process is asked: the content of ``run.json``."""
    plan, arm = task.plan, task.arm
    spec = plan.spec
    hosted, base = spec.endpoint_of(arm), plan.base_of(arm)
    named = hosted.model if hosted else base.id if base else ""
    return {
        "run": task.id,
        "arm": arm,
        "seed": task.seed,
        "task": {
            "type": spec.task.type,
            "metric": spec.task.metric,
            "schema": plan.schema,
        },
        "train": "../data/train.jsonl",
        "train_on": f"../data/{arm}.jsonl" if arm in plan.parts else "",
        "validation": "../data/validation.jsonl",
        "heldout": "../data/heldout.jsonl",
        "documents": "../data/documents.jsonl" if plan.content.documents else "",
        "model_dir": base.folder if base else "",
        "model_name": named,
        "prompt": asdict(spec.prompt),
        "rag": _rag_of(task),
        "finetune": asdict(spec.finetune),
        "hybrid": asdict(spec.hybrid),
        "endpoint": asdict(hosted) if hosted else None,
        "answer_cache": f"../../{ANSWERS}/{plan.dataset}" if hosted else "",
        "spent": f"../{SPENT}" if hosted else "",
        "judging": _judging(task),
        "off_task": f"../data/{off_task.DATA}.jsonl" if task.checked else "",
        "minutes": spec.limits.minutes,
        "latency_examples": spec.limits.latency,
        "pack_tokens": (plan.estimate or {}).get("pack_tokens") or PACK_TOKENS,
    }


def _rag_of(task: Task) -> View:
    """Return the rag table; the gold passage takes the set-up that rag has picked.

    What differs between the two is then the passages alone.
    """
    table = asdict(task.plan.spec.rag)
    rag = Task(task.plan, "rag", task.seed)
    picked = _finished(rag.folder) if task.arm == "gold_passage" else None
    if picked is None:  # rag is not run, or failed
        return table
    details = picked["details"]
    return {**table, "k": [details["k"]], "shots": len(details.get("shots", ()))}


def _judging(task: Task) -> View | None:
    """Return what the judge judges by, and the first answers of each arm; else None."""
    plan = task.plan
    if task.arm != JUDGE or plan.spec.judge is None:
        return None
    given = {arm: Task(plan, arm, plan.spec.seeds[0]).folder for arm in plan.spec.arms}
    return {
        "prompt": plan.spec.judge.prompt,
        "answers": {
            arm: f"../{folder.name}/answers.jsonl"
            for arm, folder in given.items()
            if _finished(folder)
        },
    }


def _write_config(folder: Path, config: View) -> None:
    text = json.dumps(config, ensure_ascii=False, indent=1)
    write_text(folder / "run.json", text + "\n")


def _told(entry: Mapping[str, Any], tell: Tell) -> None:
    if "total" not in entry:
        message = entry.get("message") or ""
        tell(Event("progress", f"{entry['stage']} {message}".strip()))
        return
    tell(
        Event(
            "progress",
            entry["stage"],
            entry["done"],
            entry["total"],
            loss=entry.get("step_loss"),
            tokens_per_second=entry.get("tokens_per_second"),
            remaining_seconds=entry.get("remaining_seconds"),
        )
    )


def _finished(folder: Path) -> View | None:
    try:
        result: View = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return result if result["status"] == "finished" else None


def _result_of(folder: Path, ended: processes.Ended) -> tuple[View, str]:
    """Return the result, or an error in words where there is none."""
    try:
        result: View = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}, f"{ended.reason}\n{ended.errors[-1500:]}".strip()
    if result["status"] != "finished":
        return {}, str(result["error"]) or "no message"
    return result, ""


def _keep(store: Store, task: Task, result: View) -> list[str]:
    """Store answers and weights as blobs and name them in the result.

    Weights of a diagnostic are dropped: no model version is made of them.
    """
    folder = task.folder
    if not task.keeps_weights:
        result["weights"] = ""
    answers = blobs.put_file(store.blobs, folder / "answers.jsonl")
    result["answers_blob"] = answers
    result["weights_blobs"] = {}
    kept = [answers]
    if (folder / JUDGE_PROMPT).exists():
        result["prompt_blob"] = blobs.put_file(store.blobs, folder / JUDGE_PROMPT)
        kept.append(result["prompt_blob"])
    if result["weights"]:
        for path in sorted((folder / result["weights"]).iterdir()):
            if path.name.startswith(("adapter_", "model.")):
                digest = blobs.put_file(store.blobs, path)
                result["weights_blobs"][path.name] = digest
    return [*kept, *result["weights_blobs"].values()]


def _drop_checkpoints(task: Task) -> None:
    """Delete what a training would go on from; epochs stay where they may be wanted.

    Nothing goes on from a finished run. What cannot be deleted takes room, no more.
    """
    unwanted = "step-*" if task.keeps_weights else "*"
    for checkpoint in (task.folder / "checkpoints").glob(unwanted):
        shutil.rmtree(checkpoint, ignore_errors=True)

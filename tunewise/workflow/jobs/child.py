"""``python -m tunewise.workflow.jobs.child HOME ID``: one job, in a process of its own.

It tells into its folder what the command line would print, ends with the process
that started it, and goes on where an earlier attempt was cut off.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from tracker import experiments
from tunewise.domain.decision import Actor
from tunewise.domain.errors import NotRecorded, TunewiseError
from tunewise.domain.experiment import RunStatus
from tunewise.workflow.experiments.telling import Event
from tunewise.workflow.home import Home
from tunewise.workflow.jobs import records
from tunewise.workflow.jobs.queue import MEND
from tunewise.workflow.jobs.records import SCHEMA, Job

_EVERY = 0.5  # seconds between two reports of progress
_TERMINATED = 143  # as a shell says of SIGTERM


class Teller:
    """Writes what a job tells into its folder."""

    def __init__(self, home: Home, folder: Path) -> None:
        self._home, self._folder, self._told = home, folder, 0.0

    def __call__(self, event: Event) -> None:
        """Keep a step or a result; of progress the newest."""
        if event.kind == "progress":
            if time.monotonic() - self._told < _EVERY and event.done != event.total:
                return
            self._told = time.monotonic()
            shown = {
                "text": event.text,
                "done": event.done,
                "total": event.total,
                "loss": event.loss,
                "remaining_seconds": event.remaining_seconds,
            }
            records.write(self._folder / "now.json", shown)
            return
        (self._folder / "now.json").unlink(missing_ok=True)
        line = {"at": self._home.now(), "kind": event.kind, "text": event.text}
        with (self._folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def perform(home: Home, job: Job) -> dict[str, Any]:
    """Do a job, and return what its page shows of the result."""
    folder = records.folder_of(home, job.id)
    tell, spec = Teller(home, folder), folder / records.SPEC
    if job.kind == records.ESTIMATE:
        return _estimate(home, spec, tell)
    if job.kind == records.IMPORT:
        return _import(home, job, folder, tell)
    if job.kind == records.REGISTER:
        return _register(home, job, folder, tell)
    if job.kind == records.DRIFT:
        return _check_drift(home, job, folder, tell)
    from tunewise.workflow.experiments import running

    if job.kind == records.RESUME or _is_there(home, job.experiment):
        if not _has_finished(home, job.experiment):
            running.resume(home, job.experiment, tell=tell)
    else:
        running.run(home, spec, tell=tell, id=job.experiment)
    return {"experiment": job.experiment}


def _estimate(home: Home, spec: Path, tell: Teller) -> dict[str, Any]:
    from tunewise.workflow.experiments import estimating, planning

    plan = planning.make_plan(home, spec, tell=tell, record=False)
    found = estimating.of_plan(home, plan, tell=tell)
    # the examples that it shows stay out of a file: a dataset can be deleted
    kept = {k: v for k, v in (found or {}).items() if k != "shown"}
    return {
        "dataset": plan.dataset,
        "arms": list(plan.spec.arms),
        "seeds": list(plan.spec.seeds),
        "before": plan.before["because"],
        "warnings": list(plan.warnings),
        "estimate": kept or None,
    }


def _import(home: Home, job: Job, folder: Path, tell: Teller) -> dict[str, Any]:
    from tunewise.workflow.answers.importing import import_answers

    said = job.arguments
    report = import_answers(
        home,
        folder / records.SPEC,
        said["arm"],
        folder / said["file"],
        prompts=said.get("prompts", ()),
        model=said.get("model", ""),
        experiment=said.get("into", ""),
        new=not said.get("into"),
        tell=tell,
    )
    return {"experiment": report["experiment"]}


def _register(home: Home, job: Job, folder: Path, tell: Teller) -> dict[str, Any]:
    from tunewise.domain.dataset import Provenance
    from tunewise.workflow.datasets import records as datasets

    said = job.arguments
    tell(Event("step", f"Check {', '.join(said['files'].values())}"))
    schema = folder / SCHEMA
    version = datasets.register(
        home,
        said["name"],
        {role: folder / file for role, file in said["files"].items()},
        schema=records.read(schema) if schema.exists() else None,
        accept_because=said["accept_because"] or None,
        provenance=Provenance(**said["provenance"]),
        called={role: f"{role}.jsonl" for role in said["files"]},
    )
    return {"dataset": version["dataset"], "findings": version["findings"]}


def _check_drift(home: Home, job: Job, folder: Path, tell: Teller) -> dict[str, Any]:
    from tunewise.workflow.drift import checking
    from tunewise.workflow.drift.answers import Answering

    # a cancelled check takes its copy of the examples away, and ends its own child
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    said = job.arguments
    documents, answers = said.get("documents"), said.get("answers")
    view = checking.check(
        home,
        said["model"],
        folder / said["data"],
        folder / documents if documents else None,
        answering=Answering(
            folder / answers if answers else None,
            tuple(said["prompts"]),
            here=said["here"],
            at_most=said["at_most"],
        ),
        tell=tell,
    )
    # words of the data stay with the check, where they can be taken away
    findings = [{k: v for k, v in f.items() if k != "texts"} for f in view["findings"]]
    kept = ("model", "check", "drifted", "changed", "not_looked_at")
    return {**{key: view[key] for key in kept}, "findings": findings}


def _is_there(home: Home, experiment: str) -> bool:
    with home.store(create=True) as store:
        try:
            experiments.get(store, experiment)
        except NotRecorded:
            return False
    return True


def _has_finished(home: Home, experiment: str) -> bool:
    """Tell whether an earlier attempt came to its end, and only its word was lost."""
    with home.store() as store:
        return experiments.get(store, experiment).status is RunStatus.FINISHED


def main(arguments: list[str]) -> int:
    """Do one job: ``HOME ID``."""
    from trainer.parent import end_with_parent

    end_with_parent()
    path, id = arguments
    home = Home(Path(path), Actor(""))
    job = records.get(home, id)
    home = Home(Path(path), job.actor)
    try:
        result = perform(home, job)
    except TunewiseError as error:
        # whoever reads it has sent these files, and never saw where they lie
        folder = records.folder_of(home, id)
        said = str(error).replace(f"{folder}{os.sep}", "")
        sys.stderr.write(f"{said}\n")
        return MEND
    records.write(records.folder_of(home, id) / "result.json", result)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

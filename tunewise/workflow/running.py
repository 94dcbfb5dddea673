"""Running an experiment: a plan, then every arm, then what it shows.

    plan (planning.py) -> for each arm and seed a run (one_run.py)
         -> report and verdict after (concluding.py)

Every run is recorded before it starts and kept when it fails. An arm that fails
does not end the others. What was interrupted goes on where it was.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from tracker import experiments as records
from tracker import runs as run_records
from tracker.experiments import ExperimentRow
from tracker.store import Store
from tunewise.domain.dataset import Dataset, Split
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError
from tunewise.domain.experiment import ARMS, RunStatus
from tunewise.workflow.concluding import conclude
from tunewise.workflow.holding import (
    Stopped,
    Wish,
    holding,
    is_held,
    raise_if_stopped,
    stop,
)
from tunewise.workflow.home import Home
from tunewise.workflow.one_run import ENDED_SILENTLY, Task, run_one
from tunewise.workflow.output import write_text
from tunewise.workflow.planned import plan_again, record_body, write_data
from tunewise.workflow.planning import Plan, make_plan
from tunewise.workflow.telling import Event, Tell
from tunewise.workflow.views import View


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
    StatusError
        If someone cancelled it meanwhile.
    """
    plan = make_plan(home, spec_path, tell=tell, labels=labels)
    write_data(plan)
    with holding(plan.folder), home.store(create=True) as store:
        _record(store, home, plan)
        return _perform(store, home, plan, tell)


def resume(home: Home, id: str, *, tell: Tell) -> View:
    """Go on with an experiment that was interrupted, cancelled or failed in part.

    Runs that finished stay as they are; a run whose process was killed goes on from
    its last checkpoint, to the weights it would have had.

    Raises
    ------
    StatusError
        If another process works on it, or there is nothing left to do.
    TunewiseError
        If its data or its base model is not what it was.
    """
    with home.store() as store:
        row = records.get(store, id)
        with holding(home.runs / id):
            _require_unfinished(store, row)
            plan = plan_again(home, row, tell=tell)
            write_data(plan)
            actor, at = home.actor, home.now()
            if row.status is RunStatus.RUNNING:  # and nobody holds it
                records.fail(store, id, because=ENDED_SILENTLY, actor=actor, at=at)
            if row.status is not RunStatus.FINISHED:
                records.start(store, id, actor=actor, at=at)
            return _perform(store, home, plan, tell)


def cancel(home: Home, id: str, *, because: str) -> View:
    """End an experiment, whoever runs it, and return when it has ended.

    Raises
    ------
    StatusError
        If it has ended already.
    EnvironmentProblem
        If the process that runs it does not end in time.
    """
    with home.store() as store:
        row = records.get(store, id)
        _require_running(row)
        if is_held(home.runs / id):
            stop(home.runs / id, Wish(home.actor, because))
        else:
            with holding(home.runs / id):
                _close(store, home, id, Stopped(Wish(home.actor, because)))
        row = records.get(store, id)
        runs = run_records.list_all(store, experiment=id)
    return {
        "experiment": id,
        "status": row.status.value,
        "because": row.error,
        "runs": [{"run": r.id, "status": r.status.value} for r in runs],
    }


def interrupted(home: Home) -> list[str]:
    """Return the experiments whose process ended without a word, oldest first."""
    with home.store() as store:
        rows = records.list_all(store)
    running = [row.id for row in rows if row.status is RunStatus.RUNNING]
    return [id for id in running if not is_held(home.runs / id)]


def _perform(store: Store, home: Home, plan: Plan, tell: Tell) -> View:
    try:
        for arm in (*plan.spec.arms, *_diagnostics(plan.content)):
            for seed in plan.spec.seeds if arm in ARMS else plan.spec.seeds[:1]:
                run_one(store, home, Task(plan, arm, seed), tell)
        raise_if_stopped(plan.folder)
        report = conclude(store, home, plan)
    except Stopped as stopped:
        _close(store, home, plan.id, stopped)
        raise StatusError(
            f"experiment {plan.id} was cancelled by {stopped.wish.actor.name}: "
            f"{stopped.wish.because}\n  {_go_on(plan.id)}"
        ) from None
    except BaseException as error:
        _close(store, home, plan.id, error)
        if isinstance(error, KeyboardInterrupt):
            tell(Event("result", f"Interrupted. {_go_on(plan.id)}"))
        raise
    facts = json.dumps(report["facts_after"], ensure_ascii=False, indent=1)
    write_text(plan.folder / "facts.json", facts + "\n")
    return report


def _go_on(id: str) -> str:
    return f"Go on with: tunewise experiment resume {id}"


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
    actor: Actor = home.actor
    because = str(error) or type(error).__name__
    close = records.fail
    if isinstance(error, KeyboardInterrupt):
        because, close = "interrupted", records.cancel
    elif isinstance(error, Stopped):
        actor, close = error.wish.actor, records.cancel
    with store.writing(actor, home.now()):
        for row in run_records.list_all(store, experiment=id):
            if row.status in (RunStatus.QUEUED, RunStatus.RUNNING):
                run_records.cancel(
                    store, row.id, because=because, actor=actor, at=home.now()
                )
        if records.get(store, id).status is not RunStatus.FINISHED:
            close(store, id, because=because, actor=actor, at=home.now())


def _diagnostics(content: Dataset) -> tuple[str, ...]:
    gold = any(e.gold_doc_ids for e in content.split(Split.HELDOUT))
    return (
        *(("gold_passage",) if gold and content.documents else ()),
        "majority",
        "nearest_example",
    )


def _require_unfinished(store: Store, row: ExperimentRow) -> None:
    runs = run_records.list_all(store, experiment=row.id)
    if row.status is RunStatus.FINISHED and all(r.result for r in runs):
        raise StatusError(
            f"experiment {row.id} is finished, and so is every run of it\n"
            f"  See it with 'tunewise experiment show {row.id}'."
        )


def _require_running(row: ExperimentRow) -> None:
    if row.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
        raise StatusError(
            f"experiment {row.id} is {row.status}: there is nothing to cancel\n"
            f"  See it with 'tunewise experiment show {row.id}'."
        )

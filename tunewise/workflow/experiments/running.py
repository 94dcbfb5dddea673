"""Running an experiment: a plan, then every arm, then what it shows.

    plan (planning.py) -> for each arm and seed a run (one_run.py)
         -> report and verdict after (concluding.py)

Every run is recorded before it starts and kept when it fails. An arm that fails
does not end the others. What was interrupted goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tracker import experiments as records
from tracker import runs as run_records
from tracker.experiments import ExperimentRow
from tracker.store import Store
from tunewise.domain.errors import EnvironmentProblem, StatusError
from tunewise.domain.experiment import ARMS, JUDGE, RunStatus
from tunewise.workflow.experiments import estimating
from tunewise.workflow.experiments.concluding import conclude, write_facts
from tunewise.workflow.experiments.holding import Stopped, holding, raise_if_stopped
from tunewise.workflow.experiments.one_run import Task, run_one
from tunewise.workflow.experiments.planned import plan_again, put_on_record, write_data
from tunewise.workflow.experiments.planning import Plan, arms_of, make_plan
from tunewise.workflow.experiments.stopping import ENDED_SILENTLY, close
from tunewise.workflow.experiments.telling import Event, Tell
from tunewise.workflow.home import Home
from tunewise.workflow.views import View


def run(
    home: Home,
    spec_path: Path,
    *,
    tell: Tell,
    labels: Sequence[str] = (),
    id: str = "",
) -> View:
    """Run an experiment from its specification and return its report.

    ``id`` is the one that it was promised; else it gets a new one.

    Raises
    ------
    TunewiseError
        If the specification, its data or the base model stands in the way; nothing
        was recorded then, or the dataset version where the base model is at fault.
    StatusError
        If someone cancelled it meanwhile.
    """
    plan = make_plan(home, spec_path, tell=tell, labels=labels)
    plan = replace(plan, id=id, folder=home.runs / id) if id else plan
    plan = replace(plan, estimate=_estimated(home, plan, tell))
    write_data(plan)
    with holding(home, plan.id), home.store(create=True) as store:
        put_on_record(store, home, plan)
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
        with holding(home, id):
            _require_unfinished(store, home, row)
            plan = plan_again(home, row, tell=tell)
            write_data(plan)
            actor, at = home.actor, home.now()
            if row.status is RunStatus.RUNNING:  # and nobody holds it
                records.fail(store, id, because=ENDED_SILENTLY, actor=actor, at=at)
            if row.status is not RunStatus.FINISHED:
                records.start(store, id, actor=actor, at=at)
            return _perform(store, home, plan, tell)


def _perform(store: Store, home: Home, plan: Plan, tell: Tell) -> View:
    try:
        for arm in arms_of(plan):
            for seed in plan.spec.seeds if arm in ARMS else plan.spec.seeds[:1]:
                run_one(store, home, Task(plan, arm, seed), tell)
        if plan.spec.judge is not None:  # at last: it reads what the arms answered
            run_one(store, home, Task(plan, JUDGE, plan.spec.seeds[0]), tell)
        raise_if_stopped(plan.folder)
        report = conclude(store, home, plan)
    except Stopped as stopped:
        close(store, home, plan.id, stopped)
        raise StatusError(
            f"experiment {plan.id} was cancelled by {stopped.wish.actor.name}: "
            f"{stopped.wish.because}\n  {_go_on(home, plan.id)}"
        ) from None
    except BaseException as error:
        close(store, home, plan.id, error)
        if isinstance(error, KeyboardInterrupt):
            tell(Event("result", f"Interrupted. {_go_on(home, plan.id)}"))
        raise
    write_facts(plan, report)
    return report


def _estimated(home: Home, plan: Plan, tell: Tell) -> View | None:
    """Return the estimate, and tell it; None where there is none to be had."""
    try:
        estimate = estimating.of_plan(home, plan, tell=tell)
    except EnvironmentProblem as error:  # the runs may fare better
        tell(Event("result", str(error).partition("\n")[0]))
        return None
    if estimate is None:
        return None
    tell(Event("result", estimating.in_words(estimate)))
    # the examples that it shows stay out of the record: a dataset can be deleted
    return {key: value for key, value in estimate.items() if key != "shown"}


def _go_on(home: Home, id: str) -> str:
    return f"Go on with: {home.command('experiment', 'resume', id)}"


def _require_unfinished(store: Store, home: Home, row: ExperimentRow) -> None:
    runs = run_records.list_all(store, experiment=row.id)
    if row.status is RunStatus.FINISHED and all(r.result for r in runs):
        raise StatusError(
            f"experiment {row.id} is finished, and so is every run of it\n"
            f"  See it with: {home.command('experiment', 'show', row.id)}"
        )

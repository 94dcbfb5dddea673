"""How an experiment ends before its end: cancelled, failed, or cut off.

Nothing here needs the trainer or a statistic, so the service can use it.
"""

from tracker import experiments as records
from tracker import runs as run_records
from tracker.experiments import ExperimentRow
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError
from tunewise.domain.experiment import RunStatus
from tunewise.workflow.experiments.holding import Stopped, Wish, holding, is_held, stop
from tunewise.workflow.home import Home
from tunewise.workflow.views import View

_OPEN = (RunStatus.QUEUED, RunStatus.RUNNING)
ENDED_SILENTLY = "its process ended without a word: killed, or the machine stopped"


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
        _require_running(home, row)
        wish = Wish(home.actor, because)
        if is_held(home.runs / id):
            stop(home.runs / id, wish)
            row = records.get(store, id)
        if row.status in _OPEN and not is_held(home.runs / id):  # it died meanwhile
            with holding(home, id):
                close(store, home, id, Stopped(wish))
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
        running = records.running(store)
    return [id for id in running if not is_held(home.runs / id)]


def close(store: Store, home: Home, id: str, error: BaseException) -> None:
    """Record that the experiment, and a run it was in, came to no end."""
    actor: Actor = home.actor
    because = str(error) or type(error).__name__
    end = records.fail
    if isinstance(error, KeyboardInterrupt):
        because, end = "interrupted", records.cancel
    elif isinstance(error, Stopped):
        actor, end = error.wish.actor, records.cancel
    with store.writing(actor, home.now()):
        for row in run_records.list_all(store, experiment=id):
            if row.status in _OPEN:
                run_records.cancel(
                    store, row.id, because=because, actor=actor, at=home.now()
                )
        if records.get(store, id).status is not RunStatus.FINISHED:
            end(store, id, because=because, actor=actor, at=home.now())


def _require_running(home: Home, row: ExperimentRow) -> None:
    if row.status not in _OPEN:
        raise StatusError(
            f"experiment {row.id} is {row.status}: there is nothing to cancel\n"
            f"  See it with: {home.command('experiment', 'show', row.id)}"
        )

"""Importing answers that were produced elsewhere, as an arm of an experiment.

file --read, matched by id--> a run that has finished --conclude--> report, new verdict

They are scored on the registered held-out split, in the same paired tests as the arms
that were run here, and are called *imported* wherever they are shown. An arm that was
run here is not replaced. A further import of an arm takes the place of the one before
in every view; both stay on record.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tracker import experiments as records
from tracker.experiments import ExperimentRow
from tracker.store import Store
from tunewise.datasets import canonical, files
from tunewise.domain.dataset import Split
from tunewise.domain.errors import DatasetError, SpecError, StatusError
from tunewise.domain.experiment import ARMS, RunStatus
from tunewise.workflow.answers import files as answer_files
from tunewise.workflow.answers import imported_run
from tunewise.workflow.answers.given import AnswerFile
from tunewise.workflow.answers.matching import Matched, match
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments.arm_runs import imported_warnings
from tunewise.workflow.experiments.concluding import conclude, write_facts
from tunewise.workflow.experiments.holding import holding
from tunewise.workflow.experiments.planned import plan_again, put_on_record
from tunewise.workflow.experiments.planning import Plan, make_plan
from tunewise.workflow.experiments.stopping import close
from tunewise.workflow.experiments.telling import Event, Tell
from tunewise.workflow.home import Home
from tunewise.workflow.statements import plain
from tunewise.workflow.views import View


def import_answers(
    home: Home,
    spec_path: Path,
    arm: str,
    path: Path,
    *,
    prompts: Sequence[str] = (),
    model: str = "",
    experiment: str = "",
    new: bool = False,
    tell: Tell,
) -> View:
    """Record answers from elsewhere as an arm, and return the experiment's report.

    Parameters
    ----------
    arm : the option that gave the answers
    prompts : what picks one prompt and provider out of a promptfoo file
    model : what answered; promptfoo's files say it themselves
    experiment : the one that they shall stand in; default is the newest one of this
        specification on the same held-out examples, else a new one
    new : make a new experiment in any case

    Raises
    ------
    DatasetError
        If the file cannot be read, an id is unknown or stands twice.
    SpecError
        If the experiment is of other held-out examples or another task.
    StatusError
        If the arm was run here, or these very answers are in it.
    """
    if arm not in ARMS:
        raise SpecError(f"'{arm}' is no arm\n  Arms are {', '.join(ARMS)}.")
    if new and experiment:
        raise SpecError("--new and --experiment\n  Name one of them.")
    model = plain("model", model)
    tell(Event("step", f"Read {path.name}"))
    file = answer_files.read(path, prompts=prompts)
    plan = make_plan(home, spec_path, tell=tell, here=False)
    matched = _matched(home, plan, file)
    with home.store(create=True) as store:
        row = None if new else _into(store, home, plan, experiment)
        if row is not None:
            plan = plan_again(home, row, tell=tell, here=False)
        tell(Event("step", f"Score {len(matched.answers)} answers of the {arm} arm"))
        with holding(home, plan.id):
            _begin(store, home, plan, row)
            try:
                imported_run.record(store, home, plan, arm, file, matched, model=model)
                report = conclude(store, home, plan)
            except BaseException as error:
                close(store, home, plan.id, error)
                raise
    write_facts(plan, report)
    for line in imported_warnings(report["arms"]):
        tell(Event("result", line))
    return report


def _matched(home: Home, plan: Plan, file: AnswerFile) -> Matched:
    split = datasets.load(home, plan.dataset).split(Split.HELDOUT)
    named = plan.spec.dataset_files.get(Split.HELDOUT.value)
    if named and not all(example.id for example in split):
        given = files.load({Split.HELDOUT.value: Path(named)}).dataset
        order = [canonical.example_hash(e) for e in given.split(Split.HELDOUT)]
        if order != [canonical.example_hash(e) for e in split]:
            raise DatasetError(
                f"{named}: its examples have no id and stand in another order than in "
                f"{plan.dataset}: nobody can tell which answer belongs to which\n"
                f"  Answer what 'tunewise dataset export {plan.dataset} DIR' writes."
            )
    return match(file, plan.content.split(Split.HELDOUT), split)


def _into(store: Store, home: Home, plan: Plan, named: str) -> ExperimentRow | None:
    """Return the experiment that the answers go into; None for a new one."""
    if named:
        row = records.get(store, named)
        if row.status is not RunStatus.FINISHED:
            raise StatusError(
                f"experiment {row.id} is {row.status}, and answers go beside arms that "
                "have finished\n"
                f"  Go on with it first: {home.command('experiment', 'resume', row.id)}"
            )
        if why := _other(row, plan):
            raise SpecError(f"experiment {row.id}: {why}\n  Take another, or --new.")
        return row
    rows = [
        row
        for row in reversed(records.list_all(store))
        if row.title == plan.spec.title and row.status is RunStatus.FINISHED
    ]
    for row in rows:
        if not _other(row, plan):
            return row
    if rows:
        raise SpecError(
            f"experiment {rows[0].id}, the newest of this title: "
            f"{_other(rows[0], plan)}\n"
            "  Run the specification as it stands first, name an older experiment with "
            "--experiment, or begin one with these answers alone: --new."
        )
    return None


def _other(row: ExperimentRow, plan: Plan) -> str:
    """Return why scores of a plan cannot stand in an experiment, "" where they can."""
    said = row.body["heldout_digest"]
    if said != plan.heldout_digest:
        return (
            f"it has other held-out examples ({said[:19]}…, the specification "
            f"{plan.heldout_digest[:19]}…), so nothing can be compared"
        )
    if row.dataset != plan.dataset:
        return f"it is on {row.dataset}, the specification on {plan.dataset}"
    task, asked = row.body["spec"]["task"], asdict(plan.spec.task)
    for key in ("type", "metric", "target_score", "margin"):
        if task.get(key) != asked[key]:
            return f"its {key} is {task.get(key)}, the specification's {asked[key]}"
    if row.body.get("schema") != plan.schema:
        return "it has another JSON Schema than the specification"
    return ""


def _begin(store: Store, home: Home, plan: Plan, row: ExperimentRow | None) -> None:
    """Put a new experiment on record; one that is there stays as it is."""
    if row is not None:
        return
    with store.writing(home.actor, home.now()):
        put_on_record(store, home, plan)

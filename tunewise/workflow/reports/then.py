"""What a report would have said as of its head: made once more, by the same software.

    head --copy of the records as of it--> a home in a temporary folder
         --the views of today's commands-> what the report must say

One thing depends on the clock beside: whether a deployment ran. A report does not
say when it was made, so every moment counts at which that changed before the log
went on.
"""

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tracker import audit, blobs, deployments, moments
from tracker import datasets as dataset_records
from tracker import decisions as decision_records
from tracker import experiments as experiment_records
from tracker import runs as run_records
from tracker.as_of import copy_as_of
from tracker.store import Store
from tunewise.domain.errors import TunewiseError
from tunewise.domain.model import AuditEvent
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.home import Home
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models import versions as models
from tunewise.workflow.models.deployments import resolve
from tunewise.workflow.reports import made
from tunewise.workflow.reports.examples import TextsGone
from tunewise.workflow.reports.shortened import EXAMPLES

View = dict[str, Any]

_JUDGED = {"missing", "completeness", "expected"}  # of a version, where it is shown
_WITH_DECISION = {"experiment_views", "dataset_view", "lineage"}  # of older reports


@contextmanager
def homes_then(
    home: Home, store: Store, head: AuditEvent, record: View | None = None
) -> Iterator[list[Home]]:
    """Make the records as of a head into a home, once for each moment that counts.

    Texts of the data go along only for the experiments of which ``record`` has some.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_as_of(store, head, folder / store.path.name)
        if (home.path / "house").is_dir():
            (folder / "house").symlink_to((home.path / "house").absolute())
        then = replace(home, path=folder, last_good=None)
        with then.store() as copy:
            _bring_rule_files(store, copy)
            _bring_texts(store, copy, record or {})
            found = _moments(home, store, copy, head)
        yield [_at(then, moment) for moment in found]


def decision_then(then: Home, record: View) -> View:
    """Return a decision with as much around it as the record has."""
    id = str(record["id"])
    if made.FORM in record:
        return _as_asked(made.decision_report, then, id, record)
    if _WITH_DECISION.isdisjoint(record):
        return decisions.show(then, id)
    return decisions.full(then, id)


def model_then(then: Home, record: View) -> View:
    """Return a model version, with what is missing of it where the record says that."""
    id = str(record["model"])
    shown = lineage.shown(then, id) if _JUDGED & record.keys() else None
    return shown or models.show(then, id)


def dataset_then(then: Home, record: View) -> View:
    """Return a dataset version, with its runs where the record names them."""
    view = datasets.show(then, str(record["dataset"]))
    return {key: said for key, said in view.items() if key != "runs" or key in record}


def experiment_then(then: Home, record: View) -> View:
    """Return an experiment with its arms, and more where it is a report."""
    if made.FORM in record:
        id = str(record["experiment"])
        return _as_asked(made.experiment_report, then, id, record)
    return experiments.show(then, str(record["experiment"]))


def lineage_then(then: Home, record: View) -> View:
    """Return the lineage of a version, as it was asked for."""
    asked = record["asked"]
    reference, at = str(asked["reference"]), str(asked["at"])
    try:
        found = resolve(then, reference, at=at)
    except TunewiseError:  # it stood for several; the version itself is no question
        found = resolve(then, str(record["model"]["model"]), at=at)
    if made.FORM in record:
        return _as_asked(made.lineage_report, then, found, record)
    return lineage.whole(then, found)


def _as_asked(
    make: Callable[..., View], then: Home, subject: object, record: View
) -> View:
    """Make a report once more, with examples where the record has some.

    Where their texts are gone by now, it is made without the key that holds them.
    """
    if record[made.FORM] is not True:
        return make(then, subject)
    try:
        return make(then, subject, with_examples=True)
    except TextsGone:
        view = make(then, subject, with_examples=True, reader=lambda *_: None)
        return {key: said for key, said in view.items() if key != EXAMPLES}


def _at(then: Home, moment: dt.datetime) -> Home:
    return replace(then, clock=lambda: moment)


def _moments(
    home: Home, store: Store, copy: Store, head: AuditEvent
) -> list[dt.datetime]:
    first = moments.parse(head.at)
    after = audit.entry_at(store, head.seq + 1)
    last = moments.parse(after.at if after else home.now())
    turns = {
        moments.parse(turn)
        for deployment in deployments.list_all(copy)
        for turn in (deployment.since, deployment.until)
        if turn
    }
    return [first, *sorted(turn for turn in turns if first < turn <= last)]


def _bring_texts(store: Store, copy: Store, record: View) -> None:
    """Copy what the examples of a report are read from, as far as it is there."""
    parts = record.get(EXAMPLES)
    told = parts if isinstance(parts, list) else []
    named = {str(p.get("experiment")) for p in told if isinstance(p, dict)}
    for row in experiment_records.list_all(copy):
        if row.id not in named:
            continue
        runs = run_records.list_all(copy, experiment=row.id)
        answers = [(run.result or {}).get("answers_blob") for run in runs]
        data = dataset_records.get(copy, row.dataset).body.get("files", {})
        _copy(store, copy, [*filter(None, answers), *data.values()])


def _bring_rule_files(store: Store, copy: Store) -> None:
    """Copy what decisions are shown by; a file that is gone is another check's."""
    for row in decision_records.list_all(copy):
        _copy(store, copy, row.body["rule_files"].values())


def _copy(store: Store, copy: Store, digests: Iterable[str]) -> None:
    for digest in digests:
        source, target = (blobs.path(s.blobs, digest) for s in (store, copy))
        if source.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)

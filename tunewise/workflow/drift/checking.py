"""Drift: does later data still look like what the decision rested on?

    version, its training data, later file --evidence.drift--> findings
    answers, given or made anew            --evidence.drift--> the score, then and now
    findings -> facts that they touch -> the decision's verdict, asked again

The check is recorded with the version: its counts in the log, words and labels of
the data in a blob, which can be taken away again (``drift_records``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tracker import experiments as experiment_records
from tunewise.datasets import files
from tunewise.datasets.canonical import document_hash
from tunewise.datasets.later import Later, read_later
from tunewise.datasets.texts import accepted, prompt_key
from tunewise.domain.dataset import Dataset, Document, Split
from tunewise.domain.errors import DatasetError, NotRecorded
from tunewise.evidence.drift import (
    Asked,
    DriftFinding,
    document_change,
    documents_asked_for,
    drift,
    score_decay,
)
from tunewise.evidence.drift.inputs import longer_by
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.drift import answers as drift_answers
from tunewise.workflow.drift import records as drift_records
from tunewise.workflow.drift import verdict as drift_verdict
from tunewise.workflow.drift.answering import NotAnswered
from tunewise.workflow.drift.answers import Answering
from tunewise.workflow.experiments.telling import Tell
from tunewise.workflow.home import Home
from tunewise.workflow.models import versions as models

View = dict[str, Any]
SEED = 20261123


@dataclass(frozen=True, slots=True)
class _Task:
    """What is known of the task that a version was made for."""

    schema: Mapping[str, object] | None = None
    knowledge: bool = False  # answers rest on documents


def check(
    home: Home,
    model: str,
    data: Path,
    documents: Path | None = None,
    *,
    answering: Answering = Answering(),  # noqa: B008  (a frozen value)
    tell: Tell = lambda _: None,
) -> View:
    """Hold later examples against what a model version was trained on, and record it.

    Parameters
    ----------
    data : Path
        Later requests, with answers that are right or without.
    documents : Path, optional
        The documents as they are now.
    answering : Answering
        Where the model's own answers to them come from.

    Raises
    ------
    NotRecorded
        If the data that the version was made from are not in this home.
    DatasetError
        If a file cannot be read.
    """
    version = models.show(home, model)
    trained_on = _trained_on(home, version)
    reference = [*trained_on.split(Split.TRAIN), *trained_on.split(Split.VALIDATION)]
    later = read_later(data)
    task = _task(home, version, trained_on)
    looked = drift(reference, later.examples, _asked(task), seed=SEED)
    found, skipped = [*looked.findings], dict(looked.skipped)
    found += _of_documents(trained_on, documents, later, skipped)
    try:
        answers = drift_answers.answers_of(home, version, later, answering, tell=tell)
        found.append(score_decay(drift_answers.change(home, version, answers)))
        answered: View | None = answers.view()
    except NotAnswered as why:
        answered, skipped["score"] = None, str(why)
    found.sort(key=lambda f: (not f.drifted, f.code))
    again = drift_verdict.asked_again(
        home, version, found, longer_by=longer_by(reference, later.examples)
    )
    view: View = {
        "model": version["model"],
        "drifted": any(f.drifted for f in found),
        "findings": [asdict(f) for f in found],
        "not_looked_at": skipped,
        "data": {
            "file": data.name,
            "examples": len(later.examples),
            "answered": len(later.answered),
            "unread": list(later.unread),
            "dataset": version["dataset"],
            "reference": len(reference),
        },
        "answers": answered,
        **again,
    }
    recorded = drift_records.record(home, version["model"], view)
    faults = [{"code": f.code, "message": f.message} for f in later.faults]
    return {**view, "check": recorded, "unread_because": faults}


def _trained_on(home: Home, version: View) -> Dataset:
    if not version["dataset"]:
        raise NotRecorded(
            f"model {version['model']}: the data that it was made from are not here\n"
            "  Drift is measured against a dataset version of this home."
        )
    found = datasets.load(home, version["dataset"])
    if not (found.split(Split.TRAIN) or found.split(Split.VALIDATION)):
        raise DatasetError(
            f"{version['dataset']}: it has no training and no validation examples\n"
            "  Drift is measured against what the model was trained and picked on."
        )
    return found


def _task(home: Home, version: View, trained_on: Dataset) -> _Task:
    knowledge = bool(trained_on.documents)
    if not version["experiment"]:
        return _Task(knowledge=knowledge)
    with home.store() as store:
        body = experiment_records.get(store, version["experiment"]).body
    kind = body["spec"]["task"]["type"]
    return _Task(body.get("schema"), knowledge or kind == "knowledge_qa")


def _asked(task: _Task) -> Asked:
    changing = "knowledge_changes" if task.knowledge else "labels_or_rules_change_often"
    schema = task.schema
    return Asked(
        prompt_key=prompt_key,
        accepted=accepted,
        answers_fact=changing,
        is_valid=drift_answers.satisfies(schema) if schema else None,
    )


def _of_documents(
    trained_on: Dataset, path: Path | None, later: Later, skipped: dict[str, str]
) -> list[DriftFinding]:
    if path is None:
        if trained_on.documents:
            skipped["documents"] = "name the documents of today with --documents"
        return []
    if not trained_on.documents:
        skipped["documents"] = "the model was made without documents"
        return []
    loaded = files.load({"documents": path})
    if not loaded.dataset.documents:
        raise DatasetError(
            f"{path}: holds no document that can be read\n"
            "  See what is wrong with 'tunewise dataset check --documents'."
        )
    before, now = _hashes(trained_on.documents), _hashes(loaded.dataset.documents)
    asked_for = documents_asked_for(later.examples, before, now)
    return [document_change(before, now), *([asked_for] if asked_for else [])]


def _hashes(documents: Sequence[Document]) -> dict[str, str]:
    return {d.id: document_hash(d) for d in documents}

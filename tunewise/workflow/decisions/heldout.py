"""Every run on the held-out split of a decision, cited or not, failed or not.

A split that was looked at often is a split that was tuned on. An experiment belongs
here when it answered the same held-out examples, or others of the same split (a
limit takes a part of it), whatever its dataset version is called.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracker import audit, datasets
from tracker import experiments as experiment_records
from tracker import runs as run_records
from tracker.decision_row import DecisionRow
from tracker.experiments import ExperimentRow
from tracker.runs import RunRow
from tracker.store import Store
from tunewise.domain.dataset import Split
from tunewise.domain.errors import NotRecorded
from tunewise.domain.experiment import RunStatus
from tunewise.domain.facts import EvidenceKind
from tunewise.domain.record import HeldoutRun
from tunewise.workflow.decisions.links import RECORDED


@dataclass(frozen=True, slots=True)
class OnSplit:
    """An experiment on the held-out split of a decision, and its runs."""

    experiment: ExperimentRow
    runs: tuple[RunRow, ...]
    same_examples: bool


def experiments_on_split(store: Store, row: DecisionRow) -> list[OnSplit]:
    """Return every experiment on a decision's held-out split, oldest first."""
    cited = [experiment_records.get(store, id) for id in row.experiments]
    answered = {str(found.body.get("heldout_digest", "")) for found in cited} - {""}
    whole = {_whole_split(store, found.dataset) for found in cited}
    whole |= {_whole_split(store, ref) for ref in _evidence(row, EvidenceKind.DATASET)}
    whole.discard("")
    if not answered | whole:
        return []
    found = []
    for experiment in experiment_records.list_all(store):
        digest = str(experiment.body.get("heldout_digest", ""))
        splits = {digest, _whole_split(store, experiment.dataset)}
        if splits & (answered | whole):
            runs = run_records.list_all(store, experiment=experiment.id)
            same = digest in (answered or whole)
            found.append(OnSplit(experiment, tuple(runs), same))
    return found


def runs_of(found: Iterable[OnSplit], row: DecisionRow) -> list[HeldoutRun]:
    """Return their runs in the order they were made, each with its primary score."""
    named = {*_evidence(row, EvidenceKind.RUN)}
    whole = {*_evidence(row, EvidenceKind.EXPERIMENT)}
    runs = [
        _run(on_split, run, cited=run.id in named or run.experiment in whole)
        for on_split in found
        for run in on_split.runs
    ]
    return sorted(runs, key=lambda run: run.at)


def first_score(store: Store, found: Iterable[OnSplit]) -> int | None:
    """Return the log entry of the first finished run, None where none has finished."""
    entries = [
        entry.seq
        for on_split in found
        for run in on_split.runs
        if run.status is RunStatus.FINISHED
        for entry in audit.events(store, subject=run.id, action="run.finished")
    ]
    return min(entries, default=None)


def _run(on_split: OnSplit, run: RunRow, *, cited: bool) -> HeldoutRun:
    metric = on_split.experiment.body["spec"]["task"]["metric"]
    return HeldoutRun(
        run=run.id,
        experiment=run.experiment,
        arm=run.arm,
        seed=run.seed,
        status=run.status.value,
        metric=metric,
        score=(run.result or {}).get("metrics", {}).get(metric),
        at=run.at,
        cited=cited,
        same_examples=on_split.same_examples,
        error=run.error,
    )


def _whole_split(store: Store, dataset: str) -> str:
    """Return the digest of a dataset version's held-out split, "" where unknown."""
    try:
        body = datasets.get(store, dataset).body
    except NotRecorded:
        return ""
    return str(body.get("splits", {}).get(Split.HELDOUT.value, {}).get("digest", ""))


def _evidence(row: DecisionRow, kind: EvidenceKind) -> list[str]:
    """Return what the facts name as evidence of a kind."""
    links = row.body.get("evidence_links")
    if links is None:  # as older software recorded it
        pairs = [text.partition(":") for text in row.body["evidence"]]
        return [reference for found, _, reference in pairs if found == kind]
    return [link["reference"] for link in links if kind in (link["kind"], _is(link))]


def _is(link: Mapping[str, str]) -> str:
    """Return what a link is: a document that is recorded here is a dataset version."""
    recorded = link["kind"] == EvidenceKind.DOCUMENT and link["found"] == RECORDED
    return EvidenceKind.DATASET if recorded else link["kind"]

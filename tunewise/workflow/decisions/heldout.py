"""Every run on the held-out split of a decision, cited or not, failed or not.

A split that was looked at often is a split that was tuned on. An experiment belongs
here when it answered the same held-out examples, or others of the same split (a
limit takes a part of it), whatever its dataset version is called.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracker import audit, datasets, on_split
from tracker import experiments as experiment_records
from tracker.decision_row import DecisionRow
from tracker.on_split import SplitExperiment
from tracker.runs import RunRow
from tracker.store import Store
from tunewise.domain.dataset import Split
from tunewise.domain.errors import NotRecorded
from tunewise.domain.facts import EvidenceKind
from tunewise.domain.record import HeldoutRun
from tunewise.workflow.decisions.links import RECORDED

SHOWN = 100  # runs that a decision lists; it gives the number of all


@dataclass(frozen=True, slots=True)
class OnSplit:
    """What is recorded on the held-out split of a decision."""

    answered: frozenset[str]  # digests of the examples that it rests on
    datasets: tuple[str, ...]  # versions that have the split
    experiments: tuple[SplitExperiment, ...]  # oldest first
    cited: tuple[str, ...]  # runs, and experiments with all of theirs
    upto: int = audit.LAST  # the log entry after which nothing counts

    @property
    def ids(self) -> list[str]:
        """The experiments by id."""
        return [experiment.id for experiment in self.experiments]


def on_split_of(store: Store, row: DecisionRow, *, upto: int = audit.LAST) -> OnSplit:
    """Return what was recorded on a decision's held-out split, by a log entry."""
    cited = [experiment_records.get(store, id) for id in row.experiments]
    answered = {str(found.body.get("heldout_digest", "")) for found in cited}
    whole = {_whole_split(store, found.dataset) for found in cited}
    whole |= {_whole_split(store, ref) for ref in _evidence(row, EvidenceKind.DATASET)}
    answered, whole = answered - {""}, whole - {""}
    versions = on_split.datasets(store, answered | whole)
    found = on_split.experiments(
        store, answered=answered | whole, on=versions, upto=upto
    )
    return OnSplit(
        answered=frozenset(answered or whole),
        datasets=tuple(versions),
        experiments=tuple(found),
        cited=(
            *_evidence(row, EvidenceKind.RUN),
            *_evidence(row, EvidenceKind.EXPERIMENT),
        ),
        upto=upto,
    )


def runs_of(store: Store, found: OnSplit) -> list[RunRow]:
    """Return the runs that a decision lists, in the order they were made."""
    return on_split.first_runs(
        store, found.ids, cited=found.cited, limit=SHOWN, upto=found.upto
    )


def listed(found: OnSplit, runs: Iterable[RunRow]) -> list[HeldoutRun]:
    """Return these runs as a decision lists them, each with its primary score."""
    by_id = {experiment.id: experiment for experiment in found.experiments}
    return [_run(found, by_id[run.experiment], run) for run in runs]


def _run(found: OnSplit, experiment: SplitExperiment, run: RunRow) -> HeldoutRun:
    metric = experiment.spec["task"]["metric"]
    return HeldoutRun(
        run=run.id,
        experiment=run.experiment,
        arm=run.arm,
        seed=run.seed,
        status=run.status.value,
        metric=metric,
        score=(run.result or {}).get("metrics", {}).get(metric),
        at=run.at,
        cited=run.id in found.cited or run.experiment in found.cited,
        same_examples=experiment.heldout_digest in found.answered,
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
    """Return what a link to a record is: a dataset version, or a run."""
    if link["found"] != RECORDED:
        return link["kind"]
    return _RECORDED_AS.get(link["kind"], link["kind"])


_RECORDED_AS: Mapping[str, str] = {
    EvidenceKind.DOCUMENT: EvidenceKind.DATASET,
    EvidenceKind.IMPORTED: EvidenceKind.RUN,
}

import pytest

from tracker import audit, datasets, experiments
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import NotRecorded, StatusError
from tunewise.domain.experiment import RunStatus

WHO = {"actor": Actor("ana"), "at": "2026-11-22T10:00:00Z"}


@pytest.fixture
def created(store: Store) -> Store:
    datasets.register(store, "triage", digest="sha256:a", body={}, **WHO)
    experiments.create(
        store, "e-1", title="Triage", dataset="triage@1", body={"arms": ["rag"]}, **WHO
    )
    return store


def test_an_experiment_goes_from_queued_to_finished(created: Store) -> None:
    queued = experiments.get(created, "e-1")
    running = experiments.start(created, "e-1", **WHO)
    finished = experiments.finish(created, "e-1", report={"rag": 0.8}, **WHO)

    statuses = [row.status for row in (queued, running, finished)]
    assert statuses == [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.FINISHED]
    assert finished.body == {"arms": ["rag"]}
    assert finished.report == {"rag": 0.8}


def test_a_failed_experiment_says_why_and_can_go_on(created: Store) -> None:
    experiments.start(created, "e-1", **WHO)
    failed = experiments.fail(created, "e-1", because="disk full", **WHO)
    again = experiments.start(created, "e-1", **WHO)

    assert (failed.status, failed.error) == (RunStatus.FAILED, "disk full")
    assert (again.status, again.error) == (RunStatus.RUNNING, "")


def test_a_newer_report_counts_and_the_older_stays(created: Store) -> None:
    experiments.start(created, "e-1", **WHO)
    experiments.finish(created, "e-1", report={"n": 1}, **WHO)

    row = experiments.finish(created, "e-1", report={"n": 2}, **WHO)

    assert row.report == {"n": 2}
    reports = [e.body["report"] for e in row.events if e.action == "finished"]
    assert reports == [{"n": 1}, {"n": 2}]
    assert audit.verify(created) == []


def test_steps_out_of_order_are_refused(created: Store) -> None:
    with pytest.raises(StatusError, match="e-1 is queued and cannot be finished"):
        experiments.finish(created, "e-1", report={}, **WHO)
    experiments.cancel(created, "e-1", because="typo", **WHO)
    with pytest.raises(StatusError, match="e-1 is cancelled and cannot be failed"):
        experiments.fail(created, "e-1", because="x", **WHO)


def test_experiments_are_listed_by_dataset(created: Store) -> None:
    experiments.create(created, "e-2", title="t", dataset="", body={}, **WHO)

    assert [e.id for e in experiments.list_all(created)] == ["e-1", "e-2"]
    assert [e.id for e in experiments.list_all(created, dataset="triage@1")] == ["e-1"]


def test_an_unknown_experiment_is_not_recorded(created: Store) -> None:
    with pytest.raises(NotRecorded, match="e-1"):
        experiments.get(created, "e-11")


def test_what_runs_is_asked_of_the_newest_event(created: Store) -> None:
    for id in ("e-2", "e-3", "e-4"):
        experiments.create(created, id, title="T", dataset="triage@1", body={}, **WHO)
    for id in ("e-1", "e-2", "e-3"):
        experiments.start(created, id, **WHO)
    experiments.fail(created, "e-1", because="disk full", **WHO)
    experiments.cancel(created, "e-2", because="enough", **WHO)
    experiments.start(created, "e-1", **WHO)

    every = experiments.list_all(created)
    running = [row.id for row in every if row.status is RunStatus.RUNNING]
    assert experiments.running(created) == running == ["e-1", "e-3"]


def test_the_newest_are_as_the_list_ends(created: Store) -> None:
    for id in ("e-9", "e-3", "e-4"):
        experiments.create(created, id, title="T", dataset="triage@1", body={}, **WHO)

    assert experiments.newest(created, 2) == experiments.list_all(created)[-2:]
    assert experiments.newest(created, 9) == experiments.list_all(created)

import pytest

from tracker import audit, experiments, runs
from tracker.runs import RunRow
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError
from tunewise.domain.experiment import RunStatus

ANA = Actor("ana")


def minute(n: int) -> str:
    return f"2026-11-22T10:{n:02}:00Z"


def at(n: int) -> dict[str, object]:
    return {"actor": ANA, "at": minute(n)}


def claim(store: Store, *, now: int, until: int, owner: str = "w1") -> RunRow:
    return runs.claim(store, "r-1", owner=owner, lease_until=minute(until), **at(now))


@pytest.fixture
def queued(store: Store) -> Store:
    experiments.create(store, "e-1", title="t", dataset="", body={}, **at(0))
    spec = {"k": 3}
    runs.create(store, "r-1", experiment="e-1", arm="rag", seed=7, body=spec, **at(0))
    return store


def test_a_run_is_recorded_before_it_starts(queued: Store) -> None:
    row = runs.get(queued, "r-1")

    assert (row.status, row.attempt, row.started_at) == (RunStatus.QUEUED, 0, "")
    assert (row.experiment, row.arm, row.seed, row.body) == ("e-1", "rag", 7, {"k": 3})


def test_a_claimed_run_is_held_and_its_result_kept(queued: Store) -> None:
    held = claim(queued, now=1, until=5)

    done = runs.finish(queued, "r-1", attempt=1, result={"f1": 0.8}, **at(2))

    assert (held.status, held.owner, held.attempt) == (RunStatus.RUNNING, "w1", 1)
    assert held.lease_until == minute(5)
    assert (done.status, done.result) == (RunStatus.FINISHED, {"f1": 0.8})
    assert (done.started_at, done.ended_at) == (minute(1), minute(2))
    assert done.lease_until == ""
    assert audit.verify(queued) == []


def test_a_held_run_cannot_be_claimed_by_another(queued: Store) -> None:
    claim(queued, now=1, until=5)

    with pytest.raises(StatusError, match=f"held by w1 until {minute(5)}"):
        claim(queued, now=4, until=9, owner="w2")


def test_after_the_lease_another_takes_over_and_the_first_is_refused(
    queued: Store,
) -> None:
    claim(queued, now=1, until=5)
    assert [row.id for row in runs.abandoned(queued, at=minute(6))] == ["r-1"]

    taken = claim(queued, now=6, until=9, owner="w2")

    assert (taken.attempt, taken.owner) == (2, "w2")
    for late in (
        lambda: runs.finish(queued, "r-1", attempt=1, result={}, **at(7)),
        lambda: runs.fail(queued, "r-1", attempt=1, because="x", **at(7)),
        lambda: runs.renew(queued, "r-1", attempt=1, lease_until=minute(9), **at(7)),
    ):
        with pytest.raises(StatusError, match="attempt 1 is over, w2 works on"):
            late()
    done = runs.finish(queued, "r-1", attempt=2, result={"n": 2}, **at(8))
    assert done.result == {"n": 2}


def test_renewing_keeps_the_lease_and_is_not_logged(queued: Store) -> None:
    claim(queued, now=1, until=5)
    head = audit.head(queued)

    row = runs.renew(queued, "r-1", attempt=1, lease_until=minute(9), **at(4))

    assert row.lease_until == minute(9)
    assert audit.head(queued) == head
    assert runs.abandoned(queued, at=minute(6)) == []


def test_a_failed_run_stays_and_can_be_requeued(queued: Store) -> None:
    claim(queued, now=1, until=5)
    failed = runs.fail(queued, "r-1", attempt=1, because="out of memory", **at(2))
    again = runs.requeue(queued, "r-1", because="more memory", **at(3))
    second = claim(queued, now=4, until=9)

    assert (failed.status, failed.error) == (RunStatus.FAILED, "out of memory")
    assert (again.status, again.error) == (RunStatus.QUEUED, "")
    assert second.attempt == 2
    assert [e.action for e in second.events] == [
        "claimed",
        "failed",
        "requeued",
        "claimed",
    ]


def test_a_cancelled_run_tells_its_owner_to_stop(queued: Store) -> None:
    claim(queued, now=1, until=5)

    row = runs.cancel(queued, "r-1", because="wrong data", **at(2))

    assert (row.status, row.error) == (RunStatus.CANCELLED, "wrong data")
    with pytest.raises(StatusError, match="is cancelled and cannot be renewed"):
        runs.renew(queued, "r-1", attempt=1, lease_until=minute(9), **at(3))


def test_steps_out_of_order_are_refused(queued: Store) -> None:
    with pytest.raises(StatusError, match="is queued and cannot be finished"):
        runs.finish(queued, "r-1", attempt=1, result={}, **at(1))
    with pytest.raises(StatusError, match="is queued and cannot be requeued"):
        runs.requeue(queued, "r-1", because="x", **at(1))
    claim(queued, now=1, until=5)
    runs.finish(queued, "r-1", attempt=1, result={}, **at(2))
    with pytest.raises(StatusError, match="is finished and cannot be claimed"):
        claim(queued, now=9, until=10)
    with pytest.raises(StatusError, match="is finished and cannot be cancelled"):
        runs.cancel(queued, "r-1", because="x", **at(9))


def test_runs_are_listed_by_experiment_and_status(queued: Store) -> None:
    spec: dict[str, object] = {}
    runs.create(queued, "r-2", experiment="", arm="rag", seed=0, body=spec, **at(0))
    claim(queued, now=1, until=5)

    assert [row.id for row in runs.list_all(queued)] == ["r-1", "r-2"]
    assert [row.id for row in runs.list_all(queued, experiment="e-1")] == ["r-1"]
    assert [row.id for row in runs.list_all(queued, status="queued")] == ["r-2"]

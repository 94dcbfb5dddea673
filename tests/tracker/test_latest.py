import math

import pytest

from tracker import audit, latest, points, runs
from tracker.points import Point
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError

AT = "2026-11-22T10:00:00Z"
WHO = {"actor": Actor("ana"), "at": AT}


def start(store: Store, id: str) -> None:
    runs.create(store, id, experiment="", arm="finetune", seed=0, body={}, **WHO)
    runs.claim(store, id, owner="w", lease_until="2026-11-22T11:00:00Z", **WHO)


def add(store: Store, id: str, *values: float) -> None:
    made = [Point("loss", step, value, AT) for step, value in enumerate(values)]
    points.add(store, id, attempt=1, points=made, **WHO)


@pytest.fixture
def finished(store: Store) -> Store:
    start(store, "r-1")
    add(store, "r-1", 0.9, 0.4)
    add(store, "r-1", 0.5)
    result = {"metrics": {"accuracy": 0.75, "note": "kept out", "known": True}}
    runs.finish(store, "r-1", attempt=1, result=result, **WHO)
    return store


def test_the_last_point_of_a_metric_and_the_result_are_the_latest(
    finished: Store,
) -> None:
    start(finished, "r-2")

    assert latest.of_runs(finished, ["r-1", "r-2"]) == {
        "r-1": {"loss": 0.5, "accuracy": 0.75},
        "r-2": {},
    }


def test_a_result_stands_above_the_points_of_the_same_metric(store: Store) -> None:
    start(store, "r-1")
    add(store, "r-1", 0.9)

    runs.finish(store, "r-1", attempt=1, result={"metrics": {"loss": 0.1}}, **WHO)

    assert latest.of_runs(store, ["r-1"])["r-1"] == {"loss": 0.1}
    assert audit.verify(store) == []


def test_a_latest_value_that_is_no_number_is_none(store: Store) -> None:
    start(store, "r-1")

    add(store, "r-1", 0.5, math.nan)

    assert latest.of_runs(store, ["r-1"])["r-1"] == {"loss": None}
    assert audit.verify(store) == []


def test_a_run_that_cannot_finish_leaves_no_latest_values(store: Store) -> None:
    start(store, "r-1")

    with pytest.raises(StatusError, match="attempt 2 is over"):
        runs.finish(store, "r-1", attempt=2, result={"metrics": {"f1": 1.0}}, **WHO)

    assert latest.of_runs(store, ["r-1"])["r-1"] == {}


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "UPDATE latest SET value = 0.99 WHERE metric = 'accuracy'",
            "the index of metrics says 0.99 for accuracy, the record 0.75",
        ),
        (
            "DELETE FROM latest WHERE metric = 'loss'",
            "the index of metrics says nothing for loss, the record 0.5",
        ),
        (
            "INSERT INTO latest VALUES ('r-1', 'f1', 0.9)",
            "the index of metrics says 0.9 for f1, the record nothing",
        ),
    ],
)
def test_an_index_changed_from_outside_is_found(
    finished: Store, statement: str, message: str
) -> None:
    finished.db.execute(statement)

    found = audit.verify(finished)

    assert [(p.kind, p.record) for p in found] == [("derived", "r-1")]
    assert message in found[0].message

import math

import pytest

from tracker import audit, points, runs
from tracker.points import Point
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError

AT = "2026-11-22T10:00:00Z"
WHO = {"actor": Actor("ana"), "at": AT}


@pytest.fixture
def running(store: Store) -> Store:
    runs.create(store, "r-1", experiment="", arm="finetune", seed=0, body={}, **WHO)
    runs.claim(store, "r-1", owner="w", lease_until="2026-11-22T11:00:00Z", **WHO)
    return store


def add(store: Store, *values: float, attempt: int = 1) -> None:
    made = [Point("loss", step, value, AT) for step, value in enumerate(values)]
    points.add(store, "r-1", attempt=attempt, points=made, **WHO)


def seals(store: Store) -> list[int]:
    events = runs.get(store, "r-1").events
    return [e.body["points"] for e in events if e.action == "points-sealed"]


def test_points_read_back_in_order_and_what_is_no_number_is_none(
    running: Store,
) -> None:
    add(running, 0.5, math.nan, math.inf)

    read = points.read(running, "r-1", metric="loss")

    assert [point.value for point in read] == [0.5, None, None]
    assert points.read(running, "r-1", metric="other") == []


def test_the_end_of_a_run_seals_its_points_into_the_log(running: Store) -> None:
    add(running, 0.5, 0.4)
    add(running, 0.3)
    assert seals(running) == []

    runs.finish(running, "r-1", attempt=1, result={}, **WHO)

    assert seals(running) == [3]
    assert audit.verify(running) == []


def test_every_ten_thousand_points_are_sealed(
    running: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "SEAL_EVERY", 10)

    for _ in range(5):
        add(running, 0.1, 0.2, 0.3, 0.4)

    assert seals(running) == [12]  # at 12 >= 10; the 8 after it are still open


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE points SET value = 0.1 WHERE step = 1",
        "DELETE FROM points WHERE step = 0",
        'INSERT INTO points SELECT 99, run, metric, 9, 0, "at" FROM points LIMIT 1',
    ],
)
def test_sealed_points_changed_from_outside_are_found(
    running: Store, statement: str
) -> None:
    add(running, 0.5, 0.4)
    runs.finish(running, "r-1", attempt=1, result={}, **WHO)

    running.db.execute(statement)

    assert [(p.kind, p.record) for p in audit.verify(running)] == [("altered", "r-1")]


def test_points_of_an_attempt_that_is_over_are_refused(running: Store) -> None:
    with pytest.raises(StatusError, match="attempt 2 is not running"):
        add(running, 0.5, attempt=2)
    runs.finish(running, "r-1", attempt=1, result={}, **WHO)
    with pytest.raises(StatusError, match="attempt 1 is not running"):
        add(running, 0.5)

    assert points.read(running, "r-1") == []

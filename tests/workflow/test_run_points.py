from collections.abc import Iterator

import pytest

from tracker import points, runs
from tracker.points import Point
from tracker.store import Store
from tunewise.domain.errors import EnvironmentProblem, StatusError
from tunewise.workflow.experiments.points import RunPoints
from tunewise.workflow.home import Home

AT = 1_764_000_000.5  # seconds, as the trainer writes them
TRAINED = {"at": AT, "stage": "train", "done": 8, "total": 80, "step_loss": 1.25}
ANSWERED = {"at": AT, "stage": "heldout", "done": 1, "total": 10}
BEGUN = {"at": AT, "stage": "load", "message": "finetune arm"}


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    who = {"actor": home.actor, "at": home.now()}
    with home.store(create=True) as opened:
        runs.create(opened, "r", experiment="", arm="a", seed=0, body={}, **who)
        runs.claim(opened, "r", owner="w", lease_until="2099-01-01", **who)
        yield opened


def test_what_an_entry_measures_becomes_points_and_how_far_it_is_does_not(
    home: Home, store: Store
) -> None:
    RunPoints(store, home, "r", 1).add([BEGUN, TRAINED, ANSWERED])

    moment = "2025-11-24T16:00:00.500+00:00"
    assert points.read(store, "r") == [Point("step_loss", 8, 1.25, moment)]


def test_points_wait_where_the_store_is_locked_for_a_moment(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = RunPoints(store, home, "r", 1)

    def locked(*_: object, **__: object) -> None:
        raise EnvironmentProblem("another process has been writing for too long")

    with monkeypatch.context() as patched:
        patched.setattr(points, "add", locked)
        written.add([TRAINED])
        with pytest.raises(EnvironmentProblem):
            written.write()  # at the end of a run nothing may be lost in silence
    written.add([{**TRAINED, "done": 16}])

    assert [point.step for point in points.read(store, "r")] == [8, 16]


def test_an_attempt_that_is_over_is_told_to_stop(home: Home, store: Store) -> None:
    with pytest.raises(StatusError, match="attempt 2 is not running"):
        RunPoints(store, home, "r", 2).add([TRAINED])

from collections.abc import Sequence

import pytest

from tracker import points, runs
from tracker.points import Point
from tracker.run_pages import Condition, condition, page
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import SpecError

AT = "2026-11-22T10:00:00Z"
WHO = {"actor": Actor("ana"), "at": AT}
LEASE = "2026-11-22T11:00:00Z"


@pytest.fixture
def filled(store: Store) -> Store:
    """Record r-0 to r-5: finished with rising accuracy, and one that failed."""
    for n in range(6):
        id, arm = f"r-{n}", ("prompt", "rag")[n % 2]
        body = {"finetune": {"rank": 8 * (n % 3), "method": "lora"}, "merged": n == 4}
        runs.create(store, id, experiment="", arm=arm, seed=n, body=body, **WHO)
        runs.claim(store, id, owner="w", lease_until=LEASE, **WHO)
        runs.finish(
            store, id, attempt=1, result={"metrics": {"accuracy": n / 10}}, **WHO
        )
    runs.create(store, "r-6", experiment="", arm="rag", seed=0, body={}, **WHO)
    runs.claim(store, "r-6", owner="w", lease_until=LEASE, **WHO)
    runs.fail(store, "r-6", attempt=1, because="out of memory", **WHO)
    runs.create(store, "r-7", experiment="", arm="rag", seed=0, body={}, **WHO)
    return store


def ids(store: Store, *where: str, sort: str = "at", **more: int) -> list[str]:
    found = page(store, where=[condition(text) for text in where], sort=sort, **more)
    return [row.id for row in found]


def test_the_best_run_by_a_metric_is_the_first_of_its_page(filled: Store) -> None:
    assert ids(filled, sort="-accuracy", limit=1) == ["r-5"]
    assert ids(filled, sort="accuracy", limit=2) == ["r-0", "r-1"]


def test_the_best_run_is_found_by_the_index_and_no_table_is_walked(
    filled: Store,
) -> None:
    asked: list[str] = []
    filled.db.conn.set_trace_callback(asked.append)
    page(filled, sort="-accuracy", limit=1)
    filled.db.conn.set_trace_callback(None)

    query = next(sql for sql in asked if "FROM latest CROSS JOIN runs" in sql)
    plan = [row["detail"] for row in filled.rows(f"EXPLAIN QUERY PLAN {query}")]

    assert any("USING COVERING INDEX latest_metric" in step for step in plan)
    assert not any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in plan)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (["arm = rag", "accuracy > 0.1"], ["r-3", "r-5"]),
        (["arm != rag", "accuracy <= 0.2"], ["r-0", "r-2"]),
        (["seed = 4"], ["r-4"]),
        (["seed >= 4"], ["r-4", "r-5"]),
        (["run ~ -3"], ["r-3"]),
        (["by = ana", "status = failed"], ["r-6"]),
        (["status = queued"], ["r-7"]),
        (["status != finished"], ["r-6", "r-7"]),
        (["config.finetune.rank = 16"], ["r-2", "r-5"]),
        (["config.finetune.method = lora", "seed < 1"], ["r-0"]),
        (["config.merged = true"], ["r-4"]),
        (["at >= 2026-11-23"], []),
        (["nothing > 0"], []),
        (["arm = rag'; DROP TABLE runs --"], []),
    ],
)
def test_a_page_holds_what_meets_every_condition(
    filled: Store, where: Sequence[str], found: list[str]
) -> None:
    assert ids(filled, *where) == found


def test_pages_follow_each_other_in_order(filled: Store) -> None:
    newest = ids(filled, sort="-at")

    assert newest == [f"r-{n}" for n in range(7, -1, -1)]
    assert ids(filled, sort="-at", limit=3, offset=3) == newest[3:6]


def test_a_run_whose_latest_value_is_no_number_is_not_among_the_best(
    filled: Store,
) -> None:
    runs.claim(filled, "r-7", owner="w", lease_until=LEASE, **WHO)
    lost = [Point("accuracy", 1, float("nan"), AT)]
    points.add(filled, "r-7", attempt=1, points=lost, **WHO)

    assert ids(filled, sort="accuracy", limit=1) == ["r-0"]


def test_an_order_that_no_run_has_is_explained(filled: Store) -> None:
    with pytest.raises(
        SpecError, match=r"sort acuracy: no run has this metric\n.*accuracy"
    ):
        ids(filled, sort="-acuracy")


def test_nothing_recorded_is_no_mistake(store: Store) -> None:
    assert ids(store, sort="-accuracy") == []


def test_a_condition_reads_as_it_is_written() -> None:
    assert condition(" f1>=0.5 ") == Condition("f1", ">=", "0.5")
    assert condition("arm = nearest example") == Condition(
        "arm", "=", "nearest example"
    )


@pytest.mark.parametrize("text", ["", "f1", "f1 >", "> 3", "f1 of 3"])
def test_what_is_no_condition_is_explained(text: str) -> None:
    with pytest.raises(SpecError, match="is not a condition\n  Write FIELD OPERATOR"):
        condition(text)


@pytest.mark.parametrize("text", ["f1 > high", "f1 ~ 0.5", "owner = ana"])
def test_a_metric_is_compared_with_numbers_only(filled: Store, text: str) -> None:
    with pytest.raises(SpecError, match="is taken for a metric"):
        ids(filled, text)


@pytest.mark.parametrize("text", ["status = done", "status > failed"])
def test_a_status_that_is_none_is_explained(filled: Store, text: str) -> None:
    with pytest.raises(SpecError, match="Write status = or != one of queued, running"):
        ids(filled, text)

from collections.abc import Sequence

import pytest

from tracker import datasets, experiments, points, runs
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


SPLIT, PART, OTHER = ("sha256:" + c * 64 for c in "abc")


@pytest.fixture
def on_splits(filled: Store) -> Store:
    """Add runs of experiments on desk@1 and mail@1 (one split) and desk@2 (another).

    e-part answered a part of the split, e-copy all of it as mail@1.
    """
    for name, split in (("desk", SPLIT), ("mail", SPLIT), ("desk", OTHER)):
        body = {"splits": {"heldout": {"digest": split}}}
        digest = f"sha256:{name}{split}"
        datasets.register(filled, name, digest=digest, body=body, **WHO)
    for id, dataset, answered in (
        ("e-all", "desk@1", SPLIT),
        ("e-part", "desk@1", PART),
        ("e-copy", "mail@1", SPLIT),
        ("e-next", "desk@2", OTHER),
        ("e-none", "", ""),
    ):
        body = {"heldout_digest": answered}
        experiments.create(filled, id, title=id, dataset=dataset, body=body, **WHO)
        run = f"r-{id.removeprefix('e-')}"
        runs.create(filled, run, experiment=id, arm="rag", seed=7, body={}, **WHO)
    return filled


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("dataset = desk@1", ["r-all", "r-part"]),
        ("dataset = desk@9", []),
        ("dataset != desk@1", ["r-copy", "r-next", "r-none"]),
        ("dataset ~ DESK@", ["r-all", "r-part", "r-next"]),
        ("heldout = desk@1", ["r-all", "r-part", "r-copy"]),
        ("heldout = mail@1", ["r-all", "r-part", "r-copy"]),
        (f"heldout = {SPLIT}", ["r-all", "r-part", "r-copy"]),
        (f"heldout = {PART}", ["r-part"]),
        ("heldout = desk@2", ["r-next"]),
        ("heldout != desk@1", ["r-next", "r-none"]),
        ("heldout = ghost@1", []),
    ],
)
def test_runs_are_found_by_dataset_and_by_held_out_split(
    on_splits: Store, where: str, found: list[str]
) -> None:
    assert ids(on_splits, where, "seed = 7") == found


def test_runs_without_an_experiment_are_on_no_other_split(on_splits: Store) -> None:
    assert "r-0" in ids(on_splits, "heldout != desk@1")


def test_runs_on_a_split_are_found_beside_a_damaged_experiment(
    on_splits: Store,
) -> None:
    on_splits.db.execute("DROP TRIGGER experiments_update")
    on_splits.db.execute("UPDATE experiments SET body = 'x' WHERE id = 'e-next'")

    assert ids(on_splits, "heldout = mail@1") == ["r-all", "r-part", "r-copy"]


@pytest.mark.parametrize("where", ["dataset = desk@1", "heldout = desk@1"])
def test_runs_of_a_dataset_are_found_by_their_index(
    on_splits: Store, where: str
) -> None:
    asked: list[str] = []
    on_splits.db.conn.set_trace_callback(asked.append)
    page(on_splits, where=[condition(where)])
    on_splits.db.conn.set_trace_callback(None)

    query = next(sql for sql in asked if "FROM runs WHERE" in sql)
    plan = [row["detail"] for row in on_splits.rows(f"EXPLAIN QUERY PLAN {query}")]

    assert any("SEARCH runs USING INDEX runs_experiment" in step for step in plan)
    assert not any("SCAN runs" in step for step in plan)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("dataset = desk", "For every version: dataset ~ NAME@"),
        ("dataset > desk@1", "Write dataset = or != a version as NAME@N"),
        ("heldout ~ desk@1", "as NAME@N, or the digest of the split"),
        ("heldout = desk", "as NAME@N, or the digest of the split"),
    ],
)
def test_a_split_that_cannot_be_asked_for_is_explained(
    filled: Store, text: str, told: str
) -> None:
    with pytest.raises(
        SpecError, match=f"^{text}: no run can be asked that\n(.|\n)*{told}"
    ):
        ids(filled, text)

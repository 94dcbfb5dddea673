import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tracker import audit, datasets, decisions, points, runs, schema
from tracker.points import Point
from tracker.store import open_store, open_to_read
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem

AT = "2026-11-22T10:00:00Z"
WHO = {"actor": Actor("Ada"), "at": AT}


@pytest.fixture
def filled(path: Path) -> Path:
    """Two decisions of which one is accepted, a dataset version, a run with points."""
    with open_store(path) as store:
        for id in ("d-1", "d-2"):
            decisions.propose(
                store, id, title=id, recommended="rag", body={}, supersedes="", **WHO
            )
        decisions.accept(store, "d-1", choice="rag", **WHO)
        datasets.register(store, "desk", digest="sha256:1", body={}, **WHO)
        runs.create(store, "r-1", experiment="", arm="rag", seed=0, body={}, **WHO)
        runs.claim(store, "r-1", owner="x", lease_until="2099-01-01", **WHO)
        points.add(
            store, "r-1", attempt=1, points=[Point("loss", 1, 0.5, AT)] * 2, **WHO
        )
        runs.finish(store, "r-1", attempt=1, result={"metrics": {}}, **WHO)
    return path


def drop(path: Path, *tables: str) -> None:
    with closing(sqlite3.connect(path)) as outside:
        for table in tables:
            outside.execute(f"DROP TABLE {table}")


def found(path: Path) -> list[tuple[str, str, str]]:
    with open_to_read(path) as store:
        return [(p.kind, p.record, p.message) for p in audit.verify(store)]


@pytest.mark.parametrize(
    ("table", "lost"),
    [
        ("decisions", "2 decisions (d-1, d-2)"),
        ("decision_events", "1 decision event (d-1)"),
        ("dataset_versions", "1 dataset (desk@1)"),
        ("runs", "1 run (r-1)"),
        ("run_events", "3 run events (r-1)"),
        ("model_versions", "nothing: it was empty"),
        ("points", "2 metric points of r-1"),
    ],
)
def test_what_is_lost_with_a_table_is_named_and_nothing_else(
    filled: Path, table: str, lost: str
) -> None:
    drop(filled, table)

    assert found(filled) == [
        (
            "removed",
            table,
            f"the table was taken away from outside, and with it {lost}; "
            "restore a backup",
        )
    ]


def test_the_rest_is_checked_as_ever(filled: Path) -> None:
    drop(filled, "decision_events")
    with closing(sqlite3.connect(filled)) as outside:
        for name in schema.triggers():
            outside.execute(f"DROP TRIGGER IF EXISTS {name}")
        outside.execute("UPDATE decisions SET title = 'Other' WHERE id = 'd-2'")
        outside.commit()

    kinds = [(kind, record) for kind, record, _ in found(filled)]

    assert kinds == [
        ("trigger", "guards"),
        ("removed", "decision_events"),
        ("altered", "d-2"),
    ]


def test_without_the_log_nothing_is_proven(filled: Path) -> None:
    drop(filled, "audit")

    ((kind, table, message),) = found(filled)

    assert (kind, table) == ("removed", "audit")
    assert "every entry of the log: nothing proves any record" in message


@pytest.mark.parametrize("table", [*schema.record_tables(), "audit"])
def test_a_home_without_a_table_of_records_is_not_opened_to_write(
    filled: Path, table: str
) -> None:
    drop(filled, table)

    with pytest.raises(EnvironmentProblem, match=f"{table}: it was taken away"):
        open_store(filled)

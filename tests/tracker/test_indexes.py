from pathlib import Path

import pytest

from tracker import audit, datasets, decisions, history, indexes, runs
from tracker.store import Store, open_store
from tunewise.domain.decision import Actor

WHO = {"actor": Actor("Ada"), "at": "2026-11-22T10:00:00Z"}


@pytest.fixture
def filled(store: Store) -> Store:
    """Records of three kinds; the decision's facts are found by their words."""
    facts = {"prompt_score": {"value": 0.7, "evidence": "document:eval.pdf"}}
    decisions.propose(
        store,
        "d-1",
        title="Support",
        recommended="rag",
        body={"facts": {"facts": facts}, "notes": ["see the minutes"]},
        **WHO,
    )
    decisions.accept(store, "d-1", choice="rag", conditions=["ask legal"], **WHO)
    body = {"provenance": {"owner": "Mail room"}}
    datasets.register(store, "desk", digest="sha256:1", body=body, **WHO)
    runs.create(store, "r-1", experiment="", arm="rag", seed=0, body={}, **WHO)
    run = runs.claim(store, "r-1", owner="x", lease_until="2099-01-01", **WHO)
    result = {"metrics": {"accuracy": 0.75}}
    runs.finish(store, "r-1", attempt=run.attempt, result=result, **WHO)
    return store


def told(store: Store) -> list[tuple[str, str, str]]:
    return [
        (p.kind, p.record, p.message.partition(": derived, can be rebuilt")[0])
        for p in audit.verify(store)
    ]


def test_what_was_written_is_what_the_records_give(filled: Store) -> None:
    assert told(filled) == []


@pytest.mark.parametrize(
    ("statement", "record", "message"),
    [
        (
            "DELETE FROM search WHERE record = 'desk@1'",
            "desk@1",
            "the search index lacks 1 of its texts",
        ),
        (
            "INSERT INTO search VALUES ('decision', 'd-1', 'made up')",
            "d-1",
            "the search index has 1 that it does not give",
        ),
        (
            "UPDATE search SET text = 'other' WHERE text LIKE 'prompt_score%'",
            "d-1",
            "the search index lacks 1 of its texts and has 1 that it does not give",
        ),
        (
            "INSERT INTO search VALUES ('model', 'ghost@1', 'ghost')",
            "ghost@1",
            "the search index has 1 that it does not give",
        ),
        (
            "DELETE FROM latest",
            "r-1",
            "the index of metrics says nothing for accuracy, the record 0.75",
        ),
    ],
)
def test_an_index_that_differs_is_told_by_record_and_made_anew(
    filled: Store, statement: str, record: str, message: str
) -> None:
    filled.db.execute(statement)

    assert told(filled) == [("derived", record, message)]

    indexes.rebuild(filled, **WHO)

    assert told(filled) == []
    (entry,) = audit.events(filled, action="indexes.rebuilt")
    assert (entry.actor, entry.payload["tables_lost"]) == ("Ada", [])


def test_a_decision_that_was_never_found_by_its_facts_is_found_again(
    filled: Store,
) -> None:
    filled.db.execute("DELETE FROM search WHERE text NOT LIKE '%d-1'")
    assert history.search(filled, "eval.pdf") == []

    indexes.rebuild(filled, **WHO)

    for words in ("eval.pdf", "prompt_score 0.7", "minutes", "legal"):
        assert [hit.record for hit in history.search(filled, words)] == ["d-1"]
    assert [hit.record for hit in history.search(filled, "mail room")] == ["desk@1"]


@pytest.mark.parametrize("table", ["search", "latest", "leases"])
def test_an_index_that_was_taken_away_is_made_anew(
    filled: Store, path: Path, table: str
) -> None:
    filled.db.execute(f"DROP TABLE {table}")
    with open_store(path) as store:
        assert told(store) == [
            ("derived", table, "the table was taken away from outside")
        ]

    with open_store(path) as store:
        indexes.rebuild(store, **WHO)

        assert told(store) == []
        (entry,) = audit.events(store, action="indexes.rebuilt")
        assert entry.payload["tables_lost"] == [table]


def test_of_many_differences_the_first_are_named(store: Store) -> None:
    for n in range(103):
        store.db.execute(f"INSERT INTO search VALUES ('run', 'r-{n:03}', 'made up')")

    found = audit.verify(store)

    assert (len(found), found[99].record) == (101, "r-099")
    assert found[100].message.startswith("and 3 more differences: derived")

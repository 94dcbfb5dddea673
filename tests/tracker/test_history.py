import pytest

from tracker import datasets, decisions, history, models
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import TunewiseError

ANA = Actor("ana")


def on(day: int) -> dict[str, object]:
    return {"actor": ANA, "at": f"2026-11-{day:02}T10:00:00Z"}


@pytest.fixture
def lived(store: Store) -> Store:
    decisions.propose(
        store, "d-1", title="Café assistant", recommended="rag", body={}, **on(1)
    )
    decisions.accept(
        store,
        "d-1",
        choice="finetune",
        justification="100% latency-bound, says Löwe",
        **on(2),
    )
    datasets.register(store, "menus", digest="sha256:a", body={}, **on(3))
    models.register(store, "waiter", body={}, **on(4))
    models.alias(store, "waiter@1", alias="live", because="wins by 3 points", **on(5))
    datasets.delete(store, "menus@1", because="licence ended", **on(6))
    return store


def test_events_end_with_the_day_asked_for(lived: Store) -> None:
    actions = [event.action for event in history.events(lived, at="2026-11-03")]

    assert actions == ["decision.proposed", "decision.accepted", "dataset.registered"]
    assert len(history.events(lived)) == 6


def test_the_state_on_a_date_is_what_held_then(lived: Store) -> None:
    first, fifth = (history.state(lived, at=f"2026-11-{d}") for d in ("01", "05"))
    today = history.state(lived, at="2026-11-30")

    assert [d.status for d in first.decisions] == ["proposed"]
    assert (first.models, first.datasets) == ((), ())
    assert [d.status for d in fifth.decisions] == ["accepted"]
    assert [m.aliases for m in fifth.models] == [("live",)]
    assert [d.id for d in fifth.datasets] == ["menus@1"]
    assert today.datasets == ()


def test_a_date_that_is_none_is_explained(lived: Store) -> None:
    with pytest.raises(TunewiseError, match="2026-13-01"):
        history.state(lived, at="2026-13-01")


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("cafe", {"d-1"}),  # without its accent
        ("ASSIST", {"d-1"}),  # the beginning of a word
        ("assistant café", {"d-1"}),
        ("latency", {"d-1"}),
        ("licence", {"menus@1"}),
        ("points", {"waiter@1"}),
        ("waiter@1", {"waiter@1"}),
        ("sistan", {"d-1"}),  # inside a word
        ("100%", {"d-1"}),
        ("%", {"d-1"}),  # as it stands, not as a pattern
        ("nothing like this", set()),
        ("", set()),
        ('what? "AND" (NOT', set()),  # never FTS5 syntax
        ('"', set()),
        ("'; DROP TABLE audit --", set()),
        ("*", set()),
        ("\0", set()),
    ],
)
def test_search_finds_titles_names_and_reasons(
    lived: Store, text: str, records: set[str]
) -> None:
    assert {hit.record for hit in history.search(lived, text)} == records


def test_a_record_is_found_once(lived: Store) -> None:
    hits = history.search(lived, "waiter@1")

    assert [(hit.kind, hit.record) for hit in hits] == [("model", "waiter@1")]


def test_search_keeps_to_a_kind(lived: Store) -> None:
    assert history.search(lived, "waiter@1", kind="decision") == []
    assert len(history.search(lived, "waiter@1", kind="model")) == 1


def test_without_fts5_search_still_works(lived: Store) -> None:
    lived.db.execute("ALTER TABLE search RENAME TO gone")
    lived.db.execute("CREATE TABLE search (kind TEXT, record TEXT, text TEXT)")
    lived.db.execute("INSERT INTO search SELECT kind, record, text FROM gone")

    assert {hit.record for hit in history.search(lived, "latency")} == {"d-1"}


@pytest.mark.parametrize("at", ["", "2026-11-06"])
def test_a_page_is_in_the_order_of_the_log(lived: Store, at: str) -> None:
    everything = history.page(lived, at=at, limit=9).events
    newest = history.page(lived, at=at, limit=2).events

    assert [event.seq for event in everything] == [1, 2, 3, 4, 5, 6]
    assert [event.action for event in newest] == ["model.aliased", "dataset.deleted"]

import pytest

from tracker import audit, blobs, models, references, runs
from tracker.models import ModelRow
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import ModelError, NotRecorded, StatusError

WHO = {"actor": Actor("ana"), "at": "2026-11-22T10:00:00Z"}


def register(store: Store, name: str = "triage") -> ModelRow:
    return models.register(store, name, body={"option": "finetune"}, **WHO)


def alias(store: Store, ref: str, word: str = "production") -> ModelRow:
    return models.alias(store, ref, alias=word, because="better", **WHO)


def test_versions_count_up_and_are_found_by_number_alias_and_name(
    store: Store,
) -> None:
    register(store)
    register(store)
    alias(store, "triage@1")

    assert models.get(store, "triage@2").id == "triage@2"
    assert models.get(store, "triage@production").id == "triage@1"
    assert models.get(store, "triage").id == "triage@2"
    assert models.get(store, "triage@latest").id == "triage@2"


def test_an_alias_moves_and_leaves_a_trace(store: Store) -> None:
    register(store)
    register(store)
    register(store, "other")
    alias(store, "triage@1")
    alias(store, "other@1")  # an alias belongs to its name

    moved = alias(store, "triage@2")

    assert moved.aliases == ("production",)
    assert models.get(store, "triage@1").aliases == ()
    assert models.get(store, "other@production").id == "other@1"
    assert moved.events[-1].body == {
        "alias": "production",
        "because": "better",
        "moved_from": "triage@1",
    }
    moves = [e.subject for e in audit.events(store, action="model.aliased")]
    assert moves == ["triage@1", "other@1", "triage@2"]


def test_an_alias_can_move_back(store: Store) -> None:
    register(store)
    register(store)
    for ref in ("triage@1", "triage@2", "triage@1"):
        alias(store, ref)

    assert models.get(store, "triage@production").id == "triage@1"


def test_an_alias_that_stands_there_already_is_not_moved(store: Store) -> None:
    register(store)
    alias(store, "triage@1")

    with pytest.raises(
        StatusError, match=r"'production' stands for triage@1 already"
    ) as refused:
        alias(store, "triage@production")

    assert "since 2026-11-22 by ana" in str(refused.value)
    assert "The reason given: better." in str(refused.value)
    assert len(audit.events(store, action="model.aliased")) == 1


HOSTILE = (
    *("triage@", "@", "@@", "@1", "triage@@1", "triage@1@", " triage@1", "triage @1"),
    *("triage@0", "triage@-1", "triage@+1", "triage@01", "triage@1.0", "triage@1e0"),
    *("triage@\u0661", "triage@\u00b9", f"triage@1{'0' * 30}", f"triage@{'9' * 5000}"),
    *("", " ", "triage@None", "triage@' OR 1=1 --", "triage@\x00", "../triage@1"),
)


@pytest.mark.parametrize("ref", HOSTILE)
def test_what_is_no_reference_stands_for_no_version(store: Store, ref: str) -> None:
    register(store)

    with pytest.raises(NotRecorded, match=r"No model .* is recorded\n  ") as refused:
        models.get(store, ref)

    assert len(str(refused.value)) < 300


def test_a_reference_that_ends_with_the_at_sign_is_told_what_to_write(
    store: Store,
) -> None:
    register(store)

    with pytest.raises(NotRecorded, match="Write NAME@N, or NAME alone"):
        models.get(store, "triage@")


def test_a_retired_version_stays_and_loses_its_aliases(store: Store) -> None:
    register(store)
    register(store)
    alias(store, "triage@2")

    gone = models.retire(store, "triage@production", because="drifted", **WHO)

    assert (gone.id, gone.retired, gone.aliases) == ("triage@2", "drifted", ())
    assert models.get(store, "triage").id == "triage@1"
    assert models.get(store, "triage@2").retired == "drifted"
    with pytest.raises(NotRecorded, match="triage@production"):
        models.get(store, "triage@production")
    with pytest.raises(StatusError, match="retired and cannot be 'production'"):
        alias(store, "triage@2")
    with pytest.raises(StatusError, match="retired already"):
        models.retire(store, "triage@2", because="again", **WHO)
    assert register(store).id == "triage@3"


def test_what_held_an_alias_on_a_date_can_be_told(store: Store) -> None:
    register(store)
    register(store)
    for ref, at in (("triage@1", "2026-11-23"), ("triage@2", "2026-11-25")):
        models.alias(
            store, ref, alias="production", because="b", actor=Actor("bo"), at=at
        )

    def holder(as_of: str) -> str:
        return models.get(store, "triage@production", as_of=as_of).id

    assert holder("2026-11-24") == "triage@1"
    assert holder("2026-11-25") == "triage@2"
    with pytest.raises(NotRecorded):
        holder("2026-11-22")


def test_as_of_a_date_an_alias_may_be_lost_without_having_been_won(
    store: Store,
) -> None:
    # the clock went back between the two
    register(store)
    said = {"alias": "production", "because": "b", "actor": Actor("bo")}
    models.alias(store, "triage@1", **said, at="2026-11-25T10:00:00Z")
    models.unalias(store, "triage@1", **said, at="2026-11-23T10:00:00Z")

    assert models.get(store, "triage@1", as_of="2026-11-24").aliases == ()


@pytest.mark.parametrize("word", ["3", "latest", "", "a b"])
def test_an_alias_that_could_be_mistaken_is_refused(store: Store, word: str) -> None:
    register(store)

    with pytest.raises(ModelError):
        alias(store, "triage@1", word)


def test_a_model_can_be_found_by_the_run_that_made_it(store: Store) -> None:
    runs.create(store, "r-1", experiment="", arm="rag", seed=0, body={}, **WHO)
    register(store)
    models.register(store, "triage", body={}, run="r-1", **WHO)

    assert [row.id for row in models.list_all(store)] == ["triage@1", "triage@2"]
    assert [row.id for row in models.list_all(store, run="r-1")] == ["triage@2"]


def test_a_drift_check_is_an_event_of_the_version(store: Store) -> None:
    register(store)

    row = models.record_drift(store, "triage@1", body={"drifted": True}, **WHO)

    assert (row.events[-1].action, row.events[-1].body) == (
        "drift-checked",
        {"drifted": True},
    )
    assert audit.verify(store) == []


def test_texts_of_a_drift_check_go_and_the_check_stays(store: Store) -> None:
    register(store)
    digest = blobs.put_bytes(store.blobs, b'{"prompt_words": ["Lovelace"]}')
    row = models.record_drift(
        store, "triage@1", body={"drifted": True}, blobs=[digest], **WHO
    )
    assert references.referenced(store)[digest] == ("triage@1",)

    models.remove_texts(
        store, "triage@1", event=row.events[-1].id, because="a name", **WHO
    )
    gone = references.release(
        store, [digest], subject="triage@1", because="a name", **WHO
    )

    assert gone == [digest]
    assert not blobs.has(store.blobs, digest)
    events = models.get(store, "triage@1").events
    assert [e.action for e in events] == ["drift-checked", "texts-removed"]
    assert references.verify(store) == []
    assert audit.verify(store) == []


def test_a_name_that_cannot_stand_in_a_url_is_refused(store: Store) -> None:
    with pytest.raises(ModelError, match="name of a model"):
        register(store, "my model")


def test_an_alias_is_taken_away_with_a_reason(store: Store) -> None:
    register(store)
    alias(store, "triage@1")

    row = models.unalias(store, "triage@1", alias="production", because="x", **WHO)

    assert row.aliases == ()
    with pytest.raises(NotRecorded):
        models.get(store, "triage@production")
    with pytest.raises(StatusError, match=r"does not have the alias.*\n.*none"):
        models.unalias(store, "triage@1", alias="production", because="x", **WHO)
    assert alias(store, "triage@1").aliases == ("production",)


def test_every_move_of_an_alias_stays_on_record(store: Store) -> None:
    register(store)
    register(store)
    alias(store, "triage@1")
    alias(store, "triage@2")
    models.unalias(store, "triage@2", alias="production", because="paused", **WHO)
    alias(store, "triage@2")
    models.retire(store, "triage@2", because="drifted", **WHO)

    moves = models.alias_moves(models.versions(store, "triage"))

    assert [(m.before, m.after, m.because) for m in moves] == [
        ("", "triage@1", "better"),
        ("triage@1", "triage@2", "better"),
        ("triage@2", "", "paused"),
        ("", "triage@2", "better"),
        ("triage@2", "", "drifted"),
    ]
    assert {m.alias for m in moves} == {"production"}


def test_what_a_record_lacks_is_said_later_as_an_event(store: Store) -> None:
    body = register(store).body

    row = models.describe(
        store, "triage@1", fields={"purpose": "route mail"}, because="asked", **WHO
    )

    assert row.body == body
    assert row.events[-1].body["fields"] == {"purpose": "route mail"}
    assert audit.verify(store) == []

import hashlib
import sqlite3
from collections.abc import Callable, Hashable
from pathlib import Path

import pytest

from tracker import audit, chain, datasets, decisions, schema
from tracker.store import Store, open_store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem

ANA, BO = Actor("ana"), Actor("bo", "token")
AT = "2026-11-22T10:00:00Z"
WHO = {"actor": ANA, "at": AT}


@pytest.fixture
def written(path: Path) -> Path:
    """A database with a decision, accepted, and a dataset version: 3 entries."""
    with open_store(path) as store:
        decisions.propose(
            store, "d-1", title="Triage", recommended="rag", body={"n": 1}, **WHO
        )
        decisions.accept(store, "d-1", choice="rag", actor=BO, at=AT)
        datasets.register(store, "triage", digest="sha256:0", body={}, **WHO)
    return path


def tamper(path: Path, *statements: str) -> None:
    """What someone does with any SQLite client: guards off, then the change."""
    connection = sqlite3.connect(path)
    for name in schema.triggers():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def problems_in(path: Path) -> set[tuple[str, str]]:
    with open_store(path) as store:
        found = audit.verify(store)
    return {(p.kind, p.record) for p in found if p.kind != "trigger"}


def test_an_untouched_database_has_no_problems(written: Path) -> None:
    with open_store(written) as store:
        assert audit.verify(store) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE decisions SET body = '{\"n\":2}'", {("altered", "d-1")}),
        ("UPDATE decisions SET body = 'garbage'", {("altered", "d-1")}),
        ("UPDATE decisions SET title = 'Other'", {("altered", "d-1")}),
        ("UPDATE decisions SET review_on = '2030-01-01'", {("altered", "d-1")}),
        ("UPDATE decisions SET \"by\" = 'eve'", {("altered", "d-1")}),
        ("UPDATE decisions SET title = CAST(x'ff' AS TEXT)", {("altered", "d-1")}),
        ("UPDATE audit SET actor = CAST(x'ff' AS TEXT) WHERE seq = 1", None),
        (
            "UPDATE decision_events SET body = replace(body, 'rag', 'finetune')",
            {("altered", "d-1")},
        ),
        ("DELETE FROM decision_events", {("removed", "d-1")}),
        ("DELETE FROM dataset_versions", {("removed", "triage@1")}),
        (
            "INSERT INTO dataset_versions SELECT 'triage@2', name, 2, digest, blobs,"
            ' body, "at", "by", identity FROM dataset_versions',
            {("unlogged", "triage@2")},
        ),
        ("UPDATE audit SET actor = 'eve' WHERE seq = 2", {("log", "audit/2")}),
        ("UPDATE audit SET payload = '[]' WHERE seq = 2", None),
        ("UPDATE audit SET payload = payload || ' ' WHERE seq = 3", None),
        ("DELETE FROM audit WHERE seq = 2", None),
        ("DELETE FROM audit WHERE seq = 3", {("unlogged", "triage@1")}),
    ],
)
def test_a_change_from_outside_is_found_and_named(
    written: Path, statement: str, found: set[tuple[str, str]] | None
) -> None:
    tamper(written, statement)

    problems = problems_in(written)

    if found is None:  # the log itself, and what it no longer covers
        assert any(kind == "log" for kind, _ in problems)
    else:
        assert problems == found


def test_a_removed_record_is_named_though_its_events_hang_loose(written: Path) -> None:
    tamper(written, "DELETE FROM decisions")

    assert ("removed", "d-1") in problems_in(written)


def test_a_record_that_cannot_be_read_any_more_is_explained(written: Path) -> None:
    tamper(written, "UPDATE decision_events SET body = 'garbage'")

    with (
        open_store(written) as store,
        pytest.raises(EnvironmentProblem, match=r"d-1: .* damaged from outside"),
    ):
        decisions.get(store, "d-1")


def test_the_message_names_who_recorded_what_was_changed(written: Path) -> None:
    tamper(written, "UPDATE decisions SET title = 'Other'")

    with open_store(written) as store:
        message = audit.verify(store)[-1].message

    assert message == (
        "decisions/d-1 was changed after ana recorded it at 2026-11-22T10:00:00Z "
        "(entry 1 of the log, decision.proposed): title was 'Triage', is 'Other'"
    )


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE decision_events SET body = replace(body, 'rag', 'finetune')",
            "entry 2 of the log, decision.accepted): choice was 'rag', is 'finetune'",
        ),
        ("UPDATE decision_events SET action = 'rejected'", "is 'rejected'"),
        ("UPDATE decision_events SET \"by\" = 'eve'", "by was 'bo', is 'eve'"),
        (
            "UPDATE decisions SET body = '{\"n\":2}'",
            "in what the log holds as a digest only",
        ),
        (
            "UPDATE decisions SET review_on = '2030-01-01'",
            "(body, blobs, an empty column)",
        ),
        ("UPDATE decision_events SET body = 'garbage'", "choice was 'rag', is None"),
        ("UPDATE dataset_versions SET digest = 'sha256:1'", "is 'sha256:1'"),
        ("DELETE FROM decision_events", "decision_events/1 was removed after bo rec"),
        (
            "INSERT INTO dataset_versions SELECT 'triage@2', name, 2, digest, blobs,"
            " body, \"at\", 'eve', identity FROM dataset_versions",
            "dataset_versions/triage@2 is not covered by the log",
        ),
        (
            "UPDATE audit SET actor = 'eve' WHERE seq = 2",
            "entry 2 of the log (decision.accepted of d-1 by eve) was changed",
        ),
        ("DELETE FROM audit WHERE seq = 2", "entry 2 of the log is gone"),
        ("DELETE FROM audit WHERE seq < 3", "entries 1 to 2 of the log are gone"),
    ],
)
def test_the_message_says_what_the_log_can_prove(
    written: Path, statement: str, said: str
) -> None:
    tamper(written, statement)

    assert any(said in message for message in messages_in(written))


def messages_in(path: Path) -> list[str]:
    with open_store(path) as store:
        return [p.message for p in audit.verify(store) if p.kind != "trigger"]


def write_notes(path: Path, subjects: str) -> None:
    with open_store(path) as store:
        for subject in subjects:
            audit.append(store, action="note.made", subject=subject, payload={}, **WHO)


def test_exchanged_entries_are_named_with_the_place_they_were_written_for(
    path: Path,
) -> None:
    write_notes(path, "abcdef")
    steps = ("99 WHERE seq = 2", "2 WHERE seq = 4", "4 WHERE seq = 99")
    tamper(path, *(f"UPDATE audit SET seq = {step}" for step in steps))

    assert messages_in(path) == [
        "what stands as entry 2 of the log was written as entry 4: "
        "entries were moved or renumbered",
        "what stands as entry 4 of the log was written as entry 2: "
        "entries were moved or renumbered",
    ]


def test_entries_taken_out_and_the_rest_renumbered_are_named(path: Path) -> None:
    write_notes(path, "abcdef")
    tamper(
        path,
        "DELETE FROM audit WHERE seq IN (2, 3)",
        "UPDATE audit SET seq = seq - 2 WHERE seq > 3",
    )

    assert messages_in(path) == [
        "what stands as entries 2 to 4 of the log was written as entries 4 to 6: "
        "entries were moved or renumbered",
        "entries 2 to 3 of the log are gone",
    ]


def test_an_entry_slipped_in_with_a_hash_of_its_own_is_named(path: Path) -> None:
    write_notes(path, "abc")
    with open_store(path) as store:
        first, second = audit.events(store)[:2]
    forged = {name: getattr(second, name) for name in chain.COLUMNS}
    forged |= {"actor": "eve", "previous": first.hash}
    link = chain.canonical.digest(forged)
    tamper(
        path,
        "UPDATE audit SET seq = 4 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 2",
        "INSERT INTO audit SELECT 2, at, 'eve', identity, action, subject, payload,"
        f" previous, '{link}' FROM audit WHERE seq = 3",
    )

    assert messages_in(path) == [
        "what stands as entries 3 to 4 of the log was written as entries 2 to 3: "
        "entries were moved or renumbered",
        "entry 2 of the log stands twice: one was slipped in",
    ]


def test_a_first_entry_that_follows_something_is_not_the_first(path: Path) -> None:
    with open_store(path) as store:
        first = audit.append(store, action="note.made", subject="a", payload={}, **WHO)
    forged = {name: getattr(first, name) for name in chain.COLUMNS}
    forged |= {"previous": "sha256:" + "0" * 64}
    link = chain.canonical.digest(forged)

    tamper(
        path,
        f"UPDATE audit SET previous = '{forged['previous']}', hash = '{link}'",
    )

    assert "is not the first that was written" in messages_in(path)[0]


def test_a_log_of_edited_entries_is_checked_in_a_moment(path: Path) -> None:
    with open_store(path) as store, store.writing(**WHO) as change:
        for n in range(3000):
            change.log("note.made", str(n))
    tamper(path, "UPDATE audit SET actor = 'eve'")

    assert len(messages_in(path)) == 3000


def append_entry(path: Path, payload: str) -> None:
    """Slip a well-formed entry in at the end, its hash made to fit."""
    with open_store(path) as store:
        last = audit.events(store)[-1]
    entry = {name: getattr(last, name) for name in chain.COLUMNS}
    entry |= {"seq": last.seq + 1, "previous": last.hash, "actor": "eve"}
    entry["payload"] = chain.canonical.from_text(payload)
    connection = sqlite3.connect(path)
    connection.execute(
        f"INSERT INTO audit ({', '.join(chain.COLUMNS)}, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [*({**entry, "payload": payload}.values()), chain.canonical.digest(entry)],
    )
    connection.commit()
    connection.close()


def test_an_appended_entry_does_not_cover_an_edited_row(written: Path) -> None:
    tamper(written, "UPDATE decisions SET title = 'Other'")
    connection = sqlite3.connect(written)
    connection.row_factory = sqlite3.Row
    (row,) = connection.execute("SELECT * FROM decisions")
    digest = chain.canonical.row_digest(dict(row))
    connection.close()
    append_entry(written, f'{{"records":{{"decisions/d-1":"{digest}"}}}}')

    with open_store(written) as store:
        found = [p for p in audit.verify(store) if p.kind != "trigger"]

    assert {(p.kind, p.record) for p in found} == {
        ("log", "audit/4"),
        ("altered", "d-1"),
    }
    assert "entry 4 of the log" in found[0].message
    assert "which entry 1 (decision.proposed of d-1 by ana) had written" in (
        found[0].message
    )


@pytest.mark.parametrize("payload", ["no json", "[]", "1", "[" * 5000])
def test_a_payload_that_is_no_object_is_told_and_the_rest_is_read(
    written: Path, payload: str
) -> None:
    tamper(written, f"UPDATE audit SET payload = '{payload}' WHERE seq = 3")

    with open_store(written) as store:
        messages = [p.message for p in audit.verify(store)]
        assert len(audit.events(store)) == 3

    assert any("entry 3 of the log" in m and "was changed" in m for m in messages)


def test_an_entry_rewritten_with_a_matching_hash_breaks_the_next_one(
    written: Path,
) -> None:
    with open_store(written) as store:
        first = audit.events(store)[0]
    forged = {name: getattr(first, name) for name in chain.COLUMNS} | {"actor": "eve"}
    new_hash = chain.canonical.digest(forged)

    tamper(
        written,
        f"UPDATE audit SET actor = 'eve', hash = '{new_hash}' WHERE seq = 1",
    )

    assert ("log", "audit/2") in problems_in(written)


def test_records_and_log_cut_off_together_are_found_by_an_old_head(
    written: Path,
) -> None:
    with open_store(written) as store:
        printed = audit.head(store)

    tamper(
        written,
        "DELETE FROM dataset_versions",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM search WHERE kind = 'dataset'",
    )

    assert problems_in(written) == set()  # nothing inside can tell
    with open_store(written) as store:
        assert not audit.is_ancestor(store, printed)


def test_an_old_head_stays_an_ancestor(store: Store) -> None:
    assert audit.head(store) == ""
    audit.append(store, action="note.made", subject="x", payload={}, **WHO)
    printed = audit.head(store)
    audit.append(store, action="note.made", subject="y", payload={}, **WHO)

    assert audit.is_ancestor(store, printed)
    assert audit.is_ancestor(store, audit.head(store))
    assert not audit.is_ancestor(store, "sha256:" + "0" * 64)
    assert not audit.is_ancestor(store, "")


def test_the_hash_is_over_canonical_json(store: Store) -> None:
    event = audit.append(
        store, action="note.made", subject="x", payload={"b": "é", "a": 1}, **WHO
    )

    # printf '%s' '{"action":"note.made","actor":"ana",…}' | sha256sum
    text = (
        '{"action":"note.made","actor":"ana","at":"2026-11-22T10:00:00Z",'
        '"identity":"stated","payload":{"a":1,"b":"é"},"previous":"","seq":1,'
        '"subject":"x"}'
    )
    assert event.hash == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def plain(path: Path, statement: str) -> None:
    """Run a statement in plain sqlite3, whose REPLACE fires no delete trigger."""
    connection = sqlite3.connect(path)
    try:
        connection.execute(statement)
        connection.commit()
    finally:
        connection.close()


REPLACE_AUDIT = (
    "INSERT OR REPLACE INTO audit SELECT {seq}, \"at\", 'eve', identity, action,"
    " subject, payload, {previous}, hash FROM audit WHERE seq = 2"
)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'eve'",
        "DELETE FROM audit",
        "UPDATE decisions SET title = 'x'",
        "DELETE FROM decision_events",
        "INSERT OR REPLACE INTO decisions SELECT * FROM decisions",
        "INSERT OR REPLACE INTO decision_events SELECT * FROM decision_events",
        "INSERT OR REPLACE INTO dataset_versions SELECT * FROM dataset_versions",
        REPLACE_AUDIT.format(seq=2, previous="previous"),  # the entry itself
        REPLACE_AUDIT.format(seq=5, previous="hash"),  # a gap
        REPLACE_AUDIT.format(seq=4, previous="previous"),  # not the last hash
    ],
)
def test_any_client_is_stopped_from_editing(written: Path, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        plain(written, statement)

    assert problems_in(written) == set()


def test_guards_that_were_removed_are_put_back_and_told(written: Path) -> None:
    tamper(written)

    with open_store(written) as store:
        (told,) = [p for p in audit.verify(store) if p.kind == "trigger"]
    with open_store(written) as store:
        assert audit.verify(store) == []

    assert told.message == (
        "the guards against edits had been taken off or changed, and opening put "
        "them back: audit_delete, audit_insert, audit_update and "
        f"{len(schema.triggers()) - 3} more"
    )
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        plain(written, "DELETE FROM audit")


def test_a_trigger_slipped_in_is_removed_and_told(written: Path) -> None:
    plain(
        written,
        "CREATE TRIGGER mole AFTER INSERT ON decisions BEGIN DELETE FROM points; END",
    )

    with open_store(written) as store:
        problems = audit.verify(store)

        assert [(p.kind, p.record) for p in problems] == [("trigger", "mole")]
        assert "mole" not in store.db.triggers_dict


def test_what_a_service_found_whole_is_looked_at_again_when_a_guard_is_gone(
    written: Path,
) -> None:
    whole: set[Hashable] = set()
    for _ in range(2):
        open_store(written, whole=whole).close()
    assert len(whole) == 1
    plain(written, "DROP TRIGGER audit_update")

    with open_store(written, whole=whole) as store:
        assert store.mended == ("audit_update",)
        assert store.db.triggers_dict == schema.triggers()
    with open_store(written, whole=whole) as store:
        assert store.mended == ()
        assert store.db.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert store.db.execute("PRAGMA trusted_schema").fetchone() == (0,)


def test_another_file_in_the_place_of_a_whole_one_is_looked_at(
    written: Path, tmp_path: Path
) -> None:
    whole: set[Hashable] = set()
    open_store(written, whole=whole).close()
    other = tmp_path / "other.db"
    plain(other, "CREATE TABLE theirs (n)")
    other.replace(written)

    with pytest.raises(EnvironmentProblem, match="other software"):
        open_store(written, whole=whole)


def test_a_guard_removed_while_open_is_found(store: Store) -> None:
    store.db.execute("DROP TRIGGER audit_update")

    assert [(p.kind, p.record) for p in audit.verify(store)] == [
        ("trigger", "audit_update")
    ]


def overwrite_page(path: Path, table: str) -> None:
    connection = sqlite3.connect(path)
    query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
    (page,) = connection.execute(query, [table]).fetchone() or (1,)
    connection.close()
    with path.open("r+b") as file:  # after the 100 bytes of the file's header
        file.seek(max(100, (page - 1) * 4096))  # 4096: SQLite's default page size
        file.write(b"\xff" * 2000)


def test_a_damaged_file_is_explained_when_it_is_opened(written: Path) -> None:
    overwrite_page(written, "sqlite_master")

    with pytest.raises(EnvironmentProblem, match="the database is damaged"):
        open_store(written)


@pytest.mark.parametrize("table", ["audit", "decisions", "audit_subject"])
def test_a_torn_page_is_reported_as_damaged(written: Path, table: str) -> None:
    overwrite_page(written, table)

    with open_store(written) as store:
        kinds = {p.kind for p in audit.verify(store)}

    assert "damaged" in kinds


def test_the_log_can_be_read_by_subject_action_and_date(
    store: Store, path: Path
) -> None:
    note: Callable[..., object] = audit.append
    for subject, action, at in [
        ("a", "note.made", "2026-01-01T23:59:59.5Z"),
        ("b", "note.made", "2026-01-02T00:00:00Z"),
        ("a", "mark.made", "2026-01-03T00:30:00+01:00"),  # the 2nd in UTC
    ]:
        note(store, action=action, subject=subject, payload={}, actor=ANA, at=at)

    assert [e.seq for e in audit.events(store, subject="a")] == [1, 3]
    assert [e.seq for e in audit.events(store, action="note.")] == [1, 2]
    assert [e.seq for e in audit.events(store, at="2026-01-01")] == [1]
    assert [e.seq for e in audit.events(store, at="2026-01-02")] == [1, 2, 3]
    assert [e.seq for e in audit.events(store, at="2026-01-02T00:00:00Z")] == [1, 2]

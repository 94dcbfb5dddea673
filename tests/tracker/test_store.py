import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tracker import audit, datasets, decisions, history, indexes, latest, schema
from tracker.store import Store, open_store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem, StatusError, TunewiseError

WHO = {"actor": Actor("ana"), "at": "2026-11-22T10:00:00Z"}
ROOT = Path(__file__).parents[2]
STORED = Path(__file__).parent / "stored"


def run_child(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def log_and_fail(store: Store) -> None:
    with store.writing(**WHO) as change:
        change.log("note.made", "dropped")
        raise KeyError


def test_a_query_for_broken_text_is_refused(store: Store) -> None:
    with pytest.raises(TunewiseError, match=r"is not valid Unicode.*\n  Set the term"):
        store.rows("SELECT ?", ["mail\udcff@1"])


def test_eight_threads_of_fifty_registrations_lose_no_update(path: Path) -> None:
    open_store(path).close()
    failures: list[BaseException] = []

    def write(thread: int) -> None:
        try:
            with open_store(path, wait_seconds=60) as mine:
                for n in range(50):
                    digest = f"sha256:{thread}-{n}"
                    datasets.register(mine, "triage", digest=digest, body={}, **WHO)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=[n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with open_store(path) as store:
        numbers = [row.number for row in datasets.versions(store, "triage")]
        assert numbers == list(range(1, 401))  # 8 x 50
        assert len(audit.events(store)) == 400
        assert audit.verify(store) == []


def test_eight_processes_can_create_the_same_database_at_once(path: Path) -> None:
    code = "import sys; from tracker.store import open_store; open_store(sys.argv[1])"

    children = [run_child(code, str(path)) for _ in range(8)]
    outcomes = [(child.communicate()[1], child.returncode) for child in children]

    assert [code for _, code in outcomes] == [0] * 8, outcomes
    with open_store(path) as store:
        assert schema.migrations().pending(store.db) == []


def test_a_kill_inside_a_transaction_loses_no_committed_record(path: Path) -> None:
    code = """
import sys, time
from tracker import decisions
from tracker.store import open_store
from tunewise.domain.decision import Actor
WHO = {"actor": Actor("ana"), "at": "2026-11-22T10:00:00Z"}
store = open_store(sys.argv[1])
for n in range(20):
    decisions.propose(store, f"d-{n}", title="t", recommended="rag", body={}, **WHO)
    print(f"d-{n}", flush=True)
with store.writing(**WHO):
    decisions.propose(store, "half", title="t", recommended="rag", body={}, **WHO)
    print("half", flush=True)
    time.sleep(60)
"""
    child = run_child(code, str(path))
    said = [child.stdout.readline().strip() for _ in range(21)]

    child.send_signal(signal.SIGKILL)
    child.communicate()

    assert said[-1] == "half"
    with open_store(path) as store:
        assert [row.id for row in decisions.list_all(store)] == said[:-1]
        assert audit.verify(store) == []


def test_an_error_inside_a_transaction_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyError):
        log_and_fail(store)

    assert audit.events(store) == []


def test_records_written_together_are_there_together_or_not_at_all(
    store: Store,
) -> None:
    def propose(*ids: str) -> None:
        said = {"title": "t", "recommended": "rag", "body": {}}
        with store.writing(**WHO):
            for id in ids:
                decisions.propose(store, id, **said, **WHO)

    propose("a", "b")
    with pytest.raises(StatusError):
        propose("c", "c")  # the second is taken

    assert [row.id for row in decisions.list_all(store)] == ["a", "b"]
    assert audit.verify(store) == []


def test_a_part_that_failed_and_was_caught_leaves_nothing_of_itself(
    store: Store,
) -> None:
    with store.writing(**WHO) as change:
        change.log("note.made", "kept")
        with pytest.raises(KeyError):
            log_and_fail(store)

    assert [event.subject for event in audit.events(store)] == ["kept"]


def test_a_row_without_a_log_entry_is_refused(store: Store) -> None:
    row = {"id": "x@1", "name": "x", "number": 1, "digest": "sha256:0"}

    with pytest.raises(RuntimeError, match="not logged"), store.writing(**WHO) as c:
        c.insert("dataset_versions", {**row, "body": "{}", "blobs": "[]"})

    assert datasets.list_all(store) == []


def test_the_connection_is_durable_and_checks_foreign_keys(store: Store) -> None:
    def pragma(name: str) -> object:
        return store.db.execute(f"PRAGMA {name}").fetchone()[0]

    with store.writing(**WHO, durable=False):
        relaxed = pragma("synchronous")

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2  # FULL
    assert relaxed == 1  # NORMAL, for metric points only
    assert pragma("foreign_keys") == 1
    assert pragma("busy_timeout") == 10_000


def test_text_that_is_not_unicode_is_refused_with_advice(store: Store) -> None:
    with pytest.raises(TunewiseError, match=r"not valid Unicode.*udcff"):
        decisions.propose(
            store, "a", title="bad \udcff", recommended="rag", body={}, **WHO
        )

    assert audit.events(store) == []


def test_a_moment_that_is_none_is_refused(store: Store) -> None:
    with (
        pytest.raises(TunewiseError, match="yesterday"),
        store.writing(Actor("ana"), "yesterday"),
    ):
        pass


def test_a_lock_held_by_another_is_explained(path: Path) -> None:
    with (
        open_store(path) as holder,
        open_store(path, wait_seconds=0.05) as waiting,
        holder.writing(**WHO),
        pytest.raises(EnvironmentProblem, match="another process has been writing"),
        waiting.writing(**WHO),
    ):
        pass


def test_a_database_that_another_process_begins_is_waited_for(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as first:
        first.execute("BEGIN EXCLUSIVE")  # before its journal became a WAL
        first.execute("CREATE TABLE half (made)")
        opening = ThreadPoolExecutor(1).submit(lambda: open_store(path).close())
        time.sleep(0.3)
        assert not opening.done()
        first.execute("ROLLBACK")
        opening.result(timeout=5)

    with closing(sqlite3.connect(path, isolation_level=None)) as first:
        first.execute("PRAGMA journal_mode = delete")
        first.execute("BEGIN IMMEDIATE")
        with pytest.raises(EnvironmentProblem, match="has been writing for too long"):
            open_store(path, wait_seconds=0.2)


def test_a_file_that_is_no_database_is_named_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"these are minutes of a meeting, not a database. " * 40)
    before = path.read_bytes()

    with pytest.raises(EnvironmentProblem, match=r"tunewise\.db: it is not a Tunewise"):
        open_store(path)

    assert path.read_bytes() == before


def test_a_database_of_other_software_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url)")
    other.close()
    before = path.read_bytes()

    with pytest.raises(EnvironmentProblem, match="'bookmarks'"):
        open_store(path)

    assert path.read_bytes() == before


def test_a_missing_database_is_not_created_unasked(path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="nothing is recorded here"):
        open_store(path, create=False)

    assert not path.exists()


def test_a_database_of_newer_software_is_refused_with_advice(path: Path) -> None:
    with open_store(path) as store:
        store.db.table("_sqlite_migrations").insert(
            {"migration_set": "tunewise", "name": "m9999_later", "applied_at": ""}
        )

    with pytest.raises(EnvironmentProblem, match=r"newer Tunewise.*m9999_later"):
        open_store(path)


@pytest.mark.skipif(os.name != "posix", reason="needs permissions")
@pytest.mark.parametrize("there", [True, False], ids=["database", "no database"])
def test_a_read_only_folder_is_explained(there: bool) -> None:
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    if there:
        open_store(folder / "tunewise.db").close()
        (folder / "tunewise.db").chmod(0o444)
    folder.chmod(0o555)
    code = """
import os, sys
from tracker.store import open_store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem
if os.geteuid() == 0:
    os.setuid(65534)  # nobody: root may write anywhere
try:
    with open_store(sys.argv[1]) as store, store.writing(Actor("a"), "2026-11-22") as c:
        c.log("note.made", "x")
except EnvironmentProblem as problem:
    print(problem)
"""
    try:
        child = run_child(code, str(folder / "tunewise.db"))
        said, error = child.communicate()
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)

    assert "cannot be" in said or "may not write in its folder" in said, error
    assert "--home" in said


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(EnvironmentProblem, match="the folder cannot be made"):
        open_store(tmp_path / "file" / "home" / "tunewise.db")


def test_a_path_with_special_characters_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "what? #1 100%" / "tunewise.db"

    open_store(path).close()

    assert path.is_file()


@pytest.mark.parametrize("dump", sorted(STORED.glob("v*.sql")), ids=lambda p: p.stem)
def test_a_stored_old_database_comes_forward_whole(path: Path, dump: Path) -> None:
    path.parent.mkdir()
    old = sqlite3.connect(path)
    old.executescript(dump.read_text(encoding="utf-8"))
    old.close()

    with open_store(path) as store:
        assert schema.migrations().pending(store.db) == []
        assert store.db.triggers_dict == schema.triggers()
        assert store.mended == ()
        assert audit.verify(store) == []
        assert list(indexes.problems(store)) == []
        accepted = decisions.get(store, "triage-2026")
        assert (accepted.choice, accepted.justification) == ("rag", "cheaper to keep")
        assert datasets.get(store, "triage").id == "triage@2"
        datasets.register(store, "triage", digest="sha256:new", body={}, **WHO)
        assert audit.verify(store) == []


def test_the_values_of_old_runs_are_indexed_and_found(path: Path) -> None:
    path.parent.mkdir()
    old = sqlite3.connect(path)
    old.executescript((STORED / "v3.sql").read_text(encoding="utf-8"))
    old.close()

    with open_store(path) as store:
        assert latest.of_runs(store, ["r-1"])["r-1"] == {"loss": 1.5, "accuracy": 0.75}
        assert [hit.record for hit in history.search(store, "finetune")] == ["r-1"]


def test_every_earlier_schema_has_a_stored_database() -> None:
    stored = {dump.stem for dump in STORED.glob("v*.sql")}  # by stored/make.py

    assert stored == {f"v{n}" for n in range(1, len(schema.STEPS))}

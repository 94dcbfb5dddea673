import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from .conftest import Tunewise, mended


@pytest.fixture
def id(tunewise: Tunewise, facts: Path) -> str:
    """The id of a proposed decision."""
    words = ("decision", "propose", facts, "--title", "HR answers", "--by", "Ada")
    return str(tunewise(*words, "--json").json["id"])


def test_records_that_hold_are_verified(tunewise: Tunewise, id: str) -> None:
    said = tunewise("verify", "--json")

    assert said.status == 0
    assert (said.json["ok"], said.json["problems"]) == (True, [])
    assert said.json["head"].startswith("sha256:")
    assert tunewise("verify").out.startswith("ok\n")


def test_records_that_were_changed_are_not(
    tunewise: Tunewise, id: str, home: Path
) -> None:
    blob = next(p for p in (home / "blobs").rglob("*") if p.is_file())
    blob.chmod(0o644)
    blob.write_bytes(b"else")

    said = tunewise("verify", "--json")

    assert said.status == 3
    assert set(said.json["problems"][0]) == {"kind", "record", "message"}
    assert tunewise("verify").out.startswith("not ok\n")


def test_a_report_of_another_home_does_not_belong(
    tunewise: Tunewise, id: str, facts: Path, tmp_path: Path
) -> None:
    other = ("--home", tmp_path / "other")
    made = tunewise(*other, "decision", "propose", facts, "--title", "x", "--json")
    report = tmp_path / "other.html"
    tunewise(*other, "decision", "report", made.json["id"], "-o", report)

    said = tunewise("verify", report)

    assert said.status == 3
    assert "is not in this home's chain" in said.out
    assert "cannot be read" in mended(tunewise("verify", tmp_path / "none.html"))


def test_a_backup_is_restored_elsewhere(
    tunewise: Tunewise, id: str, tmp_path: Path
) -> None:
    other = ("--home", tmp_path / "other")

    made = tunewise("backup", tmp_path / "copy", "--json").json
    restored = tunewise(*other, "restore", tmp_path / "copy", "--json").json

    assert made["head"] == restored["head"]
    assert tunewise(*other, "decision", "show", id).status == 0
    assert "not empty" in mended(tunewise("backup", tmp_path / "copy"))
    assert "a database already" in mended(tunewise("restore", tmp_path / "copy"))
    nothing = tunewise(*other, "restore", tmp_path / "nothing")
    assert "no complete backup" in mended(nothing)


def test_a_backup_says_which_files_were_gone_before(
    tunewise: Tunewise, home: Path, id: str, tmp_path: Path
) -> None:
    lost = next(p for p in (home / "blobs").rglob("*") if p.is_file())
    lost.unlink()

    made = tunewise("backup", tmp_path / "copy", "--json")

    assert made.status == 3
    assert len(made.json["missing"]) == 1
    assert "the backup lacks files that were gone or altered before: 1" in made.err


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with one commit."""
    folder = tmp_path / "repository"
    folder.mkdir()
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for words in (("init", "-q"), (*who, "commit", "-qm", "x", "--allow-empty")):
        subprocess.run(["git", "-C", folder, *words], check=True)
    return folder


def test_an_anchor_is_made_listed_and_verified(
    tunewise: Tunewise, id: str, repository: Path, tmp_path: Path
) -> None:
    line = tmp_path / "anchors.jsonl"

    made = tunewise("anchor", "--git", repository, "--file", line, "--json").json

    assert [a["place"] for a in made] == ["git", "file"]
    assert [a["seq"] for a in made] == [1, 2]
    assert tunewise("anchors", "list", "--json").json == made
    view = tunewise("verify", "--json").json
    assert [a["state"] for a in view["anchors"]] == ["holds", "holds"]
    shown = tunewise("verify").out
    assert f"anchor {made[0]['name']} in {repository}: holds" in shown
    assert tunewise("verify", "--against", line, "--against", repository).status == 0


def test_an_anchor_says_when_it_is_out_of_reach(
    tunewise: Tunewise, id: str, tmp_path: Path
) -> None:
    line = tmp_path / "anchors.jsonl"
    tunewise("anchor", "--file", line)
    line.unlink()

    said = tunewise("verify")

    assert said.status == 0
    assert f"anchor {line}: out of reach: {line}: there is no such file" in said.out


def test_an_anchor_without_a_place_or_records_is_refused(
    tunewise: Tunewise, tmp_path: Path, facts: Path
) -> None:
    assert "--git DIR, --file FILE or --tsa URL" in mended(tunewise("anchor"))
    assert "nothing is recorded here" in mended(
        tunewise("anchor", "--file", tmp_path / "a")
    )
    assert not (tmp_path / "a").exists()
    tunewise("decision", "propose", facts, "--title", "HR")
    assert "no git repository" in mended(tunewise("anchor", "--git", tmp_path))
    assert "--tag goes with" in mended(
        tunewise("anchor", "--file", tmp_path / "a", "--tag", "x")
    )
    assert "No anchor was made yet" in tunewise("anchors", "list").out


def test_a_backup_is_verified_like_a_report(
    tunewise: Tunewise, id: str, tmp_path: Path
) -> None:
    tunewise("backup", tmp_path / "copy")

    assert tunewise("verify", tmp_path / "copy").status == 0


def test_the_indexes_are_made_anew_and_it_is_said(
    tunewise: Tunewise, home: Path, id: str
) -> None:
    with closing(sqlite3.connect(home / "tunewise.db")) as outside:
        outside.execute("DELETE FROM search")
        outside.commit()

    broken = tunewise("verify")
    mended = tunewise("verify", "--rebuild", "--by", "Bo")

    assert broken.status == 3
    assert f"derived {id}: the search index lacks" in broken.out
    assert "tunewise verify --rebuild" in broken.out
    assert mended.status == 0
    assert "rebuilt: the indexes hold" in mended.out
    assert [h["id"] for h in tunewise("search", "hr", "--json").json] == [id]
    last = tunewise("history", "--json").json["events"][-1]
    assert (last["action"], last["actor"]) == ("indexes.rebuilt", "Bo")


def test_a_lost_table_is_an_answer_of_verify_and_an_obstacle_to_others(
    tunewise: Tunewise, home: Path, id: str
) -> None:
    with closing(sqlite3.connect(home / "tunewise.db")) as outside:
        outside.execute("DROP TABLE decisions")

    found = tunewise("verify")

    assert found.status == 3
    assert f"and with it 1 decision ({id}); restore a backup" in found.out
    assert tunewise("decision", "list").status == 2


@pytest.mark.parametrize("table", ["decisions", "points", "audit"])
def test_nothing_is_rebuilt_from_records_that_are_gone_and_verify_says_which(
    tunewise: Tunewise, home: Path, id: str, table: str
) -> None:
    with closing(sqlite3.connect(home / "tunewise.db")) as outside:
        outside.execute(f"DROP TABLE {table}")
        outside.execute("DROP TABLE search")

    found = tunewise("verify", "--rebuild")
    made = tunewise("verify", "--rebuild", "--json").json

    assert found.status == 3
    assert f"nothing was rebuilt: these tables of records are gone: {table};" in (
        found.out
    )
    assert f"removed {table}: the table was taken away from outside" in found.out
    assert made["rebuilt"]["lacking"] == [table]

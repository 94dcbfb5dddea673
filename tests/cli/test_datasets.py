import json
from pathlib import Path

import pytest

from .conftest import Tunewise, mended


@pytest.fixture
def registered(tunewise: Tunewise, files: list[Path]) -> Tunewise:
    """The command line of a home with desk@1."""
    assert tunewise("dataset", "register", "desk", *files).status == 0
    return tunewise


def test_a_check_is_one_json_document(tunewise: Tunewise, files: list[Path]) -> None:
    said = tunewise("dataset", "check", *files, "--json")

    assert said.status == 0
    assert set(said.json) >= {"examples", "findings", "statistics"}
    assert said.json["examples"] == 18
    for finding in said.json["findings"]:
        assert set(finding) == {"code", "severity", "file", "lines", "message"}


def test_a_check_that_finds_what_blocks_says_no(
    tunewise: Tunewise, files: list[Path]
) -> None:
    files[0].write_text(files[0].read_text() + "{broken\n")

    said = tunewise("dataset", "check", "--train", files[0], "--json")
    text = tunewise("dataset", "check", *files)

    assert (said.status, text.status) == (3, 3)
    blocked = [f for f in said.json["findings"] if f["severity"] == "block"]
    assert [f["lines"] for f in blocked] == [[9]]
    assert f"{files[0]}:9" in text.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no file was named"),
        (["none.jsonl"], "none.jsonl: there is no such file"),
        (["."], "this is a folder"),
    ],
    ids=["nothing", "missing", "a folder"],
)
def test_what_is_no_file_is_named(
    tunewise: Tunewise, words: list[str], message: str
) -> None:
    assert message in mended(tunewise("dataset", "check", *words))


def test_a_registration_says_what_was_recorded(
    tunewise: Tunewise, files: list[Path]
) -> None:
    first = tunewise("dataset", "register", "desk", *files, "--json", "--by", "Cy")
    again = tunewise("dataset", "register", "desk", *files, "--json")
    text = tunewise("dataset", "show", "desk@1")

    assert set(first.json) >= {"dataset", "digest", "new", "splits", "findings"}
    assert (first.json["new"], again.json["new"]) == (True, False)
    assert first.json["by"] == "Cy"
    assert first.json["digest"] in text.out


def test_what_blocks_is_registered_with_a_reason_only(
    tunewise: Tunewise, files: list[Path], home: Path
) -> None:
    files[0].write_text(files[0].read_text() + "{broken\n")
    words = ("dataset", "register", "desk", *files)

    assert mended(tunewise(*words)).startswith(f"{files[0]}:9: ")
    assert not home.exists()
    assert tunewise(*words, "--accept-because", "the last line is cut").status == 0


def test_datasets_are_listed(registered: Tunewise) -> None:
    (row,) = registered("dataset", "list", "--json").json

    assert (row["name"], row["latest"], row["examples"]) == ("desk", "desk@1", 18)
    assert "desk@1" in registered("dataset", "list").out


def test_a_version_is_shown_with_its_runs(registered: Tunewise) -> None:
    assert registered("dataset", "show", "desk@1", "--json").json["runs"] == []
    assert "Did you mean desk@1" in mended(registered("dataset", "show", "desk@3"))


def test_versions_are_compared(registered: Tunewise, files: list[Path]) -> None:
    rows = [json.loads(line) for line in files[0].read_text().splitlines()]
    rows[0]["messages"][-1]["content"] = "refund"
    files[0].write_text("\n".join(json.dumps(row) for row in rows[:-1]))
    registered("dataset", "register", "desk", *files, "--accept-because", "a test")

    view = registered("dataset", "diff", "desk@1", "desk@2", "--json").json
    text = registered("dataset", "diff", "desk@1", "desk@2").out

    assert set(view) >= {"added", "removed", "changed", "moved", "unchanged"}
    assert [e["key"] for e in view["removed"]] == ["train-7"]
    assert [e["key"] for e in view["changed"]] == ["train-0"]
    assert set(view["changed"][0]) >= {"key", "before", "after"}
    assert "1 changed" in text


def test_files_are_compared_without_a_home(
    tunewise: Tunewise, files: list[Path], home: Path
) -> None:
    view = tunewise("dataset", "diff", files[3], files[3], "--key", "id", "--json").json

    assert view["unchanged"] == 2
    assert not home.exists()
    missing = tunewise("dataset", "diff", files[3], "none.jsonl")
    assert "none.jsonl: there is no such file" in mended(missing)
    unknown = tunewise("dataset", "diff", files[3], files[3], "--key", "sku")
    assert "sku" in mended(unknown)


def test_a_version_is_exported_once(registered: Tunewise, tmp_path: Path) -> None:
    out = tmp_path / "out"

    said = registered("dataset", "export", "desk@1", out, "--json")

    assert {Path(p).name for p in said.json["files"]} == {
        "train.jsonl",
        "validation.jsonl",
        "heldout.jsonl",
        "documents.jsonl",
        "tunewise.json",
    }
    assert registered("verify", out / "tunewise.json").status == 0
    again = registered("dataset", "export", "desk@1", out)
    assert "not an empty folder" in mended(again)


def test_a_deletion_needs_a_reason_that_says_something(registered: Tunewise) -> None:
    without = registered("dataset", "delete", "desk@1")
    blank = registered("dataset", "delete", "desk@1", "--because", " ")
    done = registered("dataset", "delete", "desk@1", "--because", "asked", "--json")

    assert "--because" in mended(without)
    assert "because: nothing is said" in mended(blank)
    assert done.json["deleted"] == "asked"
    assert "Deleted: asked" in registered("dataset", "show", "desk@1").out


def test_provenance_is_said_shown_and_corrected(
    tunewise: Tunewise, files: list[Path]
) -> None:
    words = ("--owner", "Ada", "--licence", "CC0", "--classification", "secret")
    tunewise("dataset", "register", "desk", *files, *words)

    shown = tunewise("dataset", "show", "desk@1").out
    describe = ("dataset", "describe", "desk@1", "--owner", "Bea")
    without = tunewise(*describe)
    done = tunewise(*describe, "--because", "she took over", "--json")
    wrong = tunewise("dataset", "register", "x", *files, "--classification", "open")

    assert "licence        CC0" in shown
    assert "basis          missing" in shown
    assert "--because" in mended(without)
    assert done.json["provenance"]["owner"] == "Bea"
    assert "she took over" in tunewise("dataset", "show", "desk@1").out
    assert "'open' is not one of" in mended(wrong)


def test_another_order_is_said(registered: Tunewise, files: list[Path]) -> None:
    files[0].write_text("\n".join(reversed(files[0].read_text().splitlines())))

    said = registered("dataset", "register", "desk", *files)

    assert "The same examples as desk@1, in another order: no new version" in said.out


def test_a_report_is_taken_as_evidence(registered: Tunewise, tmp_path: Path) -> None:
    (tmp_path / "facts.toml").write_text("must_cite_sources = true\n")
    words = ("advise", tmp_path / "facts.toml", "--dataset", "desk@1")

    said = registered(*words, "--save", tmp_path / "saved.json", "--json")

    assert said.status == 0
    saved = json.loads((tmp_path / "saved.json").read_text())
    assert saved["facts"]["data_quality"]["evidence"] == "dataset:desk@1"
    unknown = registered("advise", tmp_path / "facts.toml", "--dataset", "desk@7")
    assert "Did you mean desk@1" in mended(unknown)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"messages": [{"role": "user", "content": "\xff"}]}', "1: not_utf8"),
        (b'{"messages": "\0"}', "1: nul_byte"),
        (b'{"messages": 1, "messages": 2}', "1: duplicate_key"),
        (b'{"messages": ' + b"[" * 50_000, "1: not_json"),
        (b'{"messages": [{"role": "usr", "content": "q"}]}', "1: unrecognized_role"),
        (b'{"messages": "' + b"x" * 17_000_000 + b'"}', "1: line_too_long"),
    ],
    ids=["bytes", "NUL", "keys", "deep", "role", "long"],
)
def test_bad_input_is_one_message_and_leaves_nothing(
    tunewise: Tunewise, tmp_path: Path, home: Path, content: bytes, message: str
) -> None:
    (tmp_path / "bad.jsonl").write_bytes(content)

    said = tunewise("dataset", "register", "bad", tmp_path / "bad.jsonl")

    assert mended(said).startswith(f"{tmp_path / 'bad.jsonl'}:{message}")
    assert not home.exists()


def test_a_name_without_a_version_left_is_listed_and_explained(
    registered: Tunewise, today: str
) -> None:
    registered("dataset", "delete", "desk@1", "--because", "a customer asked")

    (row,) = registered("dataset", "list", "--json").json
    shown = mended(registered("dataset", "show", "desk"))

    assert (row["name"], row["versions"], row["deleted"]) == ("desk", 0, 1)
    assert "desk" in registered("dataset", "list").out
    assert f"every version was deleted (desk@1 on {today}: a customer asked)" in shown


def test_lost_bytes_are_put_back_and_it_is_said(
    registered: Tunewise, files: list[Path], home: Path, tmp_path: Path
) -> None:
    view = registered("dataset", "show", "desk@1", "--json").json
    digest = view["files"]["train"].removeprefix("sha256:")
    (home / "blobs" / "sha256" / digest[:2] / digest[2:]).unlink()
    assert "is missing" in mended(
        registered("dataset", "export", "desk@1", tmp_path / "a")
    )

    said = registered("dataset", "register", "desk", *files)

    assert "1 file that the home had lost was put back" in said.out
    assert registered("dataset", "export", "desk@1", tmp_path / "b").status == 0


def test_a_schema_that_is_no_text_is_named(
    tunewise: Tunewise, files: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "ls").write_bytes(b"\x7fELF\xff")

    said = mended(tunewise("dataset", "check", *files, "--schema", tmp_path / "ls"))

    assert said.startswith(f"{tmp_path / 'ls'}: this is no JSON Schema: it is not text")
    assert "codec" not in said

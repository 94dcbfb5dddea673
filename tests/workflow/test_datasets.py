import json
from pathlib import Path

import pytest

from tracker import blobs, references
from tunewise.domain.dataset import Split
from tunewise.domain.errors import (
    DatasetError,
    EnvironmentProblem,
    NotRecorded,
    StatusError,
)
from tunewise.workflow.datasets import checks as dataset_checks
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.home import Home

Paths = dict[str, Path]


def test_checking_says_what_was_found_and_records_nothing(
    home: Home, paths: Paths
) -> None:
    view = dataset_checks.check(home, paths)

    assert set(view) == {"examples", "quality", "findings", "statistics"}
    assert view["examples"] == 18
    assert {f["severity"] for f in view["findings"]} <= {"warn", "note"}
    assert not home.path.exists()


def test_a_bad_line_blocks_and_is_named_by_its_number(home: Home, paths: Paths) -> None:
    lines = paths["train"].read_text().splitlines()
    paths["train"].write_text("\n".join([*lines[:2], '{"messages":', *lines[2:]]))

    found = [
        f
        for f in dataset_checks.check(home, paths)["findings"]
        if f["severity"] == "block"
    ]

    assert [(f["file"], f["lines"]) for f in found] == [(str(paths["train"]), [3])]


def test_a_file_is_given_the_role_that_its_name_says(paths: Paths) -> None:
    assert dataset_checks.by_role([*paths.values()]) == paths


def test_a_role_is_given_once(paths: Paths) -> None:
    with pytest.raises(DatasetError, match="is the train file already"):
        dataset_checks.by_role([paths["train"]], train=paths["train"])


def test_no_file_at_all_is_refused() -> None:
    with pytest.raises(DatasetError, match="no file was named"):
        dataset_checks.by_role([], train=None)


def test_registering_records_content_and_who_did_it(home: Home, paths: Paths) -> None:
    view = datasets.register(home, "desk", paths)

    assert (view["dataset"], view["new"], view["by"]) == ("desk@1", True, "Ada Byron")
    assert {n: s["examples"] for n, s in view["splits"].items()} == {
        "train": 8,
        "validation": 4,
        "heldout": 6,
    }
    assert view["documents"]["examples"] == 2
    assert view["digest"].startswith("sha256:")
    assert view["quality"]["grade"]


def test_unchanged_content_makes_no_new_version(home: Home, paths: Paths) -> None:
    first = datasets.register(home, "desk", paths)
    lines = paths["train"].read_text().splitlines()
    reordered = [json.dumps(dict(reversed(json.loads(x).items()))) for x in lines]
    paths["train"].write_text("\n\n".join(reordered))

    again = datasets.register(home, "desk", paths)

    assert (again["dataset"], again["new"]) == ("desk@1", False)
    assert again["digest"] == first["digest"]


def test_changed_content_is_the_next_version(home: Home, paths: Paths) -> None:
    datasets.register(home, "desk", paths)
    del paths["documents"]

    view = datasets.register(home, "desk", paths)

    assert (view["dataset"], view["new"]) == ("desk@2", True)
    assert [v["dataset"] for v in datasets.versions(home, "desk")] == [
        "desk@1",
        "desk@2",
    ]


def test_what_blocks_stops_a_registration_before_anything_is_written(
    home: Home, paths: Paths
) -> None:
    paths["train"].write_text(paths["train"].read_text() + "{broken\n")

    with pytest.raises(DatasetError) as told:
        datasets.register(home, "desk", paths)

    assert str(told.value).startswith(f"{paths['train']}:9: ")
    assert "--accept-because" in str(told.value)
    assert not home.path.exists()


def test_what_blocks_can_be_accepted_with_a_reason(home: Home, paths: Paths) -> None:
    paths["train"].write_text(paths["train"].read_text() + "{broken\n")

    view = datasets.register(home, "desk", paths, accept_because="one line is cut")

    assert view["splits"]["train"]["examples"] == 8
    with home.store() as store:
        body = datasets.records.get(store, "desk@1").body
    assert body["accepted_because"] == "one line is cut"


def test_a_reason_of_blanks_is_none(home: Home, paths: Paths) -> None:
    with pytest.raises(StatusError, match="accept-because: nothing is said"):
        datasets.register(home, "desk", paths, accept_because=" ")

    assert not home.path.exists()


def test_a_bad_name_is_refused_before_anything_is_written(
    home: Home, paths: Paths
) -> None:
    with pytest.raises(DatasetError, match="cannot be the name"):
        datasets.register(home, "my desk", paths)

    assert not home.path.exists()


def test_content_comes_back_as_it_was_registered(home: Home, paths: Paths) -> None:
    datasets.register(home, "desk", paths)

    content = datasets.load(home, "desk@1")

    assert len(content.split(Split.TRAIN)) == 8
    assert content.split(Split.HELDOUT)[0].reference == "card"
    assert [d.id for d in content.documents] == ["card", "refund"]


def test_the_list_has_one_row_a_name(home: Home, paths: Paths) -> None:
    datasets.register(home, "desk", paths)
    datasets.register(home, "other", {"train": paths["train"]}, accept_because="a test")

    rows = datasets.list_all(home)

    assert [(r["name"], r["versions"], r["examples"]) for r in rows] == [
        ("desk", 1, 18),
        ("other", 1, 8),
    ]


def test_an_unknown_version_is_met_with_those_that_come_close(
    home: Home, paths: Paths
) -> None:
    datasets.register(home, "desk", paths)

    for asked in ("desk@2", "dask@1"):
        with pytest.raises(NotRecorded, match="Did you mean desk@1"):
            datasets.show(home, asked)
    with pytest.raises(NotRecorded):
        datasets.versions(home, "nothing")


def test_versions_are_compared_example_by_example(home: Home, paths: Paths) -> None:
    datasets.register(home, "desk", paths)
    lines = paths["train"].read_text().splitlines()
    paths["train"].write_text("\n".join(lines[1:]))
    datasets.register(home, "desk", paths)

    view = datasets.diff(home, "desk@1", "desk@2")

    assert [e["key"] for e in view["removed"]] == ["card-0"]
    assert (view["added"], view["changed"], view["moved"]) == ([], [], [])
    assert view["unchanged"] == 17 + 2  # examples and documents


def test_files_are_compared_by_a_key(home: Home, tmp_path: Path) -> None:
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    old.write_text('{"sku": 1, "price": 2}\n\n{"sku": 2, "price": 3}\n')
    new.write_text('{"sku": 1, "price": 4}\n{"sku": 3, "price": 3}\n')

    view = datasets.diff(home, str(old), str(new), key="sku")

    assert [e["fields"] for e in view["changed"]] == [["price"]]
    assert (len(view["added"]), len(view["removed"])) == (1, 1)
    assert not home.path.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"id": 1}\n{broken', "2: this is not JSON"),
        (b'{"id": 1}\n[1]', "2: the line is no JSON object"),
        (b"[" * 100_000 + b"]" * 100_000, "1: this cannot be read .objects"),
        (b'{"id": "\\ud800"}', "1: a text holds half a character"),
    ],
    ids=["broken", "list", "deep", "half a character"],
)
def test_a_file_to_compare_with_a_bad_line_is_named(
    home: Home, tmp_path: Path, content: bytes, message: str
) -> None:
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    a.write_bytes(b'{"id": 1}\n')
    b.write_bytes(content)

    with pytest.raises(DatasetError, match=rf"b\.jsonl:{message}"):
        datasets.diff(home, str(a), str(b))


def test_a_missing_file_to_compare_is_named(home: Home, paths: Paths) -> None:
    with pytest.raises(DatasetError, match=r"none\.jsonl: there is no such file"):
        datasets.diff(home, str(paths["train"]), "none.jsonl")


def test_a_key_is_for_files_only(home: Home, paths: Paths) -> None:
    datasets.register(home, "desk", paths)

    with pytest.raises(StatusError, match="versions are compared with versions"):
        datasets.diff(home, "desk@1", "desk@1", key="id")


def test_an_export_can_be_registered_again_as_the_same_content(
    home: Home, paths: Paths, tmp_path: Path
) -> None:
    first = datasets.register(home, "desk", paths)

    written = datasets.export(home, "desk@1", tmp_path / "out")

    roles = dataset_checks.by_role([Path(p) for p in written])
    again = datasets.register(home, "copy", roles)
    assert again["digest"] == first["digest"]


def test_an_export_never_overwrites(home: Home, paths: Paths, tmp_path: Path) -> None:
    datasets.register(home, "desk", paths)

    for target in (tmp_path, paths["train"]):
        with pytest.raises(EnvironmentProblem, match="not an empty folder"):
            datasets.export(home, "desk@1", target)


def test_a_deletion_leaves_a_tombstone_and_takes_the_content(
    home: Home, paths: Paths, tmp_path: Path
) -> None:
    kept = datasets.register(home, "kept", {"train": paths["train"]})
    datasets.register(home, "desk", paths)

    view = datasets.delete(home, "desk@1", because="a customer asked")

    assert view["deleted"] == "a customer asked"
    assert datasets.show(home, "desk@1")["deleted"] == "a customer asked"
    assert len(datasets.load(home, "kept@1").split(Split.TRAIN)) > 0
    for step in (
        lambda: datasets.load(home, "desk@1"),
        lambda: datasets.diff(home, "kept@1", "desk@1"),
        lambda: datasets.export(home, "desk@1", tmp_path / "out"),
    ):
        with pytest.raises(NotRecorded, match="was deleted: a customer asked"):
            step()
    assert not (tmp_path / "out").exists()
    with home.store() as store:
        assert all(blobs.has(store.blobs, d) for d in kept["files"].values())
        assert not all(blobs.has(store.blobs, d) for d in view["files"].values())


def test_a_deletion_needs_a_reason_and_happens_once(home: Home, paths: Paths) -> None:
    datasets.register(home, "desk", paths)

    with pytest.raises(StatusError, match="because"):
        datasets.delete(home, "desk@1", because=" ")
    datasets.delete(home, "desk@1", because="a customer asked")
    with pytest.raises(StatusError, match="deleted already"):
        datasets.delete(home, "desk@1", because="again")


def test_a_name_whose_versions_are_all_deleted_keeps_its_tombstones(
    home: Home, paths: Paths
) -> None:
    datasets.register(home, "desk", paths)
    datasets.delete(home, "desk@1", because="a customer asked")

    (row,) = datasets.list_all(home)

    assert (row["versions"], row["deleted"], row["latest"]) == (0, 1, "")
    said = r"every version was deleted \(desk@1 on 2026-11-22: a customer asked\)"
    with pytest.raises(NotRecorded, match=said):
        datasets.show(home, "desk")
    datasets.register(home, "desk", paths)
    (row,) = datasets.list_all(home)
    assert (row["versions"], row["deleted"], row["latest"]) == (1, 1, "desk@2")
    assert datasets.show(home, "desk")["dataset"] == "desk@2"


def test_a_deletion_that_was_killed_is_finished_when_it_is_asked_again(
    home: Home, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = datasets.register(home, "desk", paths)["files"]
    with monkeypatch.context() as patched:
        patched.setattr(references, "release", lambda *_, **__: None)  # never reached
        datasets.delete(home, "desk@1", because="a customer asked")

    view = datasets.delete(home, "desk@1", because="the first try was killed")

    assert view["deleted"] == "a customer asked"
    with home.store() as store:
        assert not any(blobs.has(store.blobs, d) for d in files.values())
        assert len(datasets.versions(home, "desk")) == 1
    with pytest.raises(StatusError, match="deleted already"):
        datasets.delete(home, "desk@1", because="again")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "there is no such file"),
        (b"{", "it is not JSON from line 1, column 2 on"),
        (b"[]", "it is not one JSON object"),
        (b"\x7fELF\xff", "it is not text in UTF-8"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b"9" * 5_000, "a number of more digits than can be read"),
    ],
)
def test_a_json_schema_that_cannot_be_used_is_named(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    path = tmp_path / "schema.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(DatasetError, match=rf"schema\.json: .*{why}"):
        dataset_checks.read_schema(str(path))

"""What a version carries beside its content: order, provenance, grade, acceptance."""

import json
import random
from pathlib import Path

import pytest

from tracker import audit, blobs
from tunewise.datasets import canonical
from tunewise.datasets.tokens import TokenCounter
from tunewise.domain.dataset import Provenance, Split
from tunewise.domain.errors import (
    DatasetError,
    EnvironmentProblem,
    ModelError,
    NotRecorded,
    RuleFileError,
    StatusError,
)
from tunewise.workflow.datasets import checks as dataset_checks
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

from .conftest import as_bea

Paths = dict[str, Path]
ADAS = Provenance(owner="Ada Byron", classification="internal")


def shuffled(path: Path) -> None:
    lines = path.read_text().splitlines()
    random.Random(1).shuffle(lines)
    path.write_text("\n".join(lines))


def stored(home: Home) -> set[str]:
    with home.store() as store:
        return set(blobs.digests(store.blobs))


def test_a_version_is_not_compared_with_a_file(
    home: Home, paths: dict[str, Path]
) -> None:
    datasets.register(home, "desk", paths)

    for pair in (("desk@1", paths["train"]), (paths["train"], "desk@1")):
        with pytest.raises(StatusError, match=r"desk@1: versions are compared with"):
            datasets.diff(home, *map(str, pair))


def test_a_version_keeps_a_hash_for_each_example_in_file_order(
    home: Home, paths: Paths
) -> None:
    view = datasets.register(home, "desk", paths)

    with home.store() as store:
        lines = blobs.read(store.blobs, view["example_hashes"]).decode().splitlines()
    train = datasets.load(home, "desk@1").split(Split.TRAIN)
    assert lines[:8] == [f"train {canonical.example_hash(e)}" for e in train]
    assert [line.split()[0] for line in lines[8:]] == [
        *["validation"] * 4,
        *["heldout"] * 6,
        *["documents"] * 2,
    ]


def test_another_order_is_recognised_and_stores_nothing(
    home: Home, paths: Paths
) -> None:
    first = datasets.register(home, "desk", paths)
    before = stored(home)
    shuffled(paths["train"])

    again = datasets.register(home, "desk", paths)
    same = datasets.register(home, "desk", paths | {"train": paths["train"]})

    assert (first["reordered"], again["reordered"]) == (False, True)
    assert (again["dataset"], again["new"]) == ("desk@1", False)
    assert same["reordered"] is True
    assert stored(home) == before


def test_the_difference_to_another_order_is_none(home: Home, paths: Paths) -> None:
    datasets.register(home, "desk", paths)
    shuffled(paths["train"])
    view = datasets.register(home, "other", paths)

    found = datasets.diff(home, "desk@1", "other@1")

    assert view["same_content"] == ["desk@1"]
    assert [found[kind] for kind in ("added", "removed", "changed", "moved")] == [
        []
    ] * 4
    assert found["reordered"] is True
    assert datasets.diff(home, "desk@1", "desk@1")["reordered"] is False


def test_equal_bytes_are_stored_once(home: Home, paths: Paths) -> None:
    datasets.register(home, "desk", paths)
    before = stored(home)

    datasets.register(home, "other", paths)

    assert stored(home) == before


def test_a_version_carries_whose_it_is_and_what_is_missing(
    home: Home, paths: Paths
) -> None:
    view = datasets.register(home, "desk", paths, provenance=ADAS)

    assert view["provenance"] == {
        "owner": "Ada Byron",
        "origin": "",
        "licence": "",
        "classification": "internal",
        "basis": "",
    }
    assert view["provenance_missing"] == ["origin", "licence", "basis"]


def test_a_correction_is_an_event_and_the_record_stays(
    home: Home, paths: Paths
) -> None:
    datasets.register(home, "desk", paths, provenance=ADAS)

    said = Provenance(owner="Bea Maro", basis="contract 7")
    view = datasets.describe(as_bea(home), "desk@1", said, because="she took over")

    assert view["provenance"]["owner"] == "Bea Maro"
    assert view["provenance"]["classification"] == "internal"
    (change,) = view["provenance_changes"]
    assert (change["by"], change["because"], change["basis"]) == (
        "Bea Maro",
        "she took over",
        "contract 7",
    )
    with home.store() as store:
        row = datasets.records.get(store, "desk@1")
        assert row.body["provenance"]["owner"] == "Ada Byron"
        assert audit.verify(store) == []


@pytest.mark.parametrize(
    ("said", "because", "message"),
    [
        (Provenance(), "x", "nothing to correct"),
        (Provenance(owner=" "), "x", "owner: nothing is said"),
        (Provenance(basis="law"), " ", "because: nothing is said"),
        (ADAS, "x", "that is what the record says already"),
    ],
)
def test_a_correction_says_something(
    home: Home, paths: Paths, said: Provenance, because: str, message: str
) -> None:
    datasets.register(home, "desk", paths, provenance=ADAS)

    with pytest.raises(StatusError, match=message):
        datasets.describe(home, "desk@1", said, because=because)


def test_registering_again_never_redescribes_in_silence(
    home: Home, paths: Paths
) -> None:
    datasets.register(home, "desk", paths, provenance=ADAS)

    again = datasets.register(home, "desk", paths, provenance=ADAS)

    assert again["new"] is False
    with pytest.raises(StatusError, match="its owner is Ada Byron"):
        datasets.register(home, "desk", paths, provenance=Provenance(owner="Bea"))
    with pytest.raises(StatusError, match="its basis is unknown"):
        datasets.register(home, "desk", paths, provenance=Provenance(basis="law"))


def test_what_was_accepted_is_recorded_with_the_person(
    home: Home, paths: Paths
) -> None:
    paths["train"].write_text(paths["train"].read_text() + "{broken\n")

    view = datasets.register(home, "desk", paths, accept_because="one line is cut")
    clean = datasets.register(
        home, "other", {"train": paths["heldout"]}, accept_because="for nothing"
    )

    assert view["accepted"] == {
        "by": "Ada Byron",
        "identity": home.actor.identity,
        "because": "one line is cut",
        "findings": [{"code": "not_json", "file": str(paths["train"]), "lines": [9]}],
    }
    assert view["accepted_because"] == "one line is cut"
    assert clean["accepted"] is None


def test_a_grade_names_the_rules_that_gave_it(home: Home, paths: Paths) -> None:
    shipped = datasets.register(home, "desk", paths)["quality"]
    house = home.path / "house" / "data-quality.toml"
    house.parent.mkdir()
    house.write_text(
        '[few_heldout_examples]\nwhat = "few are held out"\n'
        'present = "poor"\nbecause = "we say so"\n'
    )

    own = datasets.register(home, "other", paths)["quality"]

    assert (shipped["grade"], shipped["rules_origin"]) == ("mixed", "shipped")
    assert (own["grade"], own["because"]) == ("poor", "few are held out")
    assert own["rules_origin"] == "house"
    with home.store() as store:
        assert blobs.read(store.blobs, own["rules"]).decode() == house.read_text()


def test_a_broken_house_file_is_named_before_anything_is_written(
    home: Home, paths: Paths
) -> None:
    house = home.path / "house" / "data-quality.toml"
    house.parent.mkdir(parents=True)
    house.write_text("[leekage]\n")

    with pytest.raises(RuleFileError, match=r"house/data-quality.toml:1: .*leekage"):
        datasets.register(home, "desk", paths)

    assert not (home.path / "tunewise.db").exists()


def test_a_base_model_that_is_not_here_is_not_fetched(home: Home) -> None:
    with pytest.raises(ModelError, match="tunewise model fetch owner/name"):
        dataset_checks.counter_for(home, "owner/name")


def test_a_folder_without_a_tokenizer_is_named(home: Home, tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")

    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        dataset_checks.counter_for(home, str(tmp_path))


def test_without_a_base_model_tokens_are_an_estimate(home: Home, paths: Paths) -> None:
    by = dataset_checks.check(home, paths)["statistics"]["tokens_counted_by"]

    assert (by["estimate"], by["base_model"]) == (True, "")
    assert dataset_checks.counter_for(home, "") == TokenCounter()


def test_a_schema_is_held_against_the_references(home: Home, paths: Paths) -> None:
    schema = {"type": "object", "required": ["sku"]}

    found = dataset_checks.check(home, paths, schema=schema)["findings"]

    assert "reference_not_valid" in {f["code"] for f in found}


def test_a_blob_that_was_altered_is_not_handed_out(
    home: Home, paths: Paths, tmp_path: Path
) -> None:
    view = datasets.register(home, "desk", paths)
    with home.store() as store:
        place = blobs.path(store.blobs, view["files"]["train"])
    place.chmod(0o644)
    place.write_bytes(place.read_bytes()[:-2] + b"!\n")

    for step in (
        lambda: datasets.load(home, "desk@1"),
        lambda: datasets.export(home, "desk@1", tmp_path / "out"),
        lambda: datasets.diff(home, "desk@1", "desk@1"),
    ):
        with pytest.raises(EnvironmentProblem, match="is not what was stored"):
            step()
    assert not (tmp_path / "out").exists()
    assert datasets.show(home, "desk@1")["digest"] == view["digest"]


def test_nothing_crashes_where_bytes_are_missing(
    home: Home, paths: Paths, tmp_path: Path
) -> None:
    view = datasets.register(home, "desk", paths)
    with home.store() as store:
        for digest in (*view["files"].values(), view["example_hashes"]):
            blobs.remove(store.blobs, digest)

    for step in (
        lambda: datasets.load(home, "desk@1"),
        lambda: datasets.export(home, "desk@1", tmp_path / "out"),
        lambda: datasets.diff(home, "desk@1", "desk@1"),
    ):
        with pytest.raises(NotRecorded, match="this blob is missing"):
            step()
    assert datasets.show(home, "desk@1")["splits"] == view["splits"]
    assert datasets.delete(home, "desk@1", because="gone anyway")["deleted"]


def test_a_deleted_name_is_usable_again_with_the_next_number(
    home: Home, paths: Paths
) -> None:
    datasets.register(home, "desk", paths)
    datasets.delete(home, "desk@1", because="a customer asked")

    again = datasets.register(home, "desk", paths)

    assert (again["dataset"], again["new"]) == ("desk@2", True)
    assert len(datasets.load(home, "desk").split(Split.TRAIN)) == 8


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", "..", "x@1", "", "a\0b"])
def test_a_name_stays_inside_the_home(home: Home, paths: Paths, name: str) -> None:
    with pytest.raises(DatasetError, match="cannot be the name"):
        datasets.register(home, name, paths)

    assert not home.path.exists()


def test_an_export_does_not_follow_a_link(
    home: Home, paths: Paths, tmp_path: Path
) -> None:
    datasets.register(home, "desk", paths)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(EnvironmentProblem, match="this is a symbolic link"):
        datasets.export(home, "desk@1", tmp_path / "link")

    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_record_of_an_earlier_day_is_still_shown(home: Home, paths: Paths) -> None:
    view = datasets.register(home, "desk", paths)
    kept = ("splits", "documents", "findings", "statistics", "files")
    body = {key: view[key] for key in kept}
    body["quality"] = {"grade": "high", "because": "as of old"}
    with home.store() as store:
        datasets.records.register(
            store, "old", digest="sha256:1", body=body, actor=home.actor, at=home.now()
        )

    old = datasets.show(home, "old@1")

    assert old["provenance_missing"] == list(old["provenance"])
    assert (old["accepted"], old["example_hashes"]) == (None, "")
    json.dumps(old)


def test_who_deletes_is_not_who_registered(home: Home, paths: Paths) -> None:
    datasets.register(home, "desk", paths)

    view = datasets.delete(as_bea(home), "desk@1", because="asked")

    assert (view["by"], view["deleted_at"]) == ("Ada Byron", home.now())


def lose(home: Home, digests: list[str]) -> None:
    for digest in digests:
        blobs.path(home.path / "blobs", digest).unlink()


def test_lost_bytes_are_put_back_when_the_same_files_are_registered_again(
    home: Home, paths: Paths, tmp_path: Path
) -> None:
    first = datasets.register(home, "desk", paths)
    lost = sorted({*first["files"].values(), first["example_hashes"]})
    whole = stored(home)
    lose(home, lost)

    again = datasets.register(home, "desk", paths)

    assert (again["new"], again["restored"]) == (False, lost)
    assert stored(home) == whole
    datasets.export(home, "desk@1", tmp_path / "out")
    assert integrity.verify(home)["ok"]
    assert datasets.register(home, "desk", paths)["restored"] == []
    with home.store() as store:
        assert [e.action for e in audit.events(store)][-1] == "dataset.restored"


def test_damaged_bytes_are_put_back_too(home: Home, paths: Paths) -> None:
    train = datasets.register(home, "desk", paths)["files"]["train"]
    place = blobs.path(home.path / "blobs", train)
    place.chmod(0o644)
    place.write_bytes(b"not what was stored")

    assert datasets.register(home, "desk", paths)["restored"] == [train]
    assert integrity.verify(home)["ok"]


def test_examples_in_another_order_put_no_other_bytes_back(
    home: Home, paths: Paths
) -> None:
    first = datasets.register(home, "desk", paths)
    lose(home, [first["files"]["train"]])
    before = stored(home)
    shuffled(paths["train"])

    with pytest.raises(EnvironmentProblem, match=r"lost its bytes \(train\)"):
        datasets.register(home, "desk", paths)

    assert stored(home) == before

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tracker import blobs
from tunewise.domain.errors import EnvironmentProblem, ModelError, NotRecorded
from tunewise.workflow import history
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.drift import checking as drift
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models import exporting, imported
from tunewise.workflow.models import versions as models

from .imports import LEAST, register_model, write_adapter, write_model

FULL: dict[str, Any] = {
    **LEAST,
    "base_model": {
        "id": "mistral-7b",
        "revision": "v0.3",
        "licence": "Apache-2.0",
        "source": "hub",
        "files": {"model.safetensors": "sha256:ab"},
    },
    "adapter": "adapter",
    "purpose": "Route mail",
    "out_of_scope": "Legal letters",
    "prompt": "Answer with a desk.",
    "dataset": {
        "name": "letters-2025",
        "digest": "md5:1736fa04",
        "origin": "the mail room",
        "owner": "Ana",
        "licence": "internal",
        "classification": "confidential",
        "basis": "contract",
    },
    "training": {"method": "qlora", "epochs": 3},
    "seeds": [42],
    "environment": {"gpu": "A100"},
    "git_commit": "0a1b2c",
    "metrics": {
        "accuracy": {"value": 0.91, "low": 0.89, "high": 0.93, "n": 1200},
        "macro_f1": 0.88,
    },
    "heldout_digest": "md5:77",
    "target_score": 0.9,
    "alternatives": [{"option": "prompt", "score": 0.62, "because": "too weak"}],
    "trained_at": "2025-03-01",
    "trained_by": "Contractor X",
    "decision": "Prompting missed two desks in five.",
    "tool": "axolotl 0.6",
    "limits": "English only",
    "oversight": "Ana, weekly",
    "monitoring": "monthly drift check",
    "rollback": "back to the rules",
}


def test_the_option_and_the_base_are_enough(home: Home) -> None:
    id = register_model(home, "mail")

    view = lineage.why(home, id)

    assert id == "mail@1"
    assert view["model"]["base_model"]["id"] == "mistral-7b"
    assert (view["decision"], view["run"], view["dataset"]) == (None, None, None)
    assert view["missing"]
    # by hand: of all that is expected of a tuned model only the base's name is known
    assert view["completeness"] == round(1 / len(view["expected"]), 3)


def test_everything_that_a_file_says_is_kept(home: Home, tmp_path: Path) -> None:
    write_adapter(tmp_path / "m" / "adapter")

    view = imported.register(home, "mail", write_model(tmp_path / "m", FULL))

    assert set(view["files"]) == {"adapter_model.safetensors", "adapter_config.json"}
    assert view["metrics"]["macro_f1"] == {
        "value": 0.88,
        "low": None,
        "high": None,
        "n": None,
    }
    assert (view["primary_metric"], view["target_score"]) == ("accuracy", 0.9)
    assert view["registered_from"]["file"] == "model.json"
    for key in ("purpose", "limits", "training", "seeds", "git_commit", "tool"):
        assert view[key] == FULL[key]
    assert view["aliases"] == []
    # what only a run and a decision of this home can tell
    assert set(view["missing"]) == {
        "the criteria that matched",
        "who accepted it",
        "the date of the next review",
        "the dataset's splits",
        "the dataset's quality report",
        "what training took",
    }


def test_why_shows_what_was_stated_as_stated(home: Home, tmp_path: Path) -> None:
    write_adapter(tmp_path / "m" / "adapter")
    imported.register(home, "mail", write_model(tmp_path / "m", FULL))

    view = lineage.why(home, "mail@1")

    assert view["dataset"]["version"] == "letters-2025"
    assert view["dataset"]["provenance"]["classification"] == "confidential"
    (other,) = view["alternatives"]
    assert (other["arm"], other["score"]["value"]) == ("prompt", 0.62)
    assert (other["status"], other["because"]) == ("stated", "too weak")
    assert integrity.verify(home)["ok"]


def test_toml_with_a_date_is_taken_too(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(
        'option = "rag"\ntrained_at = 2025-03-01\nbase_model.id = "gpt-4o"\n'
        '[endpoint]\nmodel = "gpt-4o"\nsnapshot = "2024-08-06"\n'
    )

    view = imported.register(home, "mail", path)

    assert view["trained_at"] == "2025-03-01"
    assert "the snapshot that the endpoint named" not in view["missing"]
    assert "the adapter" not in view["missing"]  # of retrieval there is none


def test_a_dataset_version_of_this_home_is_linked(
    home: Home, paths: dict[str, Path]
) -> None:
    version = datasets.register(home, "toy", paths, accept_because="a test")["dataset"]

    id = register_model(home, "mail", dataset=version)

    found = lineage.why(home, id)["dataset"]
    assert (found["version"], found["quality"]["grade"] != "") == (version, True)


def test_a_search_finds_a_model_by_what_its_file_says(home: Home) -> None:
    register_model(home, "mail", purpose="Route letters of claimants")

    assert [h["id"] for h in history.search(home, "claimants")] == ["mail@1"]


def test_drift_needs_the_data_of_this_home(home: Home, tmp_path: Path) -> None:
    register_model(home, "mail")

    with pytest.raises(NotRecorded, match="mail@1: the data that it was made from"):
        drift.check(home, "mail@1", tmp_path / "later.jsonl")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"optoin": "rag"}, "unknown key 'optoin', did you mean 'option'"),
        ({"base_model": {"id": "m", "licens": "x"}}, "'base_model.licence'"),
        ({"dataset": {"digset": "x"}}, "did you mean 'dataset.digest'"),
        ({"option": "magic"}, "option: 'magic' is not one of"),
        ({"base_model": {}}, "base_model: 'id' is missing"),
        ({"base_model": {"id": " "}}, "base_model.id"),
        ({"seeds": ["x"]}, r"seeds\[0\]"),
        ({"metrics": {"accuracy": "good"}}, "metrics.accuracy"),
        ({"metrics": {"accuracy": 91}}, "accuracy: 91 is not from 0 to 1"),
        (
            {"metrics": {"bleu": {"value": 34.1, "low": 36.0, "high": 33.0}}},
            "bleu: 34.1 does not lie from 36.0 to 33.0",
        ),
        ({"metrics": {"f1": 0.5}, "primary_metric": "f2"}, "'f2' is not among"),
        ({"trained_at": "last year"}, "trained_at: 'last year' is not a moment"),
        ({"trained_at": "2030-01-01"}, "has not come yet"),
        ({"decision": "d-unknown"}, "decision: No decision 'd-unknown'"),
        ({"dataset": "letters@1"}, "dataset: No dataset 'letters@1'"),
        ({"adapter": "none"}, "there is no such folder"),
        ({"option": "prompt", "adapter": "x"}, "the option prompt has none"),
    ],
    ids=lambda v: json.dumps(v) if isinstance(v, dict) else "",
)
def test_what_a_file_cannot_say_is_refused_and_nothing_is_recorded(
    home: Home, tmp_path: Path, more: dict, message: str
) -> None:
    register_model(home, "other")
    head = integrity.verify(home)["head"]

    with pytest.raises((ModelError, NotRecorded), match=message):
        imported.register(home, "mail", write_model(tmp_path / "m", **more))

    assert integrity.verify(home)["head"] == head
    assert [m["name"] for m in models.list_all(home)] == ["other"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "neither TOML nor JSON"),
        (b'{"a":' * 30_000 + b"1" + b"}" * 30_000, "neither TOML nor JSON"),
        (b'{"option": "rag", "option": "rag"}', "'option' stands there twice"),
        (b'{"option": NaN}', "NaN is not a number"),
        (b"target_score = inf", "inf is not a number"),
        (b'purpose = "a\\u0000b"', "holds what is no text"),
        (b'{"purpose": "\\u001b[2J"}', "holds what is no text"),
        (b'{"purpose": "\\u009b2J"}', "holds what is no text"),
        (b'{"purpose": "\\ud800"}', "holds what is no text"),
        (b" " * 1_000_001, "are more than the"),
        (b"", "'option' is missing|'base_model' is missing"),
        (b"[]", "is not|neither"),
    ],
    ids=["bytes", "brackets", "nesting", "twice", "nan", "inf", "nul", "escape", "c1",
         "lone", "long", "empty", "list"],
)  # fmt: skip
def test_a_file_that_is_none_is_met_with_one_message(
    home: Home, tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "m.toml"
    path.write_bytes(content)

    with pytest.raises(ModelError, match=message) as raised:
        imported.register(home, "mail", path)

    assert str(path) in str(raised.value)
    assert len(str(raised.value)) < 500
    assert not home.path.exists()


def test_a_first_file_that_names_unknown_records_leaves_no_home(
    home: Home, tmp_path: Path
) -> None:
    with pytest.raises(EnvironmentProblem):
        register_model(home, "mail", dataset="letters@1")

    assert not home.path.exists()


@pytest.mark.parametrize("name", ["adapter_model.bin", "optimizer.PT", "x.pkl"])
def test_pickled_weights_are_refused(home: Home, tmp_path: Path, name: str) -> None:
    folder = write_adapter(tmp_path / "m" / "adapter")
    (folder / name).write_bytes(b"\x80\x04.")

    with pytest.raises(ModelError, match="pickled weights are not taken"):
        imported.register(home, "mail", write_model(tmp_path / "m", FULL))

    assert not home.path.exists()


def test_a_pickle_with_another_name_is_refused_too(home: Home, tmp_path: Path) -> None:
    folder = write_adapter(tmp_path / "m" / "adapter")
    (folder / "adapter_model.safetensors").write_bytes(b"\x80\x04cos\nsystem\n" * 9)

    with pytest.raises(ModelError, match="not a safetensors file"):
        imported.register(home, "mail", write_model(tmp_path / "m", FULL))


@pytest.mark.parametrize("cut", [1, 4, 8])
def test_weights_that_are_cut_off_are_refused(
    home: Home, tmp_path: Path, cut: int
) -> None:
    folder = write_adapter(tmp_path / "m" / "adapter")
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-cut])

    with pytest.raises(ModelError, match="bytes of weights where its header says"):
        imported.register(home, "mail", write_model(tmp_path / "m", FULL))


def test_a_tensor_smaller_than_its_shape_is_refused(home: Home, tmp_path: Path) -> None:
    folder = write_adapter(tmp_path / "m" / "adapter")
    header = b'{"a": {"dtype": "F32", "shape": [10], "data_offsets": [0, 4]}}'
    content = len(header).to_bytes(8, "little") + header + bytes(4)
    (folder / "adapter_model.safetensors").write_bytes(content)

    with pytest.raises(ModelError, match="a has 4 bytes and needs 40"):
        imported.register(home, "mail", write_model(tmp_path / "m", FULL))


def test_an_adapter_that_nests_too_deeply_is_met_with_one_message(
    home: Home, tmp_path: Path
) -> None:
    folder = write_adapter(tmp_path / "m" / "adapter")
    deep = b'{"a":' + b"[" * 200_000
    content = len(deep).to_bytes(8, "little") + deep
    (folder / "adapter_model.safetensors").write_bytes(content)

    with pytest.raises(ModelError, match="not a safetensors file"):
        imported.register(home, "mail", write_model(tmp_path / "m", FULL))


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "adapter_config.json"])
def test_an_adapter_file_that_cannot_be_read_is_met_with_one_message(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write_adapter(tmp_path / "m" / "adapter")
    path, open_file = write_model(tmp_path / "m", FULL), Path.open

    def refused(
        self: Path, *a: Any, **more: Any
    ) -> Any:  # root may read whatever it likes
        if self.name == name:
            raise PermissionError(13, "Permission denied", str(self))
        return open_file(self, *a, **more)

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(ModelError, match=rf"{name}: cannot be read \(Permission"):
        imported.register(home, "mail", path)

    assert not home.path.exists()


def test_a_record_and_its_files_are_written_in_one_transaction(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_adapter(tmp_path / "m" / "adapter")
    held: list[bool] = []
    put_file = blobs.put_file

    def put(folder: Path, source: Path) -> str:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite3.connect(home.path / "tunewise.db", timeout=0).execute(
                "BEGIN IMMEDIATE"
            )
        held.append(True)
        return put_file(folder, source)

    monkeypatch.setattr(blobs, "put_file", put)
    imported.register(home, "mail", write_model(tmp_path / "m", FULL))

    assert held == [True, True]


def test_a_link_out_of_the_adapter_is_refused(home: Home, tmp_path: Path) -> None:
    folder = write_adapter(tmp_path / "m" / "adapter")
    (folder / "adapter_config.json").unlink()
    (tmp_path / "secret").write_text("mine")
    (folder / "adapter_config.json").symlink_to(tmp_path / "secret")

    with pytest.raises(ModelError, match="a link is not taken"):
        imported.register(home, "mail", write_model(tmp_path / "m", FULL))


def test_an_exported_import_holds_what_was_given(home: Home, tmp_path: Path) -> None:
    folder = write_adapter(tmp_path / "m" / "adapter")
    imported.register(home, "mail", write_model(tmp_path / "m", FULL))

    exporting.export(home, "mail@1", tmp_path / "out")

    name = "adapter_model.safetensors"
    assert (tmp_path / "out" / name).read_bytes() == (folder / name).read_bytes()
    card = (tmp_path / "out" / "README.md").read_text()
    for said in ("letters-2025", "Contractor X", "English only", "Route mail"):
        assert said in card


def test_what_the_record_lacks_can_be_said_later(home: Home) -> None:
    id = register_model(home, "mail", limits="English only")
    before = lineage.shown(home, id)["completeness"]

    models.describe(
        home, id, {"limits": "German too", "rollback": "rules"}, because="x"
    )

    view = lineage.shown(home, id)
    assert (view["limits"], view["rollback"]) == ("German too", "rules")
    assert view["completeness"] > before

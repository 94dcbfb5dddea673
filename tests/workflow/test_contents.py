from pathlib import Path
from typing import Any

import pytest

from tracker import blobs
from tracker import datasets as dataset_records
from tracker.store import Store
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.home import Home
from tunewise.workflow.models import contents
from tunewise.workflow.models import versions as models

from .conftest import write_jsonl
from .on_heldout import measure


def prompt_of(home: Home, dataset: str, result: Any = None) -> Any:
    with home.store() as store:
        return contents.prompt_of(store, dataset, result or {})


PINNED = {"id": "tiny", "source": "pypi:tiny==1.2", "files": {"a": "sha256:0"}}


def test_a_base_model_keeps_its_revision_and_the_hash_of_each_file() -> None:
    base = contents.base_of({**PINNED, "revision": "abc"}, "unused")

    assert (base["id"], base["revision"]) == ("tiny", "abc")
    assert base["files"] == {"a": "sha256:0"}


def test_the_version_of_a_package_is_the_revision_of_an_older_record() -> None:
    assert contents.base_of(PINNED, "")["revision"] == "1.2"
    assert contents.base_of({"id": "x", "source": "folder"}, "")["revision"] == ""


def test_of_a_hosted_base_only_the_name_is_known() -> None:
    base = contents.base_of({}, "gpt-4o")

    assert (base["id"], base["digest"], base["files"]) == ("gpt-4o", "", {})


def test_a_setup_does_not_repeat_what_stands_elsewhere() -> None:
    details = {"k": 2, "index": {"digest": "x"}, "snapshot": "m-1"}

    assert contents.setup_of({"details": details}, "k=2") == {"name": "k=2", "k": 2}


def test_the_system_message_of_the_data_is_the_prompt(
    home: Home, paths: dict[str, Path]
) -> None:
    version = datasets.register(home, "toy", paths, accept_because="a test")["dataset"]
    result = {"details": {"shots": [["a"], ["b"]]}}

    assert prompt_of(home, version, result) == {
        "system": "Answer card or refund.",
        "systems": 1,
        "shots": 2,
    }


def test_several_system_messages_are_kept_as_number_and_digest(
    home: Home, paths: dict[str, Path]
) -> None:
    rows = [
        {
            "messages": [
                {"role": "system", "content": f"You are clerk {n % 2}."},
                {"role": "user", "content": f"question {n}"},
                {"role": "assistant", "content": "card"},
            ]
        }
        for n in range(4)
    ]
    write_jsonl(paths["heldout"], rows)
    version = datasets.register(home, "toy", paths, accept_because="a test")["dataset"]

    prompt = prompt_of(home, version)

    assert prompt is not None
    assert (prompt["system"], prompt["systems"]) == ("", 2)
    assert prompt["digest"].startswith("sha256:")


def test_where_the_data_are_gone_the_prompt_is_unknown(
    home: Home, paths: dict[str, Path]
) -> None:
    version = datasets.register(home, "toy", paths, accept_because="a test")["dataset"]
    datasets.delete(home, version, because="a customer asked")

    assert prompt_of(home, version) is None
    assert prompt_of(home, "") is None


def test_held_out_examples_are_read_before_the_write_lock_is_taken(
    home: Home, paths: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    version = datasets.register(home, "toy", paths, accept_because="a test")["dataset"]
    cited = measure(home, "e-1", version)
    facts = {"rag_score": {"value": 0.8, "evidence": f"run:{cited}"}}
    id = decisions.propose(home, facts, title="Toy")["id"]
    read, locked = contents.prompt_of, []

    def spied(store: Store, *more: Any) -> Any:
        locked.append(store.db.conn.in_transaction)
        return read(store, *more)

    monkeypatch.setattr(contents, "prompt_of", spied)
    models.register(home, "e-1", "rag")
    view = decisions.accept(home, id, choice="rag", because="it cites")

    assert locked == [False, False]
    made = models.show(home, view["model"])
    assert made["prompt"]["system"] == "Answer card or refund."
    assert (made["decision"], made["number"]) == (id, 2)


def test_only_the_held_out_examples_are_read(
    home: Home, paths: dict[str, Path]
) -> None:
    version = datasets.register(home, "toy", paths, accept_because="a test")["dataset"]
    with home.store() as store:
        kept = dataset_records.get(store, version).body["files"]
        for role in ("train", "validation", "documents"):
            blobs.path(store.blobs, kept[role]).unlink()

    assert prompt_of(home, version)["system"] == "Answer card or refund."

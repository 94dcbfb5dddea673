import json
from dataclasses import asdict
from pathlib import Path

import pytest

from trainer.run_config import RunConfig, Task, read_run_config
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import (
    EndpointSpec,
    FinetuneSpec,
    HybridSpec,
    PromptSpec,
    RagSpec,
)

CONFIG = RunConfig(
    run="r1",
    arm="rag",
    seed=3,
    task=Task("extraction", "field_f1", {"type": "object", "required": ["a"]}),
    train="../data/train.jsonl",
    validation="../data/validation.jsonl",
    heldout="../data/heldout.jsonl",
    documents="",
    model_dir="/models/tiny",
    model_name="tiny",
    prompt=PromptSpec(setups=("zero-shot",), shots=(1,)),
    rag=RagSpec(k=(3,)),
    finetune=FinetuneSpec(epochs=2, learning_rate=2e-4),
    hybrid=HybridSpec(k=(1,)),
    endpoint=EndpointSpec("http://localhost:1", "m"),
    minutes=1.5,
)


def written(folder: Path, change: dict[str, object]) -> Path:
    raw = json.loads(json.dumps(asdict(CONFIG)))
    for path, value in change.items():
        inner = raw
        *parents, key = path.split(".")
        for parent in parents:
            inner = inner[parent]
        inner[key] = value
    (folder / "run.json").write_text(json.dumps(raw))
    return folder


def test_what_the_workflow_writes_is_read_back_equal(tmp_path: Path) -> None:
    assert read_run_config(written(tmp_path, {})) == CONFIG


def test_optional_keys_may_be_null_or_missing(tmp_path: Path) -> None:
    written(tmp_path, {"endpoint": None, "task.schema": None})
    raw = json.loads((tmp_path / "run.json").read_text())
    del raw["minutes"]
    (tmp_path / "run.json").write_text(json.dumps(raw))

    config = read_run_config(tmp_path)

    assert config.endpoint is None
    assert config.task.schema is None
    assert config.minutes == 0.0
    assert config.latency_examples == 20


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("epochs", "run.json: unknown key 'epochs'"),
        ("finetune.lerning_rate", "finetune: unknown key 'lerning_rate'"),
        ("task.metrics", "task: unknown key 'metrics'"),
        ("endpoint.key", "endpoint: unknown key 'key'"),
    ],
)
def test_an_unknown_key_is_refused_with_its_place(tmp_path: Path, key, message) -> None:
    with pytest.raises(SpecError, match=message):
        read_run_config(written(tmp_path, {key: 1}))


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"run": "r1"}')

    with pytest.raises(SpecError, match=r"run\.json: .*'heldout'"):
        read_run_config(tmp_path)


def test_a_folder_without_a_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"there is no run\.json in this folder"):
        read_run_config(tmp_path)


@pytest.mark.parametrize("content", [b"{", b"", b"\xff"])
def test_what_is_not_json_is_refused(tmp_path: Path, content) -> None:
    (tmp_path / "run.json").write_bytes(content)

    with pytest.raises(SpecError, match="not JSON"):
        read_run_config(tmp_path)


@pytest.mark.parametrize(
    ("change", "place"),
    [({"prompt": None}, "prompt"), ({"rag": 3}, "rag"), ({"task": "x"}, "task")],
)
def test_a_value_where_a_table_belongs_is_refused(
    tmp_path: Path, change, place
) -> None:
    with pytest.raises(SpecError, match=f"{place}: "):
        read_run_config(written(tmp_path, change))


def test_an_endpoint_as_older_software_wrote_it_has_todays_defaults(
    tmp_path: Path,
) -> None:
    old = {"base_url": "http://localhost:1", "model": "m", "key_env": ""}
    written(tmp_path, {"endpoint": old})
    raw = json.loads((tmp_path / "run.json").read_text())
    for added in ("answer_cache", "spent", "judging"):
        del raw[added]
    (tmp_path / "run.json").write_text(json.dumps(raw))

    config = read_run_config(tmp_path)

    assert config == CONFIG


def test_one_number_of_passages_as_older_software_wrote_it_is_a_list_of_one(
    tmp_path: Path,
) -> None:
    assert read_run_config(written(tmp_path, {"hybrid.k": 3})).hybrid.k == (3,)

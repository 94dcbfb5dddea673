"""Adapter or whole model: what is kept of a folder, and what is refused."""

import json
from pathlib import Path

import pytest

from tunewise.domain.errors import ModelError
from tunewise.workflow.home import Home
from tunewise.workflow.models import imported
from tunewise.workflow.models.foreign_weights import adapter_files, merged_files

from .imports import WEIGHTS, write_adapter, write_model


def write_merged(folder: Path) -> Path:
    """Write a whole model in two shards, as transformers leaves it."""
    folder.mkdir(parents=True)
    shards = [f"model-{n:05}-of-00002.safetensors" for n in (1, 2)]
    for name in shards:
        (folder / name).write_bytes(WEIGHTS)
    index = {"weight_map": dict(zip("ab", shards, strict=True))}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    for name in ("config.json", "tokenizer.json", "chat_template.jinja", "notes.md"):
        (folder / name).write_text("{}")
    return folder


def kept(paths: list[Path]) -> set[str]:
    return {path.name for path in paths}


def test_the_tokenizer_beside_an_adapter_is_kept(tmp_path: Path) -> None:
    folder = write_adapter(tmp_path / "adapter")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "training_args.bin").write_bytes(b"\x80\x04.")

    assert kept(adapter_files(folder, {})) == {
        "adapter_model.safetensors",
        "adapter_config.json",
        "tokenizer.json",
    }


def test_every_shard_of_a_whole_model_is_kept(tmp_path: Path) -> None:
    folder = write_merged(tmp_path / "merged")

    assert kept(merged_files(folder)) == {
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "config.json",
        "tokenizer.json",
        "chat_template.jinja",
    }


def test_a_shard_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = write_merged(tmp_path / "merged")
    (folder / "model-00002-of-00002.safetensors").unlink()

    with pytest.raises(ModelError, match=r"model-00002-of-00002\.safetensors is miss"):
        merged_files(folder)


def test_a_folder_of_the_other_kind_is_told_which_word_it_wants(tmp_path: Path) -> None:
    adapter = write_adapter(tmp_path / "adapter")
    merged = write_merged(tmp_path / "merged")

    with pytest.raises(ModelError, match='whole model: say merged = "merged" instead'):
        adapter_files(merged, {})
    with pytest.raises(ModelError, match='adapter: say adapter = "adapter" instead'):
        merged_files(adapter)


@pytest.mark.parametrize("text", ["{", "[1]", "\N{NO-BREAK SPACE}"])
def test_an_adapter_whose_configuration_is_none_is_refused(
    tmp_path: Path, text: str
) -> None:
    folder = write_adapter(tmp_path / "adapter")
    (folder / "adapter_config.json").write_text(text, encoding="utf-8")

    with pytest.raises(ModelError, match=r"adapter_config\.json: "):
        adapter_files(folder, {})


def test_an_adapter_of_another_rank_than_is_said_is_refused(
    home: Home, tmp_path: Path
) -> None:
    folder = write_adapter(tmp_path / "m" / "adapter")
    (folder / "adapter_config.json").write_text('{"r": 16, "lora_alpha": 32}')
    path = write_model(
        tmp_path / "m", adapter="adapter", training={"rank": 8, "alpha": 32}
    )

    with pytest.raises(ModelError, match=r"r is 16, and training\.rank says 8"):
        imported.register(home, "mail", path)

    assert not home.path.exists()


def test_a_version_is_an_adapter_or_a_whole_model(home: Home, tmp_path: Path) -> None:
    path = write_model(tmp_path / "m", adapter="a", merged="b")

    with pytest.raises(ModelError, match="adapter and merged: a version is one or"):
        imported.register(home, "mail", path)


def test_pickled_weights_beside_a_whole_model_are_refused(tmp_path: Path) -> None:
    folder = write_merged(tmp_path / "merged")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")

    with pytest.raises(ModelError, match="pickled weights are not taken"):
        merged_files(folder)

"""What another trainer is given: the same data, the same mask, the same settings."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tunewise.domain.errors import EnvironmentProblem, SpecError
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments import trl_export
from tunewise.workflow.experiments.telling import Event
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.models import imported
from tunewise.workflow.models import versions as models

from .conftest import write_spec

LORA = """
arms = ["finetune"]
finetune = { epochs = 2, learning_rate = 3e-4, rank = 8, max_length = 256 }
seeds = [7]
"""


def ignore(_: Event) -> None:
    """Take what it has to tell."""


def settings_of(folder: Path) -> dict[str, Any]:
    lines = (folder / "config.yaml").read_text().splitlines()
    pairs = (line.partition(": ") for line in lines)
    return {key: json.loads(value) for key, _, value in pairs}


@pytest.mark.model
def test_the_settings_are_those_of_the_specification(
    home: Home, toy: Path, tiny_model: Path, tmp_path: Path
) -> None:
    spec = write_spec(toy, tiny_model, LORA)

    trl_export.export(home, spec, tmp_path / "out", tell=ignore)

    settings = settings_of(tmp_path / "out")
    assert settings["num_train_epochs"] == 2
    assert settings["learning_rate"] == 3e-4
    assert (settings["lora_r"], settings["lora_alpha"]) == (8, 32)
    assert settings["seed"] == 7
    assert settings["max_length"] is None  # what is too long was met already
    assert Path(settings["model_name_or_path"]).is_absolute()
    assert experiments.list_all(home) == []  # nothing was run


@pytest.mark.model
def test_a_machine_without_a_gpu_can_run_it_and_one_with_a_gpu_uses_it(
    home: Home, toy: Path, tiny_model: Path, tmp_path: Path
) -> None:
    trl_export.export(
        home, write_spec(toy, tiny_model, LORA), tmp_path / "out", tell=ignore
    )

    # trl 1.16 asks for bfloat16 unless told otherwise, and then refuses a CPU
    settings = settings_of(tmp_path / "out")
    assert settings["bf16"] is False
    assert "use_cpu" not in settings


@pytest.mark.model
def test_every_example_is_rendered_and_masked_as_a_run_of_ours_would(
    home: Home, toy: Path, tiny_model: Path, tmp_path: Path
) -> None:
    from trainer.base import load_tokenizer
    from trainer.chat import training_tokens
    from trainer.files import read_examples

    trl_export.export(
        home, write_spec(toy, tiny_model, LORA), tmp_path / "out", tell=ignore
    )

    tokenizer = load_tokenizer(tiny_model)
    lines = (tmp_path / "out" / "train.jsonl").read_text().splitlines()
    for line, example in zip(lines, read_examples(toy / "train.jsonl"), strict=True):
        row, meant = json.loads(line), training_tokens(tokenizer, example.messages)
        assert tuple(row["input_ids"]) == meant.ids
        assert [t for t in row["labels"] if t != -100] == [
            t for t, trained in zip(meant.ids, meant.trained, strict=True) if trained
        ]


@pytest.mark.model
def test_full_training_asks_for_no_adapter(
    home: Home, toy: Path, tiny_model: Path, tmp_path: Path
) -> None:
    extra = 'arms = ["finetune"]\nfinetune = { method = "full", epochs = 1 }'

    trl_export.export(
        home, write_spec(toy, tiny_model, extra), tmp_path / "out", tell=ignore
    )

    assert not {k for k in settings_of(tmp_path / "out") if "lora" in k or "peft" in k}


@pytest.mark.model
def test_what_was_trained_comes_back_with_its_lineage(
    home: Home, toy: Path, tiny_model: Path, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import save_file

    out = tmp_path / "out"
    trl_export.export(home, write_spec(toy, tiny_model, LORA), out, tell=ignore)
    trained = out / "trained"  # as TRL leaves it
    trained.mkdir()
    save_file({"a": torch.zeros(2)}, trained / "adapter_model.safetensors")
    (trained / "adapter_config.json").write_text("{}")
    (trained / "training_args.bin").write_bytes(b"pickled")

    imported.register(home, "toy", out / "model.toml")

    view = models.show(home, "toy@1")
    assert view["dataset"] == "toy-desk@1"
    assert view["base_model"]["id"] == "tiny"
    assert set(view["files"]) == {"adapter_model.safetensors", "adapter_config.json"}
    assert integrity.verify(home)["ok"]


@pytest.mark.model
def test_what_was_trained_in_full_comes_back_as_a_whole_model(
    home: Home, toy: Path, tiny_model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    full = 'arms = ["finetune"]\nfinetune = { method = "full", max_length = 256 }'
    trl_export.export(home, write_spec(toy, tiny_model, full), out, tell=ignore)
    shutil.copytree(tiny_model, out / "trained")

    imported.register(home, "toy", out / "model.toml")

    files = models.show(home, "toy@1")["files"]
    assert {"model.safetensors", "config.json", "tokenizer.json"} <= set(files)
    assert not [name for name in files if name.startswith("adapter")]


@pytest.mark.model
def test_a_folder_with_something_in_it_is_refused(
    home: Home, toy: Path, tiny_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("mine")

    with pytest.raises(EnvironmentProblem, match="not an empty folder"):
        trl_export.export(
            home, write_spec(toy, tiny_model, LORA), tmp_path, tell=ignore
        )


def test_an_experiment_on_an_endpoint_has_nothing_to_train(
    home: Home, toy: Path, tmp_path: Path
) -> None:
    endpoint = 'endpoint = { base_url = "http://127.0.0.1:9/v1", model = "m" }'
    extra = f'arms = ["prompt"]\n{endpoint}'

    with pytest.raises(SpecError, match="nothing is fine-tuned here"):
        trl_export.export(
            home, write_spec(toy, extra=extra), tmp_path / "out", tell=ignore
        )

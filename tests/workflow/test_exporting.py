"""A model version leaves as folders that peft and transformers load as they are."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tracker.blobs import path as blob_path
from tunewise.domain.errors import EnvironmentProblem, ModelError, NotRecorded
from tunewise.workflow.experiments import running
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.models import exporting, imported
from tunewise.workflow.models import versions as models
from tunewise.workflow.models.bases import sha256_of

from .conftest import ADA, NOON, Measured, write_spec, write_toy
from .imports import register_model

pytestmark = pytest.mark.model

CHAT = [{"role": "user", "content": "Where is my card?"}]
TOKENIZER = {"tokenizer.json", "tokenizer_config.json", "chat_template.jinja"}
WORDS = {"README.md", "setup.json", "tunewise.json"}
FULL = """
arms = ["finetune"]
seeds = [0]
finetune = { method = "full", epochs = 1, learning_rate = 1e-3, max_length = 256 }
"""


@pytest.fixture
def tuned(measured: Measured) -> Measured:
    """The measured home with its finetune arm as toy-desk@1."""
    models.register(measured.home, measured.report["experiment"], "finetune")
    return measured


@pytest.fixture(scope="module")
def full_once(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose toy-desk@1 had all its weights trained."""
    folder = tmp_path_factory.mktemp("full")
    home = Home(folder / "home", ADA, clock=lambda: NOON)
    spec = write_spec(write_toy(folder / "toy"), tiny_model, FULL)
    report = running.run(home, spec, tell=lambda _: None)
    models.register(home, report["experiment"], "finetune")
    return home


def names(files: tuple[str, ...]) -> set[str]:
    return {Path(p).name for p in files}


def load(folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder).eval()


def logits(model: Any, folder: Path) -> Any:
    """Return what a model answers to the chat, read by the tokenizer of a folder."""
    import torch
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    text = tokenizer.apply_chat_template(
        CHAT, tokenize=False, add_generation_prompt=True
    )
    with torch.inference_mode():
        return model(**tokenizer(text, return_tensors="pt")).logits


def beside_base(adapter: Path, base: Path) -> Any:
    from peft import PeftModel

    return PeftModel.from_pretrained(load(base), str(adapter)).eval()


# --- as it was trained


def test_an_exported_adapter_is_loaded_by_peft_with_its_own_tokenizer(
    tuned: Measured, tiny_model: Path, tmp_path: Path
) -> None:
    made = exporting.export(tuned.home, "toy-desk@1", tmp_path / "out")

    adapter = {"adapter_config.json", "adapter_model.safetensors"}
    assert names(made.files) == adapter | TOKENIZER | WORDS
    assert made.lacks == ""
    model = beside_base(tmp_path / "out", tiny_model)
    moved = logits(model, tmp_path / "out") - logits(load(tiny_model), tiny_model)
    assert moved.abs().max() > 1e-3  # untrained, it answers as the base


def test_an_adapter_without_its_base_here_says_what_it_lacks(
    tuned: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_places", lambda *_: iter(()))

    made = exporting.export(tuned.home, "toy-desk@1", tmp_path / "out")

    assert "the base model tiny is not here" in made.lacks
    assert not TOKENIZER & names(made.files)


def test_a_tokenizer_that_is_not_the_one_of_the_base_is_refused(
    tuned: Measured, tiny_model: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(tiny_model, tmp_path / "other"))
    (other / "chat_template.jinja").write_text("{{ messages }}")

    with pytest.raises(ModelError, match=r"chat_template\.jinja: not the file that"):
        exporting.export(tuned.home, "toy-desk@1", tmp_path / "out", base=other)

    assert not (tmp_path / "out").exists()


def test_an_exported_retrieval_setup_names_its_passages(
    measured: Measured, tmp_path: Path
) -> None:
    models.register(measured.home, measured.report["experiment"], "rag")

    made = exporting.export(measured.home, "toy-desk@1", tmp_path / "out")

    setup = json.loads((tmp_path / "out" / "setup.json").read_text())
    assert setup["name"] == "k=1"
    assert setup["retrieval"]["k"] == 1
    assert "toy-desk@1" in (tmp_path / "out" / "README.md").read_text()
    assert names(made.files) == WORDS


@pytest.mark.parametrize("make", [exporting.export, exporting.merge])
def test_an_export_never_overwrites_and_is_whole_or_not_there(
    tuned: Measured, tmp_path: Path, make: Any
) -> None:
    files = models.show(tuned.home, "toy-desk@1")["files"]
    (tmp_path / "file").write_text("mine")

    with pytest.raises(EnvironmentProblem, match="not an empty folder"):
        make(tuned.home, "toy-desk@1", tmp_path / "file")
    blob = blob_path(tuned.home.path / "blobs", files["adapter_model.safetensors"])
    blob.unlink()
    with pytest.raises(NotRecorded, match="this blob is missing"):
        make(tuned.home, "toy-desk@1", tmp_path / "out")

    assert (tmp_path / "file").read_text() == "mine"
    assert {p.name for p in tmp_path.iterdir()} == {"file", "measured"}


def test_fully_trained_weights_leave_as_a_model_that_transformers_loads(
    full_once: Home, tiny_model: Path, tmp_path: Path
) -> None:
    made = exporting.export(full_once, "toy-desk@1", tmp_path / "out")

    whole = {"model.safetensors", "config.json", "generation_config.json"}
    assert names(made.files) == whole | TOKENIZER | WORDS
    found = logits(load(tmp_path / "out"), tmp_path / "out")
    assert (found - logits(load(tiny_model), tiny_model)).abs().max() > 1e-3


# --- merged


def test_a_merged_model_answers_as_base_and_adapter_do(
    tuned: Measured, tiny_model: Path, tmp_path: Path
) -> None:
    exporting.export(tuned.home, "toy-desk@1", tmp_path / "adapter")

    made = exporting.merge(tuned.home, "toy-desk@1", tmp_path / "merged")

    whole = {"model.safetensors", "config.json", "generation_config.json"}
    assert names(made.files) == whole | TOKENIZER | WORDS | {"merged.json"}
    beside = beside_base(tmp_path / "adapter", tiny_model)
    apart = logits(beside, tmp_path / "adapter") - logits(
        load(tmp_path / "merged"), tmp_path / "merged"
    )
    assert apart.abs().max() < 1e-5


def test_a_merged_model_says_what_it_is_of_and_what_was_compared(
    tuned: Measured, tmp_path: Path
) -> None:
    exporting.merge(tuned.home, "toy-desk@1", tmp_path / "merged")

    said = json.loads((tmp_path / "merged" / "merged.json").read_text())
    card = (tmp_path / "merged" / "README.md").read_text()
    assert (said["model"], said["precision"]) == ("toy-desk@1", "float32")
    assert said["largest_logit_difference"]["merging"] < 1e-5
    assert said["largest_logit_difference"]["writing"] == 0
    weights = tmp_path / "merged" / "model.safetensors"
    mode = (tmp_path / "merged" / "config.json").stat().st_mode
    assert weights.stat().st_mode == mode  # whoever may read the one may serve it
    assert said["files"]["model.safetensors"] == sha256_of(weights)
    assert "base_model_relation: finetune\nlibrary_name: transformers" in card
    for name in ("README.md", "tunewise.json"):
        assert integrity.verify(tuned.home, tmp_path / "merged" / name)["ok"]


def test_a_merged_model_takes_the_precision_that_is_asked_for(
    full_once: Home, tmp_path: Path
) -> None:
    import torch

    exporting.merge(full_once, "toy-desk@1", tmp_path / "out", precision="bfloat16")

    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tmp_path / "out", dtype="auto")
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16}
    said = json.loads((tmp_path / "out" / "merged.json").read_text())
    apart = said["largest_logit_difference"]
    assert 0 < apart["rounding"] < apart["training"]


def test_a_base_of_other_weights_is_not_merged_with(
    tuned: Measured, tiny_model: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(tiny_model, tmp_path / "other"))
    content = bytearray((other / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (other / "model.safetensors").write_bytes(content)

    with pytest.raises(ModelError, match=r"model\.safetensors: not the file that toy"):
        exporting.merge(tuned.home, "toy-desk@1", tmp_path / "out", base=other)

    assert not (tmp_path / "out").exists()


def test_damaged_weights_are_not_handed_out(
    tuned: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    def put_broken(store: Any, folder: Path, name: str, digest: str) -> None:
        path = folder / name
        shutil.copyfile(blob_path(store.blobs, digest), path)
        if path.suffix == ".safetensors":
            save_file({k: v * torch.nan for k, v in load_file(path).items()}, path)

    monkeypatch.setattr(exporting, "_put", put_broken)

    with pytest.raises(ModelError, match="logits that are no numbers"):
        exporting.merge(tuned.home, "toy-desk@1", tmp_path / "out")

    assert {p.name for p in tmp_path.iterdir()} == {"measured"}


def test_a_version_without_trained_weights_has_nothing_to_merge(
    measured: Measured, tmp_path: Path
) -> None:
    models.register(measured.home, measured.report["experiment"], "rag")

    with pytest.raises(ModelError, match=r"no trained weights to merge \(rag\)"):
        exporting.merge(measured.home, "toy-desk@1", tmp_path / "out")


def test_a_version_whose_base_is_not_here_is_merged_with_one_that_is_named(
    tuned: Measured, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_places", lambda *_: iter(()))
    with pytest.raises(ModelError, match=r"base model tiny is not here\n.*--base"):
        exporting.merge(tuned.home, "toy-desk@1", tmp_path / "out")

    made = exporting.merge(tuned.home, "toy-desk@1", tmp_path / "out", base=tiny_model)

    assert "model.safetensors" in names(made.files)


def test_a_folder_that_is_no_base_is_refused(home: Home, tmp_path: Path) -> None:
    id = register_model(replace(home, path=tmp_path / "home"), "mail")

    with pytest.raises(ModelError, match=r"no base model here \(no config.json\)"):
        exporting.export(home, id, tmp_path / "out", base=tmp_path)


# --- and in again


def described(folder: Path, key: str) -> Path:
    """Write the least description of the weights in a folder beside it."""
    path = folder.parent / f"{key}.toml"
    path.write_text(
        f'option = "finetune"\n{key} = "{folder.name}"\nbase_model.id = "tiny"\n'
    )
    return path


def test_an_adapter_that_left_comes_back_and_leaves_again(
    tuned: Measured, home: Home, tiny_model: Path, tmp_path: Path
) -> None:
    exporting.export(tuned.home, "toy-desk@1", tmp_path / "first")
    imported.register(home, "back", described(tmp_path / "first", "adapter"))

    made = exporting.export(home, "back@1", tmp_path / "second")

    assert made.lacks == ""  # the tokenizer came with it
    first, second = (
        logits(beside_base(tmp_path / name, tiny_model), tmp_path / name)
        for name in ("first", "second")
    )
    assert first.equal(second)


def test_a_merged_model_that_left_comes_back_and_leaves_again(
    tuned: Measured, home: Home, tmp_path: Path
) -> None:
    exporting.merge(tuned.home, "toy-desk@1", tmp_path / "first")
    imported.register(home, "back", described(tmp_path / "first", "merged"))

    exporting.export(home, "back@1", tmp_path / "second")

    first, second = (
        logits(load(tmp_path / name), tmp_path / name) for name in ("first", "second")
    )
    assert first.equal(second)
    card = (tmp_path / "second" / "README.md").read_text()
    assert "base_model_relation: finetune\nlibrary_name: transformers" in card
    with pytest.raises(ModelError, match="it is one model already"):
        exporting.merge(home, "back@1", tmp_path / "third")

import json
import shutil
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from trainer import base  # noqa: E402
from tunewise.domain.errors import ModelError  # noqa: E402

pytestmark = pytest.mark.model
CPU = torch.device("cpu")


@pytest.fixture
def copied(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "copied"))


def test_a_folder_without_a_configuration_is_no_base_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no base model here .*config\.json"):
        base.load_model(tmp_path, device=CPU)
    with pytest.raises(ModelError, match="no base model here"):
        base.load_tokenizer(tmp_path / "missing")


def test_an_unreadable_configuration_is_no_base_model(copied: Path) -> None:
    (copied / "config.json").write_text("{")

    with pytest.raises(ModelError, match="no base model here"):
        base.load_model(copied, device=CPU)


def test_a_tokenizer_without_a_chat_template_is_refused(copied: Path) -> None:
    (copied / "chat_template.jinja").unlink(missing_ok=True)
    settings = json.loads((copied / "tokenizer_config.json").read_text())
    settings.pop("chat_template", None)
    (copied / "tokenizer_config.json").write_text(json.dumps(settings))

    with pytest.raises(ModelError, match="no chat template"):
        base.load_tokenizer(copied)


def test_a_base_model_answers_in_float32_and_is_not_training(tiny_model: Path) -> None:
    model = base.load_model(tiny_model, device=CPU)

    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert not model.training


def test_the_window_is_the_configurations(tiny_model: Path) -> None:
    assert base.context_tokens(tiny_model) == 2048


def test_weights_that_would_be_unpickled_are_not_loaded(copied: Path) -> None:
    (copied / "model.safetensors").unlink()
    torch.save({}, copied / "pytorch_model.bin")

    with pytest.raises((OSError, ModelError), match="safetensors"):
        base.load_model(copied, device=CPU)

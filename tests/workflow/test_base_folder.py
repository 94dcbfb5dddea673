"""What is read of a base model's files before anything of it is loaded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunewise.domain.errors import ModelError, SpecError
from tunewise.workflow.models.base_folder import require_context, require_usable

MakeBase = Callable[..., Path]


def weights(rows: int, name: str = "model.embed_tokens.weight") -> bytes:
    tensor = {"dtype": "F32", "shape": [rows, 2], "data_offsets": [0, rows * 8]}
    header = json.dumps({name: tensor}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(rows * 8)


@pytest.fixture
def base(tmp_path: Path) -> MakeBase:
    """Makes a base of six tokens that reads 64; ``without`` leaves a file out."""

    def make(*, without: str = "", rows: int = 6, **config: Any) -> Path:
        folder = tmp_path / "mine"
        folder.mkdir()
        said = {"vocab_size": 6, "max_position_embeddings": 64} | config
        tokenizer = {
            "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "d": 3}},
            "added_tokens": [{"id": 5, "content": "<|im_end|>"}],
        }
        files = {
            "config.json": json.dumps(said).encode(),
            "model.safetensors": weights(rows),
            "tokenizer.json": json.dumps(tokenizer).encode(),
            "chat_template.jinja": b"{{ messages }}",
        }
        for name, content in files.items():
            if name != without:
                (folder / name).write_bytes(content)
        return folder

    return make


def test_a_base_whose_parts_fit_is_taken(base: MakeBase) -> None:
    require_usable(base())


def test_more_rows_than_tokens_are_taken(base: MakeBase) -> None:
    # many bases pad their embedding to a round number
    require_usable(base(rows=8, vocab_size=8))


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.PT"])
def test_pickled_weights_are_named_and_not_read(base: MakeBase, name: str) -> None:
    folder = base(without="model.safetensors")
    (folder / name).write_bytes(b"\x80\x04cposix\nsystem\n")

    with pytest.raises(ModelError, match=rf"pickled \({name}\), and reading them runs"):
        require_usable(folder)


@pytest.mark.parametrize(
    ("without", "message"),
    [
        ("config.json", "not a base model"),
        ("model.safetensors", "not a base model"),
        ("tokenizer.json", "there is no tokenizer here"),
        ("chat_template.jinja", "no chat template\n.*instruction-tuned"),
    ],
)
def test_a_part_that_is_missing_is_named(
    base: MakeBase, without: str, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        require_usable(base(without=without))


def test_a_chat_template_within_the_tokenizers_settings_counts(base: MakeBase) -> None:
    folder = base(without="chat_template.jinja")
    (folder / "tokenizer_config.json").write_text('{"chat_template": "{{ messages }}"}')

    require_usable(folder)


def test_a_token_beyond_the_embedding_is_named_with_both_numbers(
    base: MakeBase,
) -> None:
    with pytest.raises(ModelError, match="has ids up to 5, and the embedding has 5 ro"):
        require_usable(base(rows=5, vocab_size=5))


def test_pieces_in_a_list_are_numbered_by_their_place(base: MakeBase) -> None:
    folder = base()
    pieces = [[f"p{n}", -1.0] for n in range(9)]
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": pieces}}))

    with pytest.raises(ModelError, match="has ids up to 8, and the embedding has 6 ro"):
        require_usable(folder)


def test_a_configuration_of_another_model_is_named_with_both_numbers(
    base: MakeBase,
) -> None:
    with pytest.raises(ModelError, match="vocabulary of 7, and the embedding has 6 ro"):
        require_usable(base(vocab_size=7))


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff"])
def test_a_file_that_cannot_be_read_is_named(
    base: MakeBase, name: str, content: bytes
) -> None:
    folder = base()
    (folder / name).write_bytes(content)

    with pytest.raises(ModelError, match=rf"{name}: cannot be read"):
        require_usable(folder)


def test_a_length_beyond_the_context_is_refused_with_both_numbers(
    base: MakeBase,
) -> None:
    folder = base()

    require_context(folder, 64)
    with pytest.raises(SpecError, match="65 tokens, but the base model mine reads 64"):
        require_context(folder, 65)


def test_a_base_that_does_not_say_what_it_reads_is_taken(base: MakeBase) -> None:
    folder = base()
    (folder / "config.json").write_text("{}")

    require_context(folder, 10**6)

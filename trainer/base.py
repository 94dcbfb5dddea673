"""Base models on disk: convert once, load many times.

A base model is a folder that ``transformers`` loads: safetensors, tokenizer and
chat template. Nothing is unpickled, and no code of a model folder is run.
"""

import functools
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from trainer.device import ATTENTION
from tunewise.domain.errors import ModelError


def convert_gguf(source: Path, target: Path) -> None:
    """Turn a GGUF file into a folder of safetensors, whole or not at all.

    ``transformers`` reads GGUF by dequantizing it but refuses to save the result
    as it is, so the weights are put into a fresh model of the same config.
    """
    import gguf

    # transformers parses the file anew for tokenizer, config and weights
    gguf.GGUFReader = functools.cache(gguf.GGUFReader)
    tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
    read = AutoModelForCausalLM.from_pretrained(
        source.parent, gguf_file=source.name, dtype=torch.float32
    )
    settings = read.config.to_dict()
    for key in ("quantization_config", "_name_or_path", "_model_name_or_path"):
        settings.pop(key, None)
    with torch.device("meta"):  # no time for random weights that nobody needs
        fresh = AutoModelForCausalLM.from_config(type(read.config)(**settings))
    fresh.load_state_dict(read.state_dict(), assign=True)
    fresh.tie_weights()
    fresh.generation_config = read.generation_config
    temporary = target.with_name(target.name + ".partial")
    shutil.rmtree(temporary, ignore_errors=True)
    fresh.save_pretrained(temporary)
    tokenizer.save_pretrained(temporary)
    temporary.rename(target)


def load_tokenizer(folder: Path) -> Any:
    """Load a base model's tokenizer; it must bring a chat template."""
    _require(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    if not tokenizer.chat_template:
        raise ModelError(
            f"{folder}: the tokenizer has no chat template\n"
            "  Use an instruction-tuned base model, or add chat_template.jinja."
        )
    return tokenizer


def load_model(
    folder: Path, *, device: torch.device, dtype: torch.dtype = torch.float32
) -> Any:
    """Load a base model for answering or training."""
    _require(folder)
    model = AutoModelForCausalLM.from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
        attn_implementation=ATTENTION,
        dtype=dtype,
    )
    return model.to(device).eval()


def context_tokens(folder: Path) -> int:
    """Return how many tokens the base model can read at once."""
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    return int(config.max_position_embeddings)


def _require(folder: Path) -> None:
    try:
        json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ModelError(
            f"{folder}: there is no base model here (no readable config.json)\n"
            "  Fetch it with 'tunewise model fetch', or name a local folder."
        ) from None

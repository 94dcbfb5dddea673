"""What the files of a base model say before anything of it is loaded.

config.json             how many tokens it reads, rows of its vocabulary
*.safetensors           rows of the embedding, from the header
tokenizer.json          the highest token id
chat_template.jinja     or chat_template in tokenizer_config.json
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trainer.token_counter import context_tokens
from tunewise.domain.errors import ModelError, SpecError
from tunewise.workflow.models.weights import PICKLED, shapes_of

# The embedding of input tokens, as the families of transformers name it.
_EMBEDDINGS = (
    "embed_tokens.weight",
    "embed_in.weight",
    "wte.weight",
    "word_embeddings.weight",
)
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")


def require_safetensors(folder: Path) -> None:
    """Refuse a folder that is no base model, or one whose weights are pickled."""
    if (folder / "config.json").exists() and list(folder.glob("*.safetensors")):
        return
    pickled = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in PICKLED)
    if pickled:
        raise ModelError(
            f"{folder}: its weights are pickled ({pickled[0]}), "
            "and reading them runs code\n"
            "  Take a copy with *.safetensors; save_pretrained of transformers writes "
            "them."
        )
    raise ModelError(
        f"{folder}: not a base model (config.json and *.safetensors are needed)\n"
        "  Only safetensors are loaded; nothing is unpickled."
    )


def require_usable(folder: Path) -> None:
    """Refuse a base model that could be loaded and not be used.

    Raises
    ------
    ModelError
        If the weights are no safetensors, if tokenizer or chat template is missing,
        or if the tokenizer is not that of the weights.
    """
    require_safetensors(folder)
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        raise ModelError(
            f"{folder}: there is no tokenizer here (tokenizer.json)\n"
            "  Save it beside the weights: a base model is both."
        )
    if not _has_chat_template(folder):
        raise ModelError(
            f"{folder}: the tokenizer has no chat template\n"
            "  Use an instruction-tuned base model, or add chat_template.jinja."
        )
    _require_one_vocabulary(folder)


def require_context(folder: Path, max_length: int) -> None:
    """Refuse examples that may be longer than what the base model reads."""
    context = context_tokens(folder)
    if context is not None and max_length > context:
        raise SpecError(
            f"finetune.max_length: {max_length} tokens, but the base model "
            f"{folder.name} reads {context}\n"
            f"  Set it to {context} at most, or leave it out."
        )


def _require_one_vocabulary(folder: Path) -> None:
    rows = _embedding_rows(folder)
    said = _read(folder / "config.json").get("vocab_size")
    if rows and isinstance(said, int) and said != rows:
        raise ModelError(
            f"{folder}: config.json says a vocabulary of {said}, and the embedding has "
            f"{rows} rows\n  Take config.json and weights from one model."
        )
    highest = max(_token_ids(folder / "tokenizer.json"), default=-1)
    known = rows or said
    if isinstance(known, int) and highest >= known:
        raise ModelError(
            f"{folder}: the tokenizer has ids up to {highest}, and the embedding has "
            f"{known} rows: they are not of one model\n"
            "  Take tokenizer and weights from one model, or enlarge the embedding "
            "(resize_token_embeddings) and save both."
        )


def _embedding_rows(folder: Path) -> int | None:
    for path in sorted(folder.glob("*.safetensors")):
        for name, shape in shapes_of(path).items():
            if name.endswith(_EMBEDDINGS) and len(shape) == 2:
                return shape[0]
    return None


def _token_ids(path: Path) -> Iterator[int]:
    """Yield the ids of a tokenizer.json; a list (Unigram) numbers its pieces itself."""
    tokenizer = _read(path) if path.is_file() else {}
    model = tokenizer.get("model")
    vocabulary = model.get("vocab") if isinstance(model, Mapping) else None
    if isinstance(vocabulary, Mapping):
        yield from (id for id in vocabulary.values() if isinstance(id, int))
    elif isinstance(vocabulary, list):
        yield from range(len(vocabulary))
    for token in tokenizer.get("added_tokens") or ():
        if isinstance(id := token.get("id"), int):
            yield id


def _has_chat_template(folder: Path) -> bool:
    if (folder / "chat_template.jinja").is_file():
        return True
    settings = folder / "tokenizer_config.json"
    return settings.is_file() and bool(_read(settings).get("chat_template"))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, Mapping):
            return found
        problem = "it holds no object"
    except (OSError, ValueError, RecursionError) as error:
        problem = str(error)
    raise ModelError(
        f"{path}: cannot be read ({problem})\n"
        "  Fetch the model again, or name another folder."
    )

"""How many tokens a text has for a base model: its tokenizer alone, without torch."""

import json
from collections.abc import Callable
from pathlib import Path

from tunewise.domain.errors import EnvironmentProblem, ModelError


def load_counter(folder: Path) -> Callable[[str], int]:
    """Return what counts the tokens of a text with a base model's tokenizer.

    Raises
    ------
    ModelError
        If the folder has no ``tokenizer.json`` that can be read.
    EnvironmentProblem
        If the extra [train] is not installed.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise EnvironmentProblem(
            "counting a base model's tokens needs tokenizers, not installed here\n"
            "  Install the extra: pip install 'tunewise[train]'; or leave out "
            "--base-model for an estimate."
        ) from None
    path = folder / "tokenizer.json"
    try:
        # bytes, so that only this file is read, and ours are the errors about it
        tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as error:  # tokenizers raises nothing narrower
        raise ModelError(
            f"{path}: no tokenizer that can be read ({error})\n"
            "  Fetch the model with 'tunewise model fetch', or name another folder."
        ) from None
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def context_tokens(folder: Path) -> int | None:
    """Return how many tokens the base model reads, None where its files do not say."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return int(config["max_position_embeddings"])
    except (OSError, ValueError, KeyError, TypeError):
        return None

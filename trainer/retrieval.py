"""Finding passages: by their words, by what words have in common, or by both.

lexical   BM25 (bm25s)
dense     TF-IDF projected on its leading singular vectors, or a sentence encoder
fused     the ranks of both put together
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trainer.passages import Passage
from trainer.vectors import LATENT_SIZE, TextVectors

STOPWORDS = "en"  # the list of bm25s
FUSED_AFTER = 60  # of reciprocal rank fusion: Cormack, Clarke, Buettcher, SIGIR 2009
FUSED_DEPTH = 50  # passages of each ranking that are put together


class PassageIndex(ABC):
    """Passages that can be searched, each with its document's id and title.

    A question that names a case number or a policy's code then finds every passage
    of that document, not only the one whose text repeats it.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = tuple(passages)
        self.texts = [f"{p.document} {p.title} {p.text}" for p in self.passages]

    @abstractmethod
    def search(self, question: str, k: int) -> tuple[Passage, ...]:
        """Return the ``k`` best passages, best first."""

    @abstractmethod
    def described(self) -> dict[str, object]:
        """Return what makes the index again: its passages by digest, parameters."""

    def of_document(self, ids: Sequence[str]) -> tuple[Passage, ...]:
        """Return every passage of these documents, in order."""
        return tuple(p for p in self.passages if p.document in ids)

    def content(self) -> dict[str, object]:
        """Return the number of passages and the digest of their texts."""
        content = [[p.document, p.title, p.text] for p in self.passages]
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return {
            "passages": len(self.passages),
            "digest": "sha256:" + hashlib.sha256(text.encode()).hexdigest(),
        }


class LexicalIndex(PassageIndex):
    """BM25 over passages."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        import bm25s

        super().__init__(passages)
        self._bm25s = bm25s
        self._index = bm25s.BM25()
        self._index.index(self._tokens(self.texts), show_progress=False)

    def search(self, question: str, k: int) -> tuple[Passage, ...]:
        """Return the ``k`` best passages, best first."""
        k = min(k, len(self.passages))
        found, _ = self._index.retrieve(
            self._tokens([question]), k=k, show_progress=False
        )
        return tuple(self.passages[int(i)] for i in found[0])

    def described(self) -> dict[str, object]:
        """Return what makes the index again: its passages by digest, parameters."""
        return {
            "method": "bm25",
            "variant": self._index.method,
            "k1": self._index.k1,
            "b": self._index.b,
            "stopwords": STOPWORDS,
            **self.content(),
        }

    def _tokens(self, texts: list[str]) -> object:
        return self._bm25s.tokenize(texts, stopwords=STOPWORDS, show_progress=False)


class LatentIndex(PassageIndex):
    """Latent semantic analysis of the passages themselves."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        super().__init__(passages)
        self._vectors = TextVectors(self.texts, lexical=False)

    def search(self, question: str, k: int) -> tuple[Passage, ...]:
        """Return the ``k`` best passages, best first."""
        return _best(self.passages, self._vectors.similarity(question), k)

    def described(self) -> dict[str, object]:
        """Return what makes the index again."""
        return {
            "method": "latent semantic analysis",
            "dimensions": LATENT_SIZE,
            **self.content(),
        }


class EncoderIndex(PassageIndex):
    """Vectors of a sentence encoder (:mod:`trainer.encoder`)."""

    def __init__(self, passages: Sequence[Passage], folder: Path) -> None:
        from trainer.encoder import SentenceEncoder

        super().__init__(passages)
        self._encoder = SentenceEncoder(folder)
        self._matrix = self._encoder.encode(self.texts)

    def search(self, question: str, k: int) -> tuple[Passage, ...]:
        """Return the ``k`` best passages, best first."""
        [asked] = self._encoder.encode([question])
        return _best(self.passages, self._matrix @ asked, k)

    def described(self) -> dict[str, object]:
        """Return what makes the index again."""
        return {
            "method": "sentence encoder",
            "encoder": self._encoder.digest,
            **self.content(),
        }


class FusedIndex(PassageIndex):
    """Reciprocal rank fusion: a passage gains 1 / (60 + rank) from each ranking."""

    def __init__(self, parts: Sequence[PassageIndex]) -> None:
        super().__init__(parts[0].passages)
        self._parts = tuple(parts)

    def search(self, question: str, k: int) -> tuple[Passage, ...]:
        """Return the ``k`` best passages, best first; a tie goes to the first part."""
        gained: dict[Passage, float] = {}
        for part in self._parts:
            found = part.search(question, max(k, FUSED_DEPTH))
            for rank, passage in enumerate(found, start=1):
                gained[passage] = gained.get(passage, 0.0) + 1 / (FUSED_AFTER + rank)
        return tuple(sorted(gained, key=lambda p: -gained[p])[:k])

    def described(self) -> dict[str, object]:
        """Return what makes the index again."""
        return {
            "method": "reciprocal rank fusion",
            "of": [part.described() for part in self._parts],
            **self.content(),
        }


def _best(passages: Sequence[Passage], scores: Any, k: int) -> tuple[Passage, ...]:
    order = (-scores).argsort(kind="stable")[:k]
    return tuple(passages[int(i)] for i in order)

"""Documents cut into passages that keep the id of their document."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tunewise.domain.dataset import Document


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, short enough for the prompt."""

    document: str  # id
    title: str
    text: str


def chunk(
    documents: Sequence[Document],
    *,
    tokens: int,
    count: Callable[[str], int],
) -> tuple[Passage, ...]:
    """Cut documents at sentence ends into passages of at most ``tokens`` tokens.

    A sentence longer than that is cut at words. Neighbouring passages do not
    overlap: a short document stays whole, which is what policies and notes are.
    """
    return tuple(
        Passage(document.id, document.title, piece)
        for document in documents
        for piece in _pieces(document.text, tokens, count)
    )


def _pieces(text: str, tokens: int, count: Callable[[str], int]) -> list[str]:
    pieces: list[str] = []
    for sentence in _sentences(text):
        joined = f"{pieces[-1]} {sentence}" if pieces else sentence
        if pieces and count(joined) <= tokens:
            pieces[-1] = joined
        else:
            pieces.extend(_cut(sentence, tokens, count))
    return pieces or [text]


def _sentences(text: str) -> list[str]:
    import re

    return [s for s in re.split(r"(?<=[.!?])\s+", text.strip()) if s]


def _cut(sentence: str, tokens: int, count: Callable[[str], int]) -> list[str]:
    words, pieces = sentence.split(), []
    while words:
        take = len(words)
        while take > 1 and count(" ".join(words[:take])) > tokens:
            take = max(1, take * 3 // 4)
        pieces.append(" ".join(words[:take]))
        words = words[take:]
    return pieces

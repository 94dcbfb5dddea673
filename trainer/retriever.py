"""Which way of finding passages an arm uses: picked on validation, without a model.

A retriever finds what it finds whoever reads it, so it is picked before the set-ups
are tried: the one that shows a passage with the answer most often.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainer.passages import Passage
from trainer.retrieval import (
    EncoderIndex,
    FusedIndex,
    LatentIndex,
    LexicalIndex,
    PassageIndex,
)
from tunewise.domain.dataset import Example


@dataclass(frozen=True, slots=True)
class Retriever:
    """A way of finding passages, and how the others did beside it.

    ``found`` is by name the share of validation questions for which a right passage
    (:func:`right`) is among the best ``k``; empty where nothing was compared.
    """

    name: str  # lexical, dense, fused
    index: PassageIndex
    found: Mapping[str, float]
    k: int

    def described(self) -> dict[str, object]:
        """Return what a model version must keep to retrieve again."""
        compared = {"found_on_validation": dict(self.found), "at": self.k}
        return {
            **self.index.described(),
            "retrieval": self.name,
            **(compared if self.found else {}),
        }


def pick(
    names: Sequence[str],
    passages: Sequence[Passage],
    validation: Sequence[Example],
    *,
    k: int,
    encoder: Path | None = None,
) -> Retriever:
    """Return the retriever that finds most answers; a tie goes to the earlier name.

    Parameters
    ----------
    names : lexical, dense, fused; at least one
    encoder : folder of a sentence encoder for dense; None: latent semantic analysis
    """
    indexes = _indexes(names, passages, encoder)
    asked = [(e.question, r) for e in validation if (r := right(passages, e))]
    if len(indexes) == 1 or not asked:
        return Retriever(names[0], indexes[names[0]], {}, k)
    found = {
        name: sum(not r.isdisjoint(index.search(q, k)) for q, r in asked) / len(asked)
        for name, index in indexes.items()
    }
    best = max(found, key=lambda name: found[name])
    return Retriever(best, indexes[best], found, k)


def right(passages: Sequence[Passage], example: Example) -> frozenset[Passage]:
    """Return the passages that hold an accepted answer, of the gold documents if named.

    The whole gold documents where none of theirs does: the answer is worded anew.
    """
    gold = example.gold_doc_ids
    own = [p for p in passages if not gold or p.document in gold]
    accepted = [a.casefold() for a in example.answers or (example.reference,) if a]
    holding = [p for p in own if any(a in p.text.casefold() for a in accepted)]
    return frozenset(holding or (own if gold else ()))


def _indexes(
    names: Sequence[str], passages: Sequence[Passage], encoder: Path | None
) -> dict[str, PassageIndex]:
    made: dict[str, PassageIndex] = {}
    if {"lexical", "fused"} & set(names):
        made["lexical"] = LexicalIndex(passages)
    if {"dense", "fused"} & set(names):
        made["dense"] = (
            EncoderIndex(passages, encoder) if encoder else LatentIndex(passages)
        )
    if "fused" in names:
        made["fused"] = FusedIndex([made["lexical"], made["dense"]])
    return {name: made[name] for name in dict.fromkeys(names)}

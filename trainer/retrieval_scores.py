"""How good a ranking of documents is, apart from what is answered with it.

A passage counts as found where it is of a document that the example names as gold;
which of that document's passages it is, nobody has said.
"""

from collections.abc import Sequence


def recall_at(gold: Sequence[str], ranked: Sequence[str], k: int) -> float:
    """Return the share of the gold documents among those of the ``k`` first passages.

    >>> recall_at(["a", "b"], ["c", "a", "a", "b"], 3)
    0.5
    """
    wanted = set(gold)
    return len(wanted & set(ranked[:k])) / len(wanted)


def reciprocal_rank(gold: Sequence[str], ranked: Sequence[str]) -> float:
    """Return 1 / rank of the first passage of a gold document, 0 where there is none.

    Its mean over questions is the MRR (Voorhees, TREC-8 1999), cut off at the length
    of the ranking.

    >>> reciprocal_rank(["a"], ["c", "a"]), reciprocal_rank(["a"], ["c"])
    (0.5, 0.0)
    """
    for rank, document in enumerate(ranked, start=1):
        if document in gold:
            return 1 / rank
    return 0.0

"""How many passages a hybrid shows: picked on validation, without a model.

A trained arm would have to be trained again for every number. What a passage more can
bring is known before: whether it is the first with the answer. What it costs is known
too: its tokens, in training and in every request.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from trainer.retrieval import PassageIndex
from trainer.retriever import right
from tunewise.domain.dataset import Example
from tunewise.domain.experiment import DEFAULT_MARGIN

# A number of passages is large enough where more of them show the answer to so small a
# share of the questions more. The default margin: what counts as equal in a score,
# and finding one more answer in a hundred moves a score by a hundredth at most.
LEAST_GAIN = DEFAULT_MARGIN


@dataclass(frozen=True, slots=True)
class Tried:
    """One number of passages."""

    k: int
    found: float | None  # share of questions with the answer among the first k
    passage_tokens_mean: float  # of the first k, over the validation questions


@dataclass(frozen=True, slots=True)
class PassageCount:
    """The number that was picked, and the others beside it."""

    k: int
    questions: int  # of validation for which a right passage is known
    tried: tuple[Tried, ...]  # ascending

    def described(self) -> dict[str, object]:
        """Return what a run's result says of it."""
        return {
            "k": self.k,
            "questions": self.questions,
            "least_gain": LEAST_GAIN,
            "tried": [asdict(tried) for tried in self.tried],
        }


def pick_count(
    index: PassageIndex,
    validation: Sequence[Example],
    ks: Sequence[int],
    count: Callable[[str], int],
) -> PassageCount:
    """Return the smallest ``k`` that more passages improve by no more than the least.

    Where no right passage is known of any question, more passages show nothing: the
    smallest then.

    Parameters
    ----------
    ks : numbers to pick among, at least one
    count : tokens of a text
    """
    ks = sorted(set(ks))
    found = [index.search(e.question, ks[-1]) for e in validation]
    known = [
        (passages, those)
        for passages, e in zip(found, validation, strict=True)
        if (those := right(index.passages, e))
    ]
    tokens = [[count(p.text) for p in passages] for passages in found]
    tried = tuple(
        Tried(
            k=k,
            found=(
                sum(not those.isdisjoint(p[:k]) for p, those in known) / len(known)
                if known
                else None
            ),
            passage_tokens_mean=(
                sum(sum(each[:k]) for each in tokens) / max(len(tokens), 1)
            ),
        )
        for k in ks
    )
    most = max((t.found or 0.0 for t in tried), default=0.0)
    # rounded, so that a gain of exactly the least is not taken for more of it
    enough = (t for t in tried if round(most - (t.found or 0.0), 9) <= LEAST_GAIN)
    return PassageCount(next(enough).k, len(known), tried)

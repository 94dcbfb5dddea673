"""Finding similar training examples."""

from collections.abc import Sequence

from trainer.vectors import TextVectors
from tunewise.domain.dataset import Example


class ExampleIndex:
    """Similarity of training examples by their questions, lexical and latent.

    Leaving one out in at most 3,000 examples of BANKING77 and Snips, the nearest had
    the right intent in 74 and 95 % of them, against 71 and 90 % by TF-IDF alone
    (docs/accuracy.md).
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = tuple(examples)
        self._vectors = TextVectors([e.question for e in examples])

    def nearest(self, question: str, k: int) -> tuple[Example, ...]:
        """Return the ``k`` most similar examples, most similar first."""
        similarity = self._vectors.similarity(question)
        best = similarity.argsort(kind="stable")[::-1][:k]
        return tuple(self._examples[i] for i in best)

    def spread(self, k: int, *, seed: int) -> tuple[Example, ...]:
        """Return ``k`` examples that differ most: farthest-first from a seeded one."""
        import numpy as np

        if k >= len(self._examples):
            return self._examples
        matrix = self._vectors.matrix
        picked = [int(np.random.default_rng(seed).integers(len(self._examples)))]
        nearest = np.full(len(self._examples), -np.inf)
        while len(picked) < k:
            to_last = (matrix @ matrix[[picked[-1]]].T).toarray()[:, 0]
            nearest = np.maximum(nearest, to_last)
            nearest[picked] = np.inf  # never the same one twice
            references = {self._examples[i].reference for i in picked}
            same = [e.reference in references for e in self._examples]
            # an answer that no shot shows yet comes first, whatever the distance
            picked.append(int(np.argmin(nearest + 10.0 * np.array(same))))
        return tuple(self._examples[i] for i in picked)

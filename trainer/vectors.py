"""Texts as vectors whose dot products say how alike they are.

Half of it is the cosine of TF-IDF vectors over words and character n-grams, which
forgives typos in short messages; half the cosine of their projection on the leading
singular vectors (latent semantic analysis), which forgives other words for the same.
"""

from collections.abc import Sequence
from typing import Any

LATENT_SIZE = 100  # dimensions; a third of the texts where these are few


class TextVectors:
    """Vectors of some texts, and of others in the same space.

    Parameters
    ----------
    texts : length n, at least one
    lexical : False leaves the latent half only, where there is one
    """

    def __init__(self, texts: Sequence[str], *, lexical: bool = True) -> None:
        texts = [t.strip() or "-" for t in texts]
        self._vectoriser = _lexical(texts)
        found = self._vectoriser.fit_transform(texts)
        self._latent = _latent(found)
        self._both = lexical
        self.matrix = self._joined(found)  # sparse, (n, dimensions)

    def similarity(self, text: str) -> Any:
        """Return how alike a text is to each of the others: an array of length n."""
        asked = self._joined(self._vectoriser.transform([text.strip() or "-"]))
        return (self.matrix @ asked.T).toarray()[:, 0]

    def _joined(self, lexical: Any) -> Any:
        from scipy.sparse import csr_array, hstack
        from sklearn.preprocessing import normalize

        if self._latent is None:
            return csr_array(lexical)
        latent = normalize(self._latent.transform(lexical))
        if not self._both:
            return csr_array(latent)
        return csr_array(hstack([normalize(lexical), latent]))


def _lexical(texts: Sequence[str]) -> Any:
    import re

    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
    letters = TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5))
    # scikit-learn refuses texts without any word (two letters or more): "1 + 1"
    some = any(re.search(words.token_pattern, t) for t in texts)
    return make_union(words, letters) if some else make_union(letters)


def _latent(lexical: Any) -> Any:
    """Return the fitted projection, None where there are too few examples for one."""
    from sklearn.decomposition import TruncatedSVD

    size = min(LATENT_SIZE, lexical.shape[0] // 3, lexical.shape[1] - 1)
    if size < 2:
        return None
    return TruncatedSVD(size, random_state=0).fit(lexical)

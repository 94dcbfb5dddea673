"""How alike two texts are, and how an answer reads: long, repeating itself.

The first are metrics in [0, 1], higher is better: token F1, contained, ROUGE-L, chrF.
The others describe: no value of them is the best.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """Return the text in SQuAD's form: lower case, no punctuation, no articles."""
    plain = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", plain).split())


def token_f1(reference: str, answer: str) -> float:
    """Return the F1 of shared words after SQuAD normalisation.

    A text that this normalisation leaves nothing of ("The", "A", "?!") is compared
    as it stands but for its case, blanks and punctuation. SQuAD 2.0's script calls any
    two such texts alike, and so an answer that is missing right; here it is wrong.

    >>> token_f1("the red hub", "red hub light")
    0.8
    >>> token_f1("A", "a."), token_f1("A", ""), token_f1("A", "the")
    (1.0, 0.0, 0.0)
    """
    want, got = normalise(reference).split(), normalise(answer).split()
    if not want or not got:
        return float(bool(answer.strip()) and _bare(reference) == _bare(answer))
    shared = sum((Counter(want) & Counter(got)).values())
    return 2 * shared / (len(want) + len(got))


def answer_contained(reference: str, answer: str) -> float:
    """Return 1 where the reference's words stand together in the answer.

    >>> answer_contained("30 days", "Within 30 days of delivery.")
    1.0
    """
    want, got = normalise(reference).split(), normalise(answer).split()
    spans = (got[i : i + len(want)] for i in range(len(got) - len(want) + 1))
    return float(bool(want) and any(span == want for span in spans))


def rouge_l(reference: str, answer: str) -> float:
    """Return the F1 of the longest common subsequence of words (Lin 2004).

    Words are runs of letters and digits in lower case, without stemming, as in the
    package rouge-score with ``use_stemmer=False``.
    """
    want, got = _words(reference), _words(answer)
    if not want or not got:
        return 0.0
    common = _common_subsequence(want, got)
    return 2 * common / (len(want) + len(got))


def chrf(reference: str, answer: str, *, order: int = 6, beta: float = 2.0) -> float:
    """Return chrF2: the F-beta of character n-grams up to 6 (Popović 2015).

    Blanks are left out and n-gram orders that one of the texts is too short for do
    not count, as in sacreBLEU's sentence chrF with its defaults (divided by 100).
    """
    want, got = "".join(reference.split()), "".join(answer.split())
    precision = recall = orders = 0.0
    for n in range(1, order + 1):
        a, b = _ngrams(want, n), _ngrams(got, n)
        if not a or not b:
            continue
        shared = sum((a & b).values())
        precision += shared / sum(b.values())
        recall += shared / sum(a.values())
        orders += 1
    if not orders or not precision or not recall:
        return 0.0
    precision, recall = precision / orders, recall / orders
    weight = beta**2
    return (1 + weight) * precision * recall / (weight * precision + recall)


def length_ratio(reference: str, answer: str) -> float | None:
    """Return how many words an answer has for each of the reference; None for none.

    >>> length_ratio("30 days", "Within 30 days of it")
    2.5
    """
    words = len(reference.split())
    return len(answer.split()) / words if words else None


def repetition(answer: str, *, n: int = 4) -> float | None:
    """Return the share of an answer's word n-grams that stood in it before.

    None for answers shorter than that. It is seq-rep-4 (Welleck et al., ICLR 2020,
    arXiv 1908.04319), over words instead of a model's tokens.

    >>> repetition("no no no no no"), repetition("one two three four")
    (0.5, 0.0)
    """
    words = answer.lower().split()
    grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
    return 1 - len(set(grams)) / len(grams) if grams else None


def _bare(text: str) -> str:
    """Return a text without case and punctuation, or else without case alone."""
    return text.lower().translate(_PUNCTUATION).strip() or "".join(text.lower().split())


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _common_subsequence(a: Sequence[str], b: Sequence[str]) -> int:
    row = [0] * (len(b) + 1)
    for x in a:
        diagonal = 0
        for j, y in enumerate(b, start=1):
            diagonal, row[j] = (
                row[j],
                diagonal + 1 if x == y else max(row[j], row[j - 1]),
            )
    return row[-1]


def _ngrams(text: str, n: int) -> Counter[str]:
    return Counter(text[i : i + n] for i in range(len(text) - n + 1))

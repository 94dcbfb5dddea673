"""How much there is, how long it is and how varied."""

import math
from collections.abc import Iterator, Mapping, Sequence

from tunewise.datasets.findings import counted, file_of, finding, in_part, percent
from tunewise.datasets.sampling import sample, sampled_words
from tunewise.datasets.texts import asked, words
from tunewise.datasets.tokens import SplitTokens, TokenCounts
from tunewise.domain.dataset import Dataset, Example, QualityFinding, Severity, Split

LEAST_TRAIN = 10  # OpenAI's minimum for fine-tuning
GOOD_TRAIN = 100  # guide: 100 great examples beat 10,000 mediocre ones
GOOD_HELDOUT = 100
_ANECDOTE = 20  # held-out examples: an interval is then 40 points wide and more
_DISCORDANT = 0.2  # share of examples on which two arms usually differ
_OWN_DOCUMENT = 0.9  # documents for each example, from where few share one
_POWER = 2.8  # z(.975) + z(.8)
_SAMPLE_WORDS = 5_000  # distinct-n falls with size, so it is taken on a fixed size
_LEAST_DISTINCT = 0.2


def check_sizes(dataset: Dataset, files: Mapping[str, str]) -> Iterator[QualityFinding]:
    """Find splits that are too small to tune on or to judge by."""
    train, heldout = dataset.split(Split.TRAIN), dataset.split(Split.HELDOUT)
    if not train and not heldout:
        return
    if len(train) < GOOD_TRAIN:
        message = (
            f"train has {counted(len(train), 'example')}. "
            + (
                f"Tuning needs {LEAST_TRAIN} at the very least, and 50 to 100 good ones"
                if len(train) < LEAST_TRAIN
                else f"Results settle from about {GOOD_TRAIN} good ones"
            )
            + "; prompt and RAG arms can be tried with what there is."
        )
        severity = Severity.WARN if len(train) < LEAST_TRAIN else Severity.NOTE
        file = file_of(files, Split.TRAIN)
        yield finding(
            "few_train_examples", severity, file=file, lines=(), message=message
        )
    if message := few_heldout(len(heldout)):
        file = file_of(files, Split.HELDOUT)
        yield finding(
            "few_heldout_examples", Severity.WARN, file=file, lines=(), message=message
        )


def check_lengths(
    dataset: Dataset, files: Mapping[str, str], tokens: TokenCounts | None
) -> Iterator[QualityFinding]:
    """Find examples that are longer than training takes, or the base model reads."""
    if tokens is None:
        return
    context = tokens.counter.context_tokens
    for split, counted_split in tokens.splits.items():
        file = file_of(files, split)
        if context:
            do = "Shorten them: it never sees their end."
            found = _longer("over_context", counted_split, context, tokens, file, do)
            yield from in_part(found, files, split)
        do = (
            "Shorten them or raise max_length; too_long says whether training drops, "
            "cuts or refuses them."
        )
        longest = tokens.counter.max_length
        found = _longer("over_long", counted_split, longest, tokens, file, do)
        yield from in_part(found, files, split)


def _longer(
    code: str, split: SplitTokens, most: int, tokens: TokenCounts, file: str, do: str
) -> Iterator[QualityFinding]:
    lines = [
        line for line, n in zip(split.lines, split.lengths, strict=True) if n > most
    ]
    if lines:
        message = (
            f"{sampled_words(split.of)}{counted(len(lines), 'example')} "
            f"({percent(len(lines), len(split.lengths))}) with more than {most:,} "
            f"tokens ({tokens.counter.name}; the longest {max(split.lengths):,}). {do}"
        )
        yield finding(code, Severity.WARN, file=file, lines=lines, message=message)


def check_variety(
    dataset: Dataset, files: Mapping[str, str]
) -> Iterator[QualityFinding]:
    """Find training prompts that all sound the same."""
    train = dataset.split(Split.TRAIN)
    if len(train) < GOOD_TRAIN:
        return
    share = distinct_share([asked(e) for e in sample(train)], 2)
    if share < _LEAST_DISTINCT:
        message = (
            f"{sampled_words(len(train))}the prompts of train are little varied: of "
            f"their word pairs only {100 * share:.0f} % are different. Add prompts as "
            "people really write them, edge cases first."
        )
        yield finding(
            "low_diversity",
            Severity.WARN,
            file=file_of(files, Split.TRAIN),
            lines=(),
            message=message,
        )


def few_heldout(n: int) -> str:
    """Return what so few held-out examples are worth, "" where there are enough.

    >>> few_heldout(5).partition(":")[0]
    'held-out has 5 examples, an anecdote and no measurement'
    """
    if n >= GOOD_HELDOUT:
        return ""
    if not n:
        shown = "held-out is empty: nothing can be measured"
    else:
        called = ", an anecdote and no measurement" if n < _ANECDOTE else ""
        least = 100 * smallest_difference(n)
        shown = (
            f"held-out has {counted(n, 'example')}{called}: no difference below about "
            f"{least:.0f} points can be shown"
        )
    return f"{shown}. Collect more; 200 show about 9 points, 1,000 about 4."


def on_few_documents(heldout: Sequence[Example]) -> str:
    """Say where held-out questions share their document and no group, else "".

    They are not taken for a group unasked: where the documents are all there are, as
    the chapters of one handbook, their questions are the sample; where they stand for
    others, the documents are. Only a person can tell.
    """
    named = [e.gold_doc_ids[0] for e in heldout if e.gold_doc_ids]
    documents = len(set(named))
    if any(e.group for e in heldout) or documents >= _OWN_DOCUMENT * len(named):
        return ""
    return (
        f"{len(named):,} held-out examples rest on {counted(documents, 'document')}, "
        "and intervals and tests take each for independent. Where these documents "
        "stand for others to come, name the document as metadata.group."
    )


def smallest_difference(n: int) -> float:
    """Return the difference in accuracy that n held-out examples can show.

    2.8 sqrt(d / n) at 80 % power and 5 % error, where two arms differ on a share
    d = .2 of the examples (paired; no clusters).

    >>> round(smallest_difference(200), 3)
    0.089
    """
    return min(1.0, _POWER * math.sqrt(_DISCORDANT / n)) if n else 1.0


def distinct_share(texts: Sequence[str], n: int) -> float:
    """Return distinct-n: different n-grams of words by all, over the first 5,000 words.

    The texts are taken sorted by their content read backwards, so that neighbours in an
    alphabet do not stand together, and the order of the file does not count.

    >>> distinct_share(["a b a b"], 1)
    0.5
    """
    grams: set[tuple[str, ...]] = set()
    total = 0
    for text in sorted(texts, key=lambda t: t[::-1]):
        tokens = words(text)
        for i in range(len(tokens) - n + 1):
            grams.add(tuple(tokens[i : i + n]))
            total += 1
        if total >= _SAMPLE_WORDS:
            break
    return len(grams) / total if total else 1.0

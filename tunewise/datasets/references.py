"""What the references say: labels, refusals, marks nobody filled."""

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tunewise.datasets.findings import (
    counted,
    file_of,
    finding,
    in_part,
    name_of,
    percent,
    severity_of_unseen,
)
from tunewise.datasets.labels import label_counts
from tunewise.datasets.marks import mark_in
from tunewise.datasets.texts import normal
from tunewise.domain.dataset import Dataset, Example, QualityFinding, Severity, Split
from tunewise.domain.refusals import refuses

_IMBALANCED = 10  # most frequent label : rarest
_FEW = 5  # examples of a label
_REFUSALS_WARN = 0.05
_REPETITIVE = 0.05  # compressed : plain size; prose compresses to about .4


def check_labels(
    dataset: Dataset, files: Mapping[str, str]
) -> Iterator[QualityFinding]:
    """Look at a closed label set: balance, spelling, labels nobody trained."""
    train, heldout = dataset.split(Split.TRAIN), dataset.split(Split.HELDOUT)
    counts = label_counts(e.reference for e in train or heldout)
    if counts is None:
        return
    file = file_of(files, Split.TRAIN if train else Split.HELDOUT)
    yield from _balance(counts, file)
    yield from _spelling(counts, file)
    judged = heldout or train
    frequent, number = Counter(e.reference.strip() for e in judged).most_common(1)[0]
    message = (
        f"answering always {frequent!r} scores an accuracy of "
        f"{percent(number, len(judged))} ({len(judged):,} examples): every arm must "
        "beat that."
    )
    file = file_of(files, Split.HELDOUT if heldout else Split.TRAIN)
    yield finding("majority_share", Severity.NOTE, file=file, lines=(), message=message)
    if train:
        yield from _unseen_labels(counts, dataset, files)


def check_wording(
    dataset: Dataset, files: Mapping[str, str]
) -> Iterator[QualityFinding]:
    """Find unfilled template marks, refusals and references that repeat themselves."""
    for split in Split:
        examples = dataset.split(split)
        if not examples:
            continue
        file = file_of(files, split)
        for look in (_marks, _refusals, _repetitive):
            yield from in_part(look(examples, file), files, split)


def _balance(counts: Counter[str], file: str) -> Iterator[QualityFinding]:
    (frequent, most), (rare, least) = counts.most_common()[0], counts.most_common()[-1]
    if len(counts) == 1:
        message = (
            f"every reference is {frequent!r}: there is nothing to learn. Add examples "
            "of the other answers."
        )
        yield finding(
            "single_label", Severity.WARN, file=file, lines=(), message=message
        )
        return
    if most >= _IMBALANCED * least:
        message = (
            f"{frequent!r} has {most:,} examples, {rare!r} {least:,}. Judge by macro "
            "F1 rather than accuracy, and add examples of the rare labels."
        )
        yield finding(
            "class_imbalance", Severity.WARN, file=file, lines=(), message=message
        )
    few = [label for label, n in counts.items() if n < _FEW]
    if few:
        message = (
            f"{len(few)} of {len(counts)} labels have fewer than {_FEW} examples (such "
            f"as {few[0]!r}). Add examples, or merge them with a neighbour."
        )
        yield finding(
            "few_per_label", Severity.WARN, file=file, lines=(), message=message
        )


def _spelling(counts: Counter[str], file: str) -> Iterator[QualityFinding]:
    spellings: dict[str, list[str]] = defaultdict(list)
    for label in counts:
        spellings[normal(label).strip(" .")].append(label)
    for several in spellings.values():
        if len(several) > 1:
            written = " and ".join(repr(label) for label in several)
            message = (
                f"the labels {written} look like one label in two spellings. Write it "
                "one way; another spelling counts as wrong."
            )
            yield finding(
                "label_spelling", Severity.WARN, file=file, lines=(), message=message
            )


def _unseen_labels(
    counts: Counter[str], dataset: Dataset, files: Mapping[str, str]
) -> Iterator[QualityFinding]:
    for split in (Split.VALIDATION, Split.HELDOUT):
        examples = dataset.split(split)
        unseen = [e for e in examples if e.reference.strip() not in counts]
        if unseen:
            labels = sorted({e.reference.strip() for e in unseen})
            message = (
                f"{name_of(split)} expects {', '.join(map(repr, labels[:3]))}"
                f"{f' and {len(labels) - 3} more' if len(labels) > 3 else ''} in "
                f"{percent(len(unseen), len(examples))} of its examples, which no "
                "train example has. Add train examples, or mend the labels."
            )
            yield finding(
                "unseen_labels",
                severity_of_unseen(len(unseen), len(examples)),
                file=file_of(files, split),
                lines=[e.line for e in unseen],
                message=message,
            )


def _marks(examples: Sequence[Example], file: str) -> Iterator[QualityFinding]:
    found: dict[int, str] = {}
    for example in examples:
        for message in example.messages:
            if mark := mark_in(message):
                found.setdefault(example.line, mark)
    if found:
        text = (
            f"{counted(len(found), 'example')} with template marks that nobody filled "
            f"(such as {next(iter(found.values()))!r}). Fill them, or the model "
            "will write them."
        )
        yield finding(
            "template_marks", Severity.WARN, file=file, lines=found, message=text
        )


def _refusals(examples: Sequence[Example], file: str) -> Iterator[QualityFinding]:
    lines = [e.line for e in examples if refuses(e.reference)]
    if lines:
        share = len(lines) / len(examples)
        message = (
            f"{counted(len(lines), 'reference')} "
            f"({percent(len(lines), len(examples))}) refusing to answer. A "
            "tuned model refuses as often as its examples do: keep that "
            "share as it should be in service."
        )
        severity = Severity.WARN if share >= _REFUSALS_WARN else Severity.NOTE
        yield finding("refusals", severity, file=file, lines=lines, message=message)


def _repetitive(examples: Sequence[Example], file: str) -> Iterator[QualityFinding]:
    lines = [e.line for e in examples if _repeats_itself(e.reference)]
    if lines:
        message = (
            "the reference says the same over and over. Cut it: a model that learns it "
            "will not stop."
        )
        yield finding(
            "repetitive_reference",
            Severity.WARN,
            file=file,
            lines=lines,
            message=message,
        )


def _repeats_itself(text: str) -> bool:
    if len(text) < 1_000:
        return False
    plain = text.encode("utf-8")
    return len(zlib.compress(plain)) < _REPETITIVE * len(plain)

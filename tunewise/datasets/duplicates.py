"""The same thing twice: within a split, across splits, and with two answers.

Exact means equal in normal form (``texts``): case, width and white space do not
tell examples apart. Near means similar by ``nearness``.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tunewise.datasets.findings import (
    counted,
    file_name,
    file_of,
    finding,
    in_part,
    lines_text,
    name_of,
    percent,
    quoted,
    quoted_pair,
)
from tunewise.datasets.nearness import SIMILAR, near_clusters, nearest_pairs, similarity
from tunewise.datasets.texts import accepted, asked, normal, prompt_key, words
from tunewise.domain.dataset import Dataset, Example, QualityFinding, Severity, Split

LEAK_BLOCKS = 0.05  # share of held-out; published sets leak a little, ours up to 3 %
_LEAKS = (
    (Split.HELDOUT, Split.TRAIN),
    (Split.HELDOUT, Split.VALIDATION),
    (Split.VALIDATION, Split.TRAIN),
)
_NEAR_WARNS = 0.1  # share of a split in near-duplicate clusters
_NEAR_LEAK_WARNS = 0.01  # share of held-out


def check_duplicates(
    dataset: Dataset, files: Mapping[str, str]
) -> Iterator[QualityFinding]:
    """Find repeats and contradictions within each split."""
    for split in Split:
        examples = dataset.split(split)
        file = file_of(files, split)
        yield from in_part(_exact_duplicates(examples, file), files, split)
        yield from in_part(_conflicts(examples, file), files, split)
        if split is Split.TRAIN:
            yield from in_part(_near_duplicates(examples, file), files, split)


def check_leakage(
    dataset: Dataset, files: Mapping[str, str]
) -> Iterator[QualityFinding]:
    """Find what one split gives away about another: prompts, near prompts, groups."""
    for judged, seen in _LEAKS:
        theirs, ours = dataset.split(judged), dataset.split(seen)
        if theirs and ours:
            yield from _leaks(judged, theirs, seen, ours, files)


def _exact_duplicates(
    examples: Sequence[Example], file: str
) -> Iterator[QualityFinding]:
    first: dict[tuple[str, str], Example] = {}
    repeats = []
    for example in examples:
        known = first.setdefault(
            (prompt_key(example), normal(example.reference)), example
        )
        if known is not example:
            repeats.append((example, known))
    if repeats:
        again, known = repeats[0]
        message = (
            f"{counted(len(repeats), 'example')} repeating an earlier one "
            f"({percent(len(repeats), len(examples))}; line {again.line} repeats "
            f"line {known.line}). Keep one of each, or it counts double."
        )
        lines = [e.line for e, _ in repeats]
        yield finding(
            "exact_duplicates", Severity.WARN, file=file, lines=lines, message=message
        )


def _conflicts(examples: Sequence[Example], file: str) -> Iterator[QualityFinding]:
    by_prompt: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_prompt[prompt_key(example)].append(example)
    conflicts = [group for group in by_prompt.values() if _disagree(group)]
    if not conflicts:
        return
    one, other = _two_that_disagree(conflicts[0])
    says, answers = quoted_pair(one.reference, other.reference)
    message = (
        f"{counted(len(conflicts), 'prompt')} with different answers (for "
        f"{quoted(asked(one))} line {one.line} says {says}, line {other.line} "
        f"{answers}). If one is right, mend the others; if all are, list them under "
        "metadata.answers."
    )
    lines = [e.line for group in conflicts for e in group]
    yield finding(
        "conflicting_answers", Severity.WARN, file=file, lines=lines, message=message
    )


def _near_duplicates(
    examples: Sequence[Example], file: str
) -> Iterator[QualityFinding]:
    texts = sorted({asked(e) for e in examples})
    of_text: dict[str, list[int]] = defaultdict(list)
    for example in examples:
        of_text[asked(example)].append(example.line)
    clusters = near_clusters(texts)
    if not clusters:
        return
    lines = [line for c in clusters for i in c for line in of_text[texts[i]]]
    one, other = quoted_pair(texts[clusters[0][0]], texts[clusters[0][1]])
    share = len(lines) / len(examples)
    message = (
        f"{len(lines):,} examples ({percent(len(lines), len(examples))}) in "
        f"{counted(len(clusters), 'cluster')} ask nearly the same (such as {one} and "
        f"{other}). They add less than their number says: vary them, or keep the best."
    )
    severity = Severity.WARN if share >= _NEAR_WARNS else Severity.NOTE
    yield finding("near_duplicates", severity, file=file, lines=lines, message=message)


def _leaks(
    judged: Split,
    theirs: Sequence[Example],
    seen: Split,
    ours: Sequence[Example],
    files: Mapping[str, str],
) -> Iterator[QualityFinding]:
    yield from _exact_leakage(judged, theirs, seen, ours, files)
    yield from _near_leakage(judged, theirs, seen, ours, files)
    groups = {e.group for e in ours if e.group}
    shared = [e for e in theirs if e.group in groups]
    if shared:
        message = (
            f"{counted(len(shared), 'example')} of {name_of(judged)} "
            f"({percent(len(shared), len(theirs))}) from a group that "
            f"{name_of(seen)} has, too (such as {shared[0].group!r}). Keep each "
            "group on one side, or the scores are too good."
        )
        yield finding(
            "group_leakage",
            Severity.WARN,
            file=file_of(files, judged),
            lines=[e.line for e in shared],
            message=message,
        )


def _exact_leakage(
    judged: Split,
    theirs: Sequence[Example],
    seen: Split,
    ours: Sequence[Example],
    files: Mapping[str, str],
) -> Iterator[QualityFinding]:
    known: dict[str, list[Example]] = defaultdict(list)
    for example in ours:
        known[prompt_key(example)].append(example)
    shared = [e for e in theirs if prompt_key(e) in known]
    alike = [(e, _answered_alike(e, known[prompt_key(e)])) for e in shared]
    if changed := [e for e, same in alike if same is None]:
        yield _changed_answers(judged, theirs, seen, changed, known, files)
    leaks = [e for e, same in alike if same is not None]
    if not leaks:
        return
    there = sorted({same.line for _, same in alike if same is not None})
    too_many = judged is Split.HELDOUT and len(leaks) > LEAK_BLOCKS * len(theirs)
    message = (
        f"{counted(len(leaks), 'prompt')} of {name_of(judged)} "
        f"({percent(len(leaks), len(theirs))}) also in {name_of(seen)} "
        f"({lines_text(there)} of {file_name(files, seen)}), such as "
        f"{quoted(asked(leaks[0]))}. Take them out of "
        f"{name_of(seen)}: an answer seen before proves nothing."
    )
    yield finding(
        "leakage",
        Severity.BLOCK if too_many else Severity.WARN,
        file=file_of(files, judged),
        lines=[e.line for e in leaks],
        message=message,
    )


def _answered_alike(example: Example, known: Sequence[Example]) -> Example | None:
    """Return the first of the known examples that accepts the same answer."""
    right = accepted(example)
    return next((other for other in known if right & accepted(other)), None)


def _changed_answers(
    judged: Split,
    theirs: Sequence[Example],
    seen: Split,
    changed: Sequence[Example],
    known: Mapping[str, Sequence[Example]],
    files: Mapping[str, str],
) -> QualityFinding:
    """Tell of prompts that one split answers otherwise: no leak, but worth knowing."""
    one = changed[0]
    other = known[prompt_key(one)][0]
    now, before = quoted_pair(one.reference, other.reference)
    message = (
        f"{counted(len(changed), 'prompt')} of {name_of(judged)} "
        f"({percent(len(changed), len(theirs))}) also in {name_of(seen)}, with another "
        f"answer (for {quoted(asked(one))} line {one.line} says {now}, line "
        f"{other.line} of {file_name(files, seen)} {before}). If answers change, a "
        f"tuned model knows the old ones; if one is wrong, mend it."
    )
    return finding(
        "changed_answers",
        Severity.WARN,
        file=file_of(files, judged),
        lines=[e.line for e in changed],
        message=message,
    )


def _near_leakage(
    judged: Split,
    theirs: Sequence[Example],
    seen: Split,
    ours: Sequence[Example],
    files: Mapping[str, str],
) -> Iterator[QualityFinding]:
    exact = {prompt_key(e) for e in ours}
    rest = [e for e in theirs if prompt_key(e) not in exact]
    pairs = [
        p
        for p in nearest_pairs([asked(e) for e in ours], [asked(e) for e in rest])
        if _same_question(ours[p.first], rest[p.second])
    ]
    if not pairs:
        return
    closest = max(pairs, key=lambda p: p.similarity)
    one, other = rest[closest.second], ours[closest.first]
    here, there = quoted_pair(asked(one), asked(other))
    message = (
        f"{counted(len(pairs), 'example')} of {name_of(judged)} "
        f"({percent(len(pairs), len(theirs))}) nearly as in {name_of(seen)}, "
        f"with the same answer: {here} (line {one.line}) and {there} "
        f"(line {other.line} of {file_name(files, seen)}). If one is the "
        f"other reworded, take it out of {name_of(seen)}."
    )
    many = judged is Split.HELDOUT and len(pairs) >= _NEAR_LEAK_WARNS * len(theirs)
    yield finding(
        "near_leakage",
        Severity.WARN if many else Severity.NOTE,
        file=file_of(files, judged),
        lines=[rest[p.second].line for p in pairs],
        message=message,
    )


def _same_question(one: Example, other: Example) -> bool:
    """Tell a question reworded from one of the same template about something else."""
    a, b = normal(one.reference), normal(other.reference)
    if a != b and similarity(a, b) < SIMILAR:
        return False
    if (
        one.gold_doc_ids
        and other.gold_doc_ids
        and one.gold_doc_ids != other.gold_doc_ids
    ):
        return False
    return _numbered(asked(one)) == _numbered(asked(other))


def _numbered(text: str) -> set[str]:
    """Return the words that hold a digit: what templates mostly differ in."""
    return {word for word in words(text) if any(c.isdigit() for c in word)}


def _disagree(examples: Sequence[Example]) -> bool:
    if len(examples) < 2:
        return False
    right = [accepted(e) for e in examples]
    return any(not (right[0] & later) for later in right[1:])


def _two_that_disagree(examples: Sequence[Example]) -> tuple[Example, Example]:
    one = examples[0]
    return one, next(e for e in examples if not (accepted(one) & accepted(e)))

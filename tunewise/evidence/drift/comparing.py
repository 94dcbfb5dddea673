"""Everything that later examples can be held against: what is looked at, what not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tunewise.domain.dataset import Example
from tunewise.evidence.drift.answers import changed_answers
from tunewise.evidence.drift.chance import assignments
from tunewise.evidence.drift.finding import LEAST, DriftFinding
from tunewise.evidence.drift.formats import IsValid, are_json, format_findings
from tunewise.evidence.drift.inputs import prompt_lengths, prompt_words, too_few
from tunewise.evidence.drift.labels import are_labels, label_findings

_MOST = 10_000  # on each side; of more a sample is drawn


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, what drifted first; and what was not looked at, and why."""

    findings: tuple[DriftFinding, ...]
    skipped: Mapping[str, str]  # by what: the reason


@dataclass(frozen=True, slots=True)
class Asked:
    """How two examples are held against each other.

    ``prompt_key`` is equal where two ask the same, ``accepted`` holds every answer
    that is right; ``answers_fact`` is the fact that another right answer questions.
    """

    prompt_key: Callable[[Example], str]
    accepted: Callable[[Example], frozenset[str]]
    answers_fact: str
    is_valid: IsValid | None = None  # of a reference, by the task's JSON Schema


def drift(
    reference: Sequence[Example], later: Sequence[Example], how: Asked, *, seed: int
) -> Looked:
    """Hold later examples against those that a model was trained on.

    Parameters
    ----------
    reference : sequence of Example
        What the model was trained and picked on; never the held-out split, which
        later scores are held against.
    later : sequence of Example
        Later requests; one whose reference is "" has no answer yet.
    """
    rng = np.random.default_rng(seed)
    reference, later = (_sampled(side, rng) for side in (reference, later))
    skipped: dict[str, str] = {}
    found: list[DriftFinding] = []
    if len(later) < LEAST or not reference:
        said = f"{len(later)} later examples show nothing: collect {LEAST} or more"
        return Looked((), {"everything": said})
    by_chance = assignments([e.group for e in reference], [e.group for e in later], rng)
    found.append(prompt_lengths(reference, later, by_chance))
    if why := too_few(reference, later):
        skipped["words of prompts"] = why
    else:
        found.append(prompt_words(reference, later, rng))
    labelled = [e for e in later if e.reference.strip()]
    if len(labelled) >= LEAST:
        found.extend(_answered(reference, labelled, how, skipped, rng))
    else:
        skipped["labels, formats and answers"] = (
            f"{len(labelled)} later examples have an answer, {LEAST} are needed"
        )
    ordered = sorted(found, key=lambda f: (not f.drifted, f.code))
    return Looked(tuple(ordered), skipped)


def _answered(
    reference: Sequence[Example],
    later: Sequence[Example],
    how: Asked,
    skipped: dict[str, str],
    rng: np.random.Generator,
) -> Iterator[DriftFinding]:
    """Yield what the references show."""
    chosen = assignments([e.group for e in reference], [e.group for e in later], rng)
    if are_json(reference):
        yield from format_findings(reference, later, chosen, is_valid=how.is_valid)
    elif are_labels([*reference, *later]):
        yield from label_findings(reference, later, chosen, rng)
    else:
        skipped["labels"] = (
            "the references are no closed set: more than two thirds stand there once"
        )
    both = [*reference, *later]
    changed = changed_answers(
        reference,
        later,
        [how.prompt_key(e) for e in both],
        [how.accepted(e) for e in both],
        chosen,
        fact=how.answers_fact,
    )
    if changed:
        yield changed
    else:
        skipped["changed answers"] = "no later prompt was asked before"


def _sampled(side: Sequence[Example], rng: np.random.Generator) -> Sequence[Example]:
    if len(side) <= _MOST:
        return side
    chosen = rng.choice(len(side), _MOST, replace=False)
    return [side[i] for i in sorted(chosen)]

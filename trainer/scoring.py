"""Scores of answers against references; no model library in here.

A metric is a value, and beside it a count vector per example whose sums give the
value again, so that an interval can be bootstrapped by summing anew and a paired
test can swap examples. Three kinds, by what is done with the sums:

    mean      (value, 1)                        accuracy, exact match, token F1, …
    micro_f1  (true +, false +, false -)        field F1: leaf fields
    macro_f1  the same three for each label     macro F1: expected labels only
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trainer.label_scores import label_triples
from trainer.text_scores import (
    answer_contained,
    chrf,
    rouge_l,
    token_f1,
)
from tunewise.domain.dataset import Example

Array = NDArray[np.float64]

# by what an answer is: a label, a strict format, an answer to a question, or else free
LABEL_TASKS = ("classification", "moderation")
STRICT_TASKS = ("extraction", "structured_generation", "agent_tool_use")
QUESTION_TASKS = ("knowledge_qa", "reasoning_qa")


@dataclass(frozen=True, slots=True)
class MetricCounts:
    """One metric over one arm's answers.

    ``value`` is the score over all examples, in [0, 1]; ``counts`` has shape
    (n_examples, n_counts); ``kind`` is mean, micro_f1 or macro_f1.
    """

    value: float
    counts: Array
    kind: str


def score(
    metric: str,
    examples: Sequence[Example],
    answers: Sequence[str],
    *,
    schema: Mapping[str, object] | None = None,
) -> MetricCounts:
    """Score answers with one metric.

    Parameters
    ----------
    metric : one of ``tunewise.domain.experiment.METRICS``
    examples : length n_examples, none empty
    answers : length n_examples, in the same order; compared after strip. An empty one
        is no answer, and so wrong whatever the metric and the reference.

    Raises
    ------
    ValueError
        If the lengths differ, there are no examples, or the metric is unknown.
    """
    if len(examples) != len(answers) or not examples:
        raise ValueError(f"{len(examples)} examples and {len(answers)} answers")
    given = [a.strip() for a in answers]
    if metric == "macro_f1":
        return _macro_f1([e.reference.strip() for e in examples], given)
    if metric == "field_f1":
        return _field_f1([e.reference for e in examples], given)
    if metric not in _PER_EXAMPLE:
        raise ValueError(f"'{metric}' is not a metric")
    rate = _PER_EXAMPLE[metric]
    if metric == "schema_valid":
        rate = partial(_schema_valid, _validator(schema))
    values = np.array(
        [rate(e, a) if a else 0.0 for e, a in zip(examples, given, strict=True)],
        dtype=float,
    )
    counts = np.column_stack([values, np.ones(len(values))])
    return MetricCounts(float(values.mean()), counts, "mean")


def metrics_for(task_type: str, primary: str, *, schema: bool) -> tuple[str, ...]:
    """Return the metrics to report: the primary, then the quality beside it."""
    beside: tuple[str, ...]
    if task_type in LABEL_TASKS:
        beside = ("accuracy", "macro_f1")
    elif task_type in STRICT_TASKS:
        beside = ("field_f1", "exact_match", "json_valid")
        beside += ("schema_valid",) if schema else ()
    elif task_type in QUESTION_TASKS:
        beside = ("token_f1", "answer_contained", "exact_match")
    else:
        beside = ("token_f1", "rouge_l", "chrf", "exact_match")
    return tuple(dict.fromkeys((primary, *beside)))


def _macro_f1(expected: Sequence[str], given: Sequence[str]) -> MetricCounts:
    """Macro F1 over the expected labels only.

    An invented label lowers recall without adding a class; a label never answered
    has precision 0, not undefined (scikit-learn 1.9, ``f1_score``, Notes).
    """
    from sklearn.metrics import f1_score

    labels = sorted(set(expected))
    value = f1_score(expected, given, labels=labels, average="macro", zero_division=0)
    counts = label_triples(expected, given, labels)
    return MetricCounts(float(value), counts, "macro_f1")


def _field_f1(references: Sequence[str], given: Sequence[str]) -> MetricCounts:
    rows = [_field_counts(r, a) for r, a in zip(references, given, strict=True)]
    counts = np.array(rows, dtype=float)
    right, invented, missed = counts.sum(axis=0)
    total = 2 * right + invented + missed
    return MetricCounts(2 * right / total if total else 0.0, counts, "micro_f1")


def _field_counts(reference: str, answer: str) -> tuple[int, int, int]:
    """Return leaf fields right, invented or wrong, and missed.

    A leaf is a path and its value; an answer that is not JSON has no leaf.
    """
    want, got = _leaves(reference), _leaves(answer)
    shared = sum((want & got).values())
    return shared, sum(got.values()) - shared, sum(want.values()) - shared


def _leaves(text: str) -> Counter[tuple[str, str]]:
    value = _parsed(text)
    try:
        return Counter() if value is _NOT_JSON else Counter(_walk(value, ""))
    except RecursionError:  # brackets in brackets, as small models repeat them
        return Counter()


def _walk(value: object, path: str) -> list[tuple[str, str]]:
    if isinstance(value, dict) and value:
        return [x for k, v in value.items() for x in _walk(v, f"{path}.{k}")]
    if isinstance(value, list) and value:
        return [x for v in value for x in _walk(v, f"{path}[]")]
    return [(path, json.dumps(value, ensure_ascii=False, sort_keys=True))]


_NOT_JSON = object()


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NOT_JSON


def _validator(schema: Mapping[str, object] | None) -> Callable[[object], bool]:
    if schema is None:
        raise ValueError("schema_valid needs a JSON Schema")
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema).is_valid


def _schema_valid(valid: Callable[[object], bool], _: Example, answer: str) -> float:
    value = _parsed(answer)
    try:
        return float(value is not _NOT_JSON and valid(value))
    except RecursionError:
        return 0.0


def _accepted(example: Example) -> tuple[str, ...]:
    return example.answers or (example.reference,)


def _best(rate: Callable[[str, str], float], example: Example, answer: str) -> float:
    return max(rate(reference, answer) for reference in _accepted(example))


_PER_EXAMPLE: dict[str, Callable[[Example, str], float]] = {
    "accuracy": lambda e, a: float(a == e.reference.strip()),
    "exact_match": lambda e, a: float(a in [r.strip() for r in _accepted(e)]),
    "json_valid": lambda _, a: float(_parsed(a) is not _NOT_JSON),
    "schema_valid": lambda _, a: 0.0,  # replaced: needs the schema
    "token_f1": partial(_best, token_f1),
    "answer_contained": partial(_best, answer_contained),
    "rouge_l": partial(_best, rouge_l),
    "chrf": partial(_best, chrf),
}

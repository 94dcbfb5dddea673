"""What an arm's answers show beside its metrics: where they fail, on what they rest.

    labels      per label, what is taken for what, what is no label
    retrieval   whether the right documents were found, whatever was answered
    grounding   what answers cite, and how much of them stands in the passages shown
    abstention  whether they abstain where nothing answers, and only there
    described   how long answers are, how often they repeat themselves or refuse

Each is None where the task or the data have nothing of it. Of texts only label names
are kept: what examples and answers say must go with a dataset that is deleted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from trainer.knowledge_scores import abstains, cited
from trainer.label_scores import count_labels
from trainer.retrieval_scores import recall_at, reciprocal_rank
from trainer.scoring import LABEL_TASKS, QUESTION_TASKS, STRICT_TASKS
from trainer.text_scores import length_ratio, repetition
from tunewise.datasets.labels import label_counts
from tunewise.domain.dataset import Dataset, Example, Split
from tunewise.domain.refusals import refuses
from tunewise.evidence.aggregates import mean
from tunewise.evidence.intervals import score_of
from tunewise.evidence.labels import label_score, share
from tunewise.workflow.experiments.results import SEED, groups_of

View = dict[str, Any]
Row = Mapping[str, Any]  # of answers.jsonl
# of one answer: how much of how much; None where it says nothing
Counted = tuple[float, float] | None

RECALL_AT = (1, 2, 5, 10)
MOST_CONFUSIONS = 20


@dataclass(frozen=True, slots=True)
class _Answered:
    """The held-out examples, and for each seed one row an example."""

    heldout: Sequence[Example]
    rows_by_seed: Sequence[Sequence[Row]]
    groups: Sequence[str] | None

    def texts(self) -> list[list[str]]:
        return [[str(row["answer"]) for row in rows] for rows in self.rows_by_seed]

    def any_row(self, key: str) -> bool:
        return any(row.get(key) for rows in self.rows_by_seed for row in rows)

    def rate(self, of: Callable[[Example, Row], Counted]) -> View | None:
        """Return a rate with its interval over the examples that it says anything of.

        Seeds are averaged for each example first.
        """
        counted = [
            [
                of(e, row) or (0.0, 0.0)
                for e, row in zip(self.heldout, rows, strict=True)
            ]
            for rows in self.rows_by_seed
        ]
        counts = np.mean(counted, axis=0)
        some = counts[:, 1] > 0
        if not some.any():
            return None
        groups = self.groups and [
            g for g, kept in zip(self.groups, some, strict=True) if kept
        ]
        return asdict(score_of(counts[some], mean, seed=SEED, groups=groups))


def quality_of(
    content: Dataset, rows_by_seed: Sequence[Sequence[Row]], *, task_type: str
) -> View:
    """Return what an arm's answers show.

    ``rows_by_seed`` are the rows of its ``answers.jsonl``, in held-out order. Those of
    older runs name no passages: nothing is said of retrieval then.
    """
    heldout = content.split(Split.HELDOUT)
    answered = _Answered(heldout, rows_by_seed, groups_of(heldout))
    free = task_type not in (*LABEL_TASKS, *STRICT_TASKS)
    shown = answered.any_row("passages")
    return {
        "labels": _labels(content, answered) if task_type in LABEL_TASKS else None,
        "retrieval": _retrieval(answered) if shown else None,
        "grounding": _grounding(content, answered) if shown and free else None,
        "abstention": _abstention(answered) if task_type in QUESTION_TASKS else None,
        "described": _described(answered) if free else None,
    }


def _labels(content: Dataset, answered: _Answered) -> View | None:
    """Return scores by label, most frequent first; None where the set is not closed."""
    known = [e.reference for s in Split for e in content.split(s)]
    if label_counts(known) is None:
        return None
    expected = [e.reference for e in answered.heldout]
    found = count_labels(expected, answered.texts(), known)
    scores = [
        {
            "label": label,
            **asdict(
                label_score(
                    found.counts[:, 3 * n : 3 * n + 3],
                    groups=answered.groups,
                )
            ),
        }
        for n, label in enumerate(found.labels)
    ]
    every = np.ones(len(expected))
    invented = share(found.invented, every, groups=answered.groups)
    return {
        "scores": sorted(scores, key=lambda s: -s["support"]),
        "wrong": sum(c.count for c in found.confusions),
        "confusions": [asdict(c) for c in found.confusions[:MOST_CONFUSIONS]],
        "invented": asdict(invented) if invented else None,
    }


def _retrieval(answered: _Answered) -> View:
    """Return recall and MRR over the examples that name gold documents."""
    rows = [row for rows in answered.rows_by_seed for row in rows]
    shown = max(len(row.get("passages") or ()) for row in rows)
    depth = max(len(_ranked(row)) for row in rows)

    def judged(of: Callable[[Sequence[str], Sequence[str]], float]) -> View | None:
        return answered.rate(
            lambda e, row: (
                (of(e.gold_doc_ids, _ranked(row)), 1.0)
                if depth and e.gold_doc_ids
                else None
            )
        )

    ks = sorted({*RECALL_AT, shown, depth})
    recall = [(k, judged(partial(recall_at, k=k))) for k in ks if 0 < k <= depth]
    return {
        "shown": shown,
        "recall": [{"k": k, **score} for k, score in recall if score],
        "mrr": judged(reciprocal_rank),
        "depth": depth,
        "answer_shown": answered.rate(
            lambda _, row: (
                (float(row["answer_shown"]), 1.0) if "answer_shown" in row else None
            )
        ),
    }


def _ranked(row: Row) -> Sequence[str]:
    """Return the documents of a row's ranking; what was shown where there is none."""
    return row.get("ranked", row.get("passages")) or ()


def _grounding(content: Dataset, answered: _Answered) -> View:
    """Return citations, where answers or references cite at all, and faithfulness."""
    documents = {d.id for d in content.documents}
    texts = [e.reference for e in answered.heldout]
    texts += [text for texts in answered.texts() for text in texts]
    cites = any(not documents.isdisjoint(cited(text, documents)) for text in texts)

    def among(of: Callable[[Example, Row], Sequence[str]]) -> View | None:
        def counted(example: Example, row: Row) -> Counted:
            ids, right = cited(row["answer"], documents), of(example, row)
            return (sum(i in right for i in ids), len(ids)) if right else None

        return answered.rate(counted) if cites else None

    return {
        "citing": answered.rate(
            lambda _, row: (float(bool(cited(row["answer"], documents))), 1.0)
        )
        if cites
        else None,
        "cited_shown": among(lambda _, row: row.get("passages") or ()),
        "cited_gold": among(lambda e, _: e.gold_doc_ids),
        "faithfulness": answered.rate(
            lambda _, row: (
                (row["supported"], 1.0) if row.get("supported") is not None else None
            )
        ),
    }


def _abstention(answered: _Answered) -> View | None:
    """Return how often answers abstain, rightly and wrongly."""
    unanswerable = [e for e in answered.heldout if e.unanswerable]
    if not unanswerable:
        return None
    said = {e.reference for e in unanswerable}

    def where(*, unanswerable: bool) -> View | None:
        return answered.rate(
            lambda e, row: (
                (float(abstains(row["answer"], said)), 1.0)
                if e.unanswerable is unanswerable
                else None
            )
        )

    return {
        "unanswerable": where(unanswerable=True),
        "answerable": where(unanswerable=False),
    }


def _described(answered: _Answered) -> View:
    """Return quantities that describe answers; none of them is to be maximised."""
    ratios = [
        ratio
        for texts in answered.texts()
        for example, text in zip(answered.heldout, texts, strict=True)
        if (ratio := length_ratio(example.reference, text)) is not None
    ]
    names = ("p10", "p50", "p90")
    found = np.quantile(ratios, [0.1, 0.5, 0.9]).tolist() if ratios else []

    def repeated(_: Example, row: Row) -> Counted:
        again = repetition(row["answer"])
        return None if again is None else (again, 1.0)

    return {
        "length_ratio": dict(zip(names, found, strict=True)) if found else None,
        "repetition": answered.rate(repeated),
        "refusal": answered.rate(lambda _, row: (float(refuses(row["answer"])), 1.0)),
    }

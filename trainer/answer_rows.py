"""The rows of ``answers.jsonl``: each answer, and what it rested on.

    id, answer, prompt_tokens, answer_tokens      always
    finish                                        how it ended, not by itself
    passages, ranked                              ids of documents, best first
    answer_shown, supported                       what only the passages' text can tell

The texts of passages are not repeated: rows name documents by id.
"""

from collections.abc import Collection, Iterator, Sequence

from trainer.asking import Outcome
from trainer.knowledge_scores import abstains, answer_stands_in, supported
from trainer.passages import Passage
from tunewise.domain.dataset import Example


def answer_rows(
    heldout: Sequence[Example], outcome: Outcome
) -> Iterator[dict[str, object]]:
    """Yield one row an example, in the order of the held-out split."""
    none: list[tuple[Passage, ...]] = [()] * len(heldout)
    shown, ranked = outcome.shown or none, outcome.ranked or none
    abstaining = {e.reference for e in heldout if e.unanswerable}
    for example, answer, passages, found in zip(
        heldout, outcome.answers, shown, ranked, strict=True
    ):
        yield {
            "id": example.id,
            "answer": answer.text,
            "prompt_tokens": answer.prompt_tokens,
            "answer_tokens": answer.answer_tokens,
            **({"finish": answer.finish} if answer.finish else {}),
            **_rested_on(example, answer.text, passages, found, abstaining),
        }


def _rested_on(
    example: Example,
    answer: str,
    shown: Sequence[Passage],
    ranked: Sequence[Passage],
    abstaining: Collection[str],
) -> dict[str, object]:
    if not shown and not ranked:
        return {}
    texts = [f"{p.document} {p.title} {p.text}" for p in shown]
    return {
        "passages": [p.document for p in shown],
        "ranked": [p.document for p in ranked],
        "answer_shown": answer_stands_in(example, texts),
        "supported": None if abstains(answer, abstaining) else supported(answer, texts),
    }

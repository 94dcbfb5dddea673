"""What the gold passage says of an arm that looks things up: who is weak in it?

    gold - rag       paired, the same shots: what better passages would bring
    recall@shown     whether there is anything left to find
    gold             what the reader makes of the right passage, beside the target
    hybrid - gold    paired: what teaching it to read brings, even without the gold

    retriever   weak    gold beats rag, and rag lacks right passages
                enough  equivalent or worse with gold, or nothing is left to find
                open    inconclusive
    reader      weak    gold misses the target; without one, it is below a half, or
                        hybrid is shown to be above it; or gold beats rag where
                        nothing is left to find: other passages distract it
                enough  gold is shown to meet the target; without one, a half
                open    neither is shown

``weak_retriever``, ``weak_reader``, ``both``, ``neither`` and ``inconclusive`` follow.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from trainer.scoring import MetricCounts
from tunewise.domain.facts import Comparison, Conclusion
from tunewise.domain.rules import Option
from tunewise.engine.arms import Arm, examples_to_settle
from tunewise.evidence.comparisons import compare_against
from tunewise.workflow.experiments import results

View = dict[str, Any]
GOLD = "gold_passage"

# Without a target: with the right passage in front of it a reader should get at least
# every second answer, or half of each. Far below 1 on purpose: what "good enough" is
# only a target says, and this must not call a usable reader weak.
READS = 0.5


class Part(StrEnum):
    """How the retriever, or the reader, is shown to do."""

    WEAK = "weak"
    ENOUGH = "enough"
    OPEN = "open"


def concluded(
    primary: Mapping[str, MetricCounts],
    gold: MetricCounts | None,
    views: Mapping[str, View],
    terms: results.Terms,
    *,
    shots: Mapping[str, int],
    target: float | None,
) -> View | None:
    """Return what the gold passage shows, None where it did not run beside ``rag``.

    Parameters
    ----------
    primary : by arm, the primary scores of those that finished
    gold : the same of the gold passage
    views : arms and diagnostics as the report shows them
    shots : by arm and diagnostic, how many its set-up shows

    Returns
    -------
    dict
        ``conclusion`` and its parts ``retriever`` and ``reader`` (``distracted``: by
        other passages than the right one); what they rest on:
        ``comparisons`` (gold - rag; hybrid - gold where there is one), ``gold`` (its
        score), ``recall`` (of rag, at the number of passages shown), ``answer_shown``
        of both, ``target`` and ``wanted`` (the target, or a half); ``needs_n``: about
        how many examples would settle what is open, None where nothing is or nobody
        can say; ``unlike``: why the two cannot be held against each other, "" where
        they can.
    """
    if gold is None or "rag" not in primary:
        return None
    beside = {arm: primary[arm] for arm in ("rag", "hybrid") if arm in primary}
    compared = _compared(beside, gold, terms)
    rag, score = compared["rag"], views[GOLD]["metrics"][terms.metric]
    unlike = _unlike(views, shots)
    retriever = Part.OPEN if unlike else _retriever(rag, views, terms.margin)
    distracted = rag.conclusion is Conclusion.WIN and retriever is Part.ENOUGH
    reader = _reader(score, compared.get("hybrid"), target)
    if distracted:
        reader = Part.WEAK
    return {
        "conclusion": "unlike" if unlike else _conclusion(retriever, reader),
        "retriever": retriever.value,
        "reader": reader.value,
        "distracted": distracted,
        "comparisons": results.comparisons_view(compared.values(), views),
        "gold": score,
        "recall": _recall(views["rag"]),
        "answer_shown": {arm: _answer_shown(views[arm]) for arm in ("rag", GOLD)},
        "target": target,
        "wanted": READS if target is None else target,
        "needs_n": None if unlike else _needed(retriever, reader, rag, score, target),
        "unlike": unlike,
    }


def _compared(
    beside: Mapping[str, MetricCounts], gold: MetricCounts, terms: results.Terms
) -> dict[str, Comparison]:
    """Return gold - rag and hybrid - gold, a family with a correction of its own."""
    found = compare_against(
        results.paired({GOLD: gold}, terms),
        results.paired(beside, terms),
        metric=terms.metric,
        margin=terms.margin,
        seed=results.SEED,
    )
    return {c.b: c.seen_from("hybrid") if c.b == "hybrid" else c for c in found}


def _unlike(views: Mapping[str, View], shots: Mapping[str, int]) -> str:
    """Say what differs beside the passages: then the retriever alone explains nothing.

    >>> views = {"rag": {"model": "m"}, "gold_passage": {"model": "m"}}
    >>> _unlike(views, {"rag": 0, "gold_passage": 2})
    'the gold passage was shown with 2 shots, RAG picked 0'
    """
    models = [views[arm]["model"] or "an unknown model" for arm in (GOLD, "rag")]
    if models[0] != models[1]:
        return f"the gold passage was read by {models[0]}, RAG's by {models[1]}"
    if shots[GOLD] != shots["rag"]:
        return (
            f"the gold passage was shown with {shots[GOLD]} shots, RAG picked "
            f"{shots['rag']}"
        )
    return ""


def _retriever(rag: Comparison, views: Mapping[str, View], margin: float) -> Part:
    if rag.conclusion is Conclusion.INCONCLUSIVE:
        return Part.OPEN
    if rag.conclusion is not Conclusion.WIN:
        return Part.ENOUGH
    return Part.WEAK if _lacks(views, margin) else Part.ENOUGH


def _lacks(views: Mapping[str, View], margin: float) -> bool:
    """Tell whether rag is shown to lack right passages.

    Its recall at what it shows is shown to be below 1 by more than the margin: one
    example counts for at most 1, so less could not move the score by more than what
    counts as equal. Or it shows the answer less often than the gold passage does,
    which means the wrong passage of the right document.
    """
    recall = _recall(views["rag"])
    if recall is not None and recall["high"] < 1 - margin:
        return True
    rag, gold = _answer_shown(views["rag"]), _answer_shown(views[GOLD])
    return bool(rag and gold and rag["high"] < gold["low"])


def _reader(score: View, hybrid: Comparison | None, target: float | None) -> Part:
    wanted = READS if target is None else target
    if score["high"] < wanted:
        return Part.WEAK
    taught = hybrid is not None and hybrid.conclusion is Conclusion.WIN
    if taught and (target is None or score["low"] < target):
        return Part.WEAK
    return Part.ENOUGH if score["low"] >= wanted else Part.OPEN


def _conclusion(retriever: Part, reader: Part) -> str:
    if retriever is Part.WEAK:
        return "both" if reader is Part.WEAK else "weak_retriever"
    if reader is Part.WEAK:
        return "weak_reader"
    settled = retriever is Part.ENOUGH and reader is Part.ENOUGH
    return "neither" if settled else "inconclusive"


def _needed(
    retriever: Part, reader: Part, rag: Comparison, score: View, target: float | None
) -> int | None:
    """Return about how many held-out examples would settle what is open."""
    needed = []
    if retriever is Part.OPEN and rag.needs_n:
        needed.append(rag.needs_n)
    if reader is Part.OPEN:
        arm = Arm(Option.RAG, score["value"], score["low"], score["high"])
        found = examples_to_settle(arm, READS if target is None else target)
        needed += [max(found, score["n"] + 1)] if found else []
    return max(needed, default=None)


def _recall(view: View) -> View | None:
    """Return recall at the number of passages shown; None where it is not known."""
    retrieval = view.get("retrieval")
    if not retrieval:
        return None
    at = (r for r in retrieval["recall"] if r["k"] == retrieval["shown"])
    return next(at, None)


def _answer_shown(view: View) -> View | None:
    retrieval = view.get("retrieval")
    found: View | None = retrieval["answer_shown"] if retrieval else None
    return found

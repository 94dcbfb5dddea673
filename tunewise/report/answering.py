"""What arms' answers show beside their metrics: tables for pages, notes for texts.

labels, passages_tried, retrieval, grounding, abstention, described, off_task
    -> rows of the arms that have them, one line of text each
"""

from collections.abc import Iterator, Sequence
from typing import Any

from tunewise.report import numbers, off_task
from tunewise.report.shapes import View

_WORST = 3  # labels and confusions that a line of text names
PARTS = (
    "labels",
    "passages_tried",
    "retrieval",
    "grounding",
    "abstention",
    "described",
    "off_task",
)


def tables(arms: Sequence[View]) -> dict[str, Any]:
    """Return for each part the arms that have it, and the k of every recall@k."""
    found: dict[str, Any] = {
        part: [arm for arm in arms if arm.get(part)] for part in PARTS
    }
    ks = {r["k"] for arm in found["retrieval"] for r in arm["retrieval"]["recall"]}
    return {**found, "ks": sorted(ks)}


def recall_at(retrieval: View, k: int) -> View | None:
    """Return the recall at ``k`` of an arm's retrieval, None where it is not known."""
    return next((r for r in retrieval["recall"] if r["k"] == k), None)


def confused(entry: View) -> str:
    """Return one confusion in words; ``None`` stands for what is no label.

    >>> confused({"expected": "late", "answered": None, "count": 2.0})
    'late as no label (2)'
    """
    answered = "no label" if entry["answered"] is None else entry["answered"]
    return f"{entry['expected']} as {answered} ({numbers.plain(entry['count'])})"


def speed(arm: View) -> str:
    """Return the seconds of an arm: first token, median and 95th percentile.

    >>> latency = {"p50": 0.4, "p95": 1.2, "first_token": {"p50": 0.1}}
    >>> speed({"latency_seconds": latency})
    '100 ms / 400 ms / 1.2 s'
    """
    latency = arm.get("latency_seconds") or {}
    first = (latency.get("first_token") or {}).get("p50")
    times = (first, latency.get("p50"), latency.get("p95"))
    return " / ".join(map(numbers.duration, times)) if latency else numbers.DASH


def timed(arms: Sequence[View]) -> str:
    """Return how latency was taken; "" where older software took it otherwise.

    >>> timed([{"latency_seconds": {"n": 20, "build": {"p50": 0.002}}}])[:45]
    'Latency: 20 held-out examples drawn by a fixe'
    """
    found = [arm.get("latency_seconds") or {} for arm in arms]
    taken = [latency for latency in found if latency.get("n")]
    if not taken:
        return ""
    build = max((one.get("build") or {}).get("p50") or 0.0 for one in taken)
    return (
        f"Latency: {numbers.count(taken[0]['n'])} held-out examples drawn by a fixed "
        "seed, one request at a time, nothing kept between them; one more warms up and "
        "is not timed. Building the prompt is included (median of the slowest arm: "
        f"{numbers.duration(build)}). Answers per second are throughput, in batches "
        "where the model allows."
    )


def notes(arm: View) -> list[str]:
    """Return what an arm's answers show, one line for each part that it has."""
    lines = (_LINES[part](arm[part]) for part in PARTS if arm.get(part))
    return ["; ".join(parts) for line in lines if (parts := list(line))]


def _of_labels(labels: View) -> Iterator[str]:
    worst = sorted(labels["scores"], key=lambda s: s["f1"]["value"])[:_WORST]
    named = (f"{s['label']} {numbers.score(s['f1'])}" for s in worst)
    yield f"F1 is lowest on {', '.join(named)}"
    if some := labels["confusions"][:_WORST]:
        yield f"most often taken for another: {', '.join(map(confused, some))}"
    if labels["invented"] and labels["invented"]["value"]:
        yield f"no label at all: {numbers.score(labels['invented'])} of the answers"


def passages_picked(picked: View) -> str:
    """Return how many passages an arm shows, and why, from validation.

    >>> tried = [
    ...     {"k": 1, "found": 0.61, "passage_tokens_mean": 51.6},
    ...     {"k": 2, "found": 0.62, "passage_tokens_mean": 102.0},
    ... ]
    >>> found = {"k": 1, "questions": 30, "least_gain": 0.02, "tried": tried}
    >>> print(passages_picked(found))
    passages shown: 1, picked on 30 validation questions: the fewest that show the \
answer to no more than 0.02 of them less than the best (k=1: 0.61, 52 tokens; k=2: \
0.62, 102 tokens)
    """
    tried = "; ".join(
        f"k={t['k']}: "
        + ("" if t["found"] is None else f"{numbers.decimal(t['found'])}, ")
        + f"{numbers.count(t['passage_tokens_mean'])} tokens"
        for t in picked["tried"]
    )
    shown = f"passages shown: {picked['k']}"
    if len(picked["tried"]) == 1:
        return f"{shown}, the only number that was tried ({tried})"
    if not picked["questions"]:
        return f"{shown}, the fewest: no right passage is known of validation ({tried})"
    return (
        f"{shown}, picked on {numbers.count(picked['questions'])} validation questions:"
        " the fewest that show the answer to no more than "
        f"{numbers.plain(picked['least_gain'])} of them less than the best ({tried})"
    )


def _of_passages_tried(picked: View) -> Iterator[str]:
    yield passages_picked(picked)


def _of_retrieval(retrieval: View) -> Iterator[str]:
    for found in retrieval["recall"]:
        if found["k"] in (retrieval["shown"], retrieval["depth"]):
            yield f"recall@{found['k']} {numbers.score(found)}"
    if retrieval["mrr"]:
        yield f"MRR@{retrieval['depth']} {numbers.score(retrieval['mrr'])}"
    if retrieval["answer_shown"]:
        held = numbers.score(retrieval["answer_shown"])
        yield f"an accepted answer stands in the {retrieval['shown']} shown: {held}"


def _of_grounding(grounding: View) -> Iterator[str]:
    if grounding["faithfulness"]:
        share = numbers.score(grounding["faithfulness"])
        yield f"content words of the answer that stand in the passages shown: {share}"
    if grounding["citing"]:
        yield f"answers that cite: {numbers.score(grounding['citing'])}"
        shown, right = map(
            numbers.score, (grounding["cited_shown"], grounding["cited_gold"])
        )
        yield f"cited documents that were shown: {shown}; that are right: {right}"


def _of_abstention(abstention: View) -> Iterator[str]:
    yield (
        "abstains where nothing answers: "
        f"{numbers.score(abstention['unanswerable'])}; "
        f"where something does: {numbers.score(abstention['answerable'])}"
    )


def _of_described(described: View) -> Iterator[str]:
    if ratio := described["length_ratio"]:
        yield (
            f"answers are {numbers.decimal(ratio['p50'])} times as long as references "
            f"(median; {numbers.interval(ratio['p10'], ratio['p90'])} for four in five)"
        )
    if described["repetition"]:
        yield f"4-grams said again: {numbers.score(described['repetition'])}"
    if described["refusal"]:
        yield f"refusals: {numbers.score(described['refusal'])}"


def _of_off_task(found: View) -> Iterator[str]:
    yield off_task.sentence(found)


_LINES = {
    "labels": _of_labels,
    "passages_tried": _of_passages_tried,
    "retrieval": _of_retrieval,
    "grounding": _of_grounding,
    "abstention": _of_abstention,
    "described": _of_described,
    "off_task": _of_off_task,
}

"""What the gold passage says, as sentences: who is weak, the retriever or the reader?

Shared by the terminal, the pages and every report. Older experiments recorded no
conclusion: nothing is said of them.
"""

from collections.abc import Mapping
from typing import Any

from tunewise.report import numbers, words
from tunewise.report.shapes import View, fill, shape

_KEYS = shape(
    text="conclusion retriever reader unlike",
    lists="comparisons",
    tables="answer_shown",
    none="gold recall target wanted needs_n distracted",
)
_CONCLUSIONS = {
    "weak_retriever": "a weak retriever",
    "weak_reader": "a weak reader",
    "both": "a weak retriever and a weak reader",
    "neither": "neither the retriever nor the reader is shown to be weak",
    "inconclusive": "inconclusive: neither is shown to be weak, nor to be good enough",
    "unlike": "nothing follows about the retriever",
}


def complete_reading(found: View | None) -> dict[str, Any] | None:
    """Return the conclusion as a title, with the sentences that it rests on."""
    if not found:
        return None
    reading = fill(found, _KEYS)
    title = _CONCLUSIONS.get(reading["conclusion"], reading["conclusion"])
    return {
        "title": f"Retriever or reader? {words.sentence(title)}",
        "sentences": [words.sentence(text) for text in _sentences(reading)],
    }


def _sentences(reading: View) -> list[str]:
    told = [words.comparison(entry) for entry in reading["comparisons"]]
    if reading["unlike"]:
        told.append(f"{reading['unlike']}: the passages are not all that differs")
    else:
        told.append(_retriever(reading))
    told.append(_reader(reading))
    if reading["needs_n"]:
        about = numbers.count(reading["needs_n"])
        told.append(f"about {about} held-out examples would settle what is open")
    return told


def _retriever(reading: View) -> str:
    match reading["retriever"]:
        case "weak":
            return f"the retriever is weak: the right passage helps{_found(reading)}"
        case "enough" if reading["distracted"]:
            return (
                "the retriever is good enough, and still the right passage alone "
                f"helps{_found(reading)}: other passages distract the reader"
            )
        case "enough":
            return (
                "the retriever is good enough for this reader: with the right passage "
                f"it does not do better{_found(reading)}"
            )
    return f"whether the right passage would help is open{_found(reading)}"


def _reader(reading: View) -> str:
    score = numbers.score(reading["gold"])
    wanted = numbers.plain(reading["wanted"])
    stated = reading["target"] is not None
    wanted = f"the target {wanted}" if stated else f"{wanted} (no target is stated)"
    given = f"given the right passage it scores {score}"
    taught = any(
        (c["a"], c["conclusion"]) == ("hybrid", "win") for c in reading["comparisons"]
    )
    match reading["reader"]:
        case "enough":
            return f"the reader is good enough: {given}, not below {wanted}"
        case "open":
            return (
                f"whether the reader is good enough is open: {given}, beside {wanted}"
            )
    if reading["gold"]["high"] < reading["wanted"]:
        said = f"the reader is weak: {given}, below {wanted}"
    elif reading["distracted"]:
        said = f"the reader is weak where other passages stand beside: {given}"
    else:
        said = f"the reader is weak: {given}"
    return f"{said}; taught to read, hybrid does better than that" if taught else said


def _found(reading: View) -> str:
    """Return how much was found, where it is known."""
    recall = reading["recall"]
    shown: Mapping[str, Any] | None = reading["answer_shown"].get("rag")
    parts = []
    if recall:
        among = numbers.count(recall["k"])
        share = numbers.score(recall)
        parts.append(f"recall of the right documents among the {among} shown {share}")
    if shown:
        parts.append(f"an accepted answer in what was shown {numbers.score(shown)}")
    return f" ({'; '.join(parts)})" if parts else ""

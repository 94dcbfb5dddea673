"""What the rules alone foresaw, beside what was measured, as sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

from tunewise.report import numbers
from tunewise.report.words import arm_title, option_title

_OUTCOMES = {
    "best": "measured best",
    "equivalent": "equivalent to the best",
    "not_best": "not the best",
    "defer": "named no option",
    "unmeasured": "not measured",
    "one_arm": "one arm only",
}
_APART = {
    "defer": "named no option",
    "unmeasured": "named one that was not measured",
    "one_arm": "had one arm to compare with",
}


def outcome(entry: Mapping[str, Any]) -> str:
    """Return what became of a blind verdict, in two or three words."""
    said = _OUTCOMES.get(str(entry["outcome"]), str(entry["outcome"]))
    return f"{said} (reconstructed)" if entry.get("reconstructed") else said


def regret(entry: Mapping[str, Any]) -> str:
    """Return by how much the measured best was ahead of the blind verdict.

    >>> regret({"regret": {"value": 0.14, "low": 0.05, "high": 0.22,
    ...     "conclusion": "win"}})
    '0.14 (0.05–0.22)'
    """
    found = entry.get("regret")
    if not found:
        return numbers.DASH
    text = numbers.decimal(found["value"])
    if found.get("low") is None or found.get("high") is None:
        return text
    return f"{text} ({numbers.interval(found['low'], found['high'])})"


def prediction(entry: Mapping[str, Any]) -> str:
    """Return a blind verdict beside what was measured, as a sentence.

    >>> prediction({"recommended": "rag", "best": ["finetune"], "outcome": "not_best",
    ...     "regret": {"value": 0.14, "low": 0.05, "high": 0.22, "conclusion": "win"}})
    'The rules alone said RAG; fine-tune measured best, by 0.14 (0.05–0.22)'
    """
    said = f"The rules alone said {option_title(entry['recommended'])}"
    if entry.get("reconstructed"):
        said += " (reconstructed with today's rules)"
    best = listed([arm_title(arm) for arm in entry["best"]])
    match str(entry["outcome"]):
        case "best":
            return f"{said}, and nothing measured better"
        case "equivalent":
            return (
                f"{said}, which is equivalent to the measured best, {best}: "
                f"difference {regret(entry)}"
            )
        case "not_best":
            shown = (entry.get("regret") or {}).get("conclusion") == "win"
            more = "" if shown else "; that it is better is not shown"
            return f"{said}; {best} measured best, by {regret(entry)}{more}"
        case "unmeasured":
            return f"{said}, which was not measured; {best} measured best"
        case "one_arm":
            return f"{said}; only {best} was measured"
    return f"{said}; {best} measured best"


def predictions(view: Mapping[str, Any]) -> str:
    """Return the score that Tunewise keeps of its own blind verdicts.

    >>> predictions({"n": 0, "apart": {}})
    'No blind verdict can be held against a measurement yet.'
    """
    told = [_score(view)] if view.get("n") else []
    apart = [
        f"{numbers.count(number)} {_APART.get(key, key)}"
        for key, number in (view.get("apart") or {}).items()
        if number
    ]
    if apart:
        told.append(f"Not counted: {listed(apart)}.")
    if view.get("reconstructed"):
        told.append(
            f"{numbers.count(view['reconstructed'])} of them were reconstructed from "
            "the facts with today's rules."
        )
    return " ".join(told) or "No blind verdict can be held against a measurement yet."


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does.

    >>> listed(["a", "b", "c"]), listed([])
    ('a, b and c', 'nothing')
    """
    if len(words) < 2:
        return "".join(words) or "nothing"
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _score(view: Mapping[str, Any]) -> str:
    right, n = view["right"], view["n"]
    text = (
        f"Of {numbers.count(n)} verdicts of the rules alone, "
        f"{numbers.count(view['best'])} measured best and "
        f"{numbers.count(view['equivalent'])} equivalent to the best: "
        f"{numbers.percent(right['value'])} right (95 % interval "
        f"{numbers.percent(right['low'])} to {numbers.percent(right['high'])}), on "
        f"{numbers.count(view['heldout_splits'])} held-out splits."
    )
    missed = view.get("regret_mean_when_not")
    if missed is None:
        return text
    return (
        f"{text} Where one was not, the best was ahead by {numbers.decimal(missed)} in "
        f"the mean; over all of them {numbers.decimal(view.get('regret_mean'))}."
    )

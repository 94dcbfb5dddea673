"""Two verdicts on one task: which criteria say otherwise, which made the difference.

verdict before, verdict after --criteria_between--> every consequence that differs
                              --because_of--> those that turned the verdict
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tunewise.engine.what_if import VETO
from tunewise.workflow.views import View

_VETO = "veto"


def summary(verdict: Mapping[str, Any]) -> View:
    """Return a verdict in a few words."""
    return {k: verdict[k] for k in ("recommended", "lead", "runner_up", "rule_set")}


def criteria_between(before: View, after: View) -> list[View]:
    """Return every consequence that one verdict has otherwise, heaviest first."""
    said, says = _consequences(before), _consequences(after)
    entries: list[View] = [
        {
            "criterion": criterion,
            "change": _change(criterion, before, after),
            "option": option,
            "before": said.get((criterion, option)),
            "after": says.get((criterion, option)),
        }
        for criterion, option in sorted({*said, *says})
        if said.get((criterion, option)) != says.get((criterion, option))
    ]
    return sorted(entries, key=lambda entry: -abs(_moved(entry)))


def _consequences(verdict: View) -> dict[tuple[str, str], int | str]:
    """Return the weight, or "veto", of each criterion for each of its options."""
    said: dict[tuple[str, str], int | str] = {}
    for finding in verdict["findings"]:
        key = finding["criterion"], finding["option"]
        weight = said.get(key, 0)
        if finding["veto"] or isinstance(weight, str):
            said[key] = _VETO
        else:
            said[key] = weight + finding["weight"]
    return said


def _change(criterion: str, before: View, after: View) -> str:
    matched, matches = (
        {f["criterion"] for f in verdict["findings"]} for verdict in (before, after)
    )
    if criterion in matched & matches:
        return "weighs otherwise"
    other = before if criterion in matches else after
    known = any(n["criterion"] == criterion for n in other["not_matched"])
    if criterion in matches:
        return "now matches" if known else "new"
    return "no longer matches" if known else "removed"


def because_of(criteria: Iterable[View], before: View, after: View) -> list[View]:
    """Return what brought the new option past the old one, heaviest criterion first.

    Where scores decided both times, weights did not count: only vetoes explain.
    """
    measured = before["basis"] == after["basis"] == "measured"
    old, new = before["recommended"], after["recommended"]
    towards: Counter[str] = Counter()
    entries = []
    for entry in criteria:
        if old == new or entry["option"] not in (old, new):
            continue
        if measured and _VETO not in (entry["before"], entry["after"]):
            continue
        side = 1 if entry["option"] == new else -1
        towards[entry["criterion"]] += side * _moved(entry)
        entries.append(entry)
    entries.sort(key=lambda entry: (-towards[entry["criterion"]], entry["criterion"]))
    return [entry for entry in entries if towards[entry["criterion"]] > 0]


def _moved(entry: View) -> int:
    """Return by how much a criterion's consequence for its option has moved."""
    return _weight(entry["after"]) - _weight(entry["before"])


def _weight(said: int | str | None) -> int:
    if isinstance(said, str):
        return -VETO
    return said or 0

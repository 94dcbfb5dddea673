"""An experiment as a report holds it: below 250 kB, whatever was measured.

Of long tables the telling rows stay, and how many there were: the labels that an arm
answers worst, the largest slices. All are in the experiment itself, as the audit head
had it. What no report shows of the two verdicts goes altogether.
"""

from collections.abc import Mapping
from typing import Any

View = dict[str, Any]

MOST_LABELS = 15  # of an arm; 77 labels of six arms took 160 kB
MOST_SLICES = 15  # of a kind

_OF_VERDICT = ("recommended", "runner_up", "lead", "margin", "basis", "because")


def shortened(experiment: Mapping[str, Any]) -> View:
    """Return an experiment with the telling rows of its long tables."""
    kept = dict(experiment)
    for key in ("verdict", "verdict_before"):
        if isinstance(said := kept.get(key), Mapping):
            kept[key] = {name: said[name] for name in _OF_VERDICT if name in said}
    kept["arms"] = {name: _arm(arm) for name, arm in kept["arms"].items()}
    # diagnostics say how hard the examples are, and not where they fail
    kept["diagnostics"] = {
        name: {**arm, "labels": None} if arm.get("labels") else arm
        for name, arm in kept["diagnostics"].items()
    }
    if not_told := _slices_not_told(experiment["arms"]):
        kept["slices"] = {**(kept.get("slices") or {}), "not_told": not_told}
    return kept


def _arm(arm: Mapping[str, Any]) -> View:
    kept = dict(arm)
    if labels := kept.get("labels"):
        kept["labels"] = _weakest(labels)
    if slices := kept.get("slices"):
        kept["slices"] = [
            each
            for kind in dict.fromkeys(s["kind"] for s in slices)
            for each in [s for s in slices if s["kind"] == kind][:MOST_SLICES]
        ]
    return kept


def _weakest(labels: Mapping[str, Any]) -> View:
    """Return the labels with the lowest F1, in their order, and how many there are.

    >>> scores = [{"label": str(n), "f1": {"value": n}} for n in range(99)]
    >>> found = _weakest({"scores": scores})
    >>> len(found["scores"]), found["of"], found["scores"][-1]["label"]
    (15, 99, '14')
    """
    scores = labels["scores"]
    if len(scores) <= MOST_LABELS:
        return dict(labels)
    weak = sorted(range(len(scores)), key=lambda n: scores[n]["f1"]["value"])
    kept = sorted(weak[:MOST_LABELS])
    return {**labels, "scores": [scores[n] for n in kept], "of": len(scores)}


def _slices_not_told(arms: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Return by kind how many slices are left out; all arms have the same."""
    every: list[Any] = next(
        (arm["slices"] for arm in arms.values() if arm.get("slices")), []
    )
    sizes = {
        kind: sum(s["kind"] == kind for s in every) - MOST_SLICES
        for kind in dict.fromkeys(s["kind"] for s in every)
    }
    return {kind: more for kind, more in sizes.items() if more > 0}

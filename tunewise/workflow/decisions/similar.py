"""Earlier decisions that resemble one, by a measure that can be said in a sentence.

Of the facts that both know, the share that is equal; those of the same task type come
first. No weights, nothing learned: whoever doubts it can count.
"""

from tunewise.domain.errors import NotRecorded
from tunewise.workflow.decisions.leaning import Leaning, every_leaning
from tunewise.workflow.home import Home
from tunewise.workflow.views import View

MOST = 5
_ENOUGH = 3  # facts known to both: fewer say nothing
_DIFFERENT = 6  # that are named
_TASK = "task_type"


def similar(home: Home, id: str) -> list[View]:
    """Return at most five other decisions, the most similar first.

    Each row has ``equal`` of ``both`` (facts known to both), ``same_task``, and
    ``differs``: fact, value here, value there.
    """
    with home.store() as store:
        every = every_leaning(home, store)
    mine = next((each for each in every if each.view["id"] == id), None)
    if mine is None:
        raise NotRecorded(f"No decision {id!r} is recorded")
    found = [
        row
        for other in every
        if other is not mine and (row := _compared(mine, other))["both"] >= _ENOUGH
    ]
    found.sort(key=lambda r: (not r["same_task"], -r["equal"] / r["both"], -r["both"]))
    return [row for row in found if row["equal"]][:MOST]


def _compared(mine: Leaning, other: Leaning) -> View:
    both = [name for name in mine.facts if name in other.facts]
    differs = [name for name in both if mine.facts[name] != other.facts[name]]
    task = mine.facts.get(_TASK)
    return {
        **other.view,
        "both": len(both),
        "equal": len(both) - len(differs),
        "same_task": task is not None and task == other.facts.get(_TASK),
        "differs": [
            {"fact": name, "here": mine.facts[name], "there": other.facts[name]}
            for name in differs[:_DIFFERENT]
        ],
        "differs_more": max(len(differs) - _DIFFERENT, 0),
    }

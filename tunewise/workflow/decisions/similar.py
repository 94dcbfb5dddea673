"""Past decisions on much the same facts, and what they chose.

    facts known to both --equal, or numbers within a factor of two--> alike
    alike / known to either ----------------------------------------> how similar

No weight is learned, and none is guessed: whoever reads it can count it again.
"""

from collections.abc import Mapping
from typing import Any

from tracker import decisions as records
from tunewise.domain.decision import Status
from tunewise.workflow.decisions.fact_values import values_of
from tunewise.workflow.decisions.shown import Listed, listed
from tunewise.workflow.home import Home
from tunewise.workflow.views import View

MOST = 5
LEAST_ALIKE = 3  # facts; fewer say little
_FACTOR = 2.0
_TASK = "task_type"
_SHOWN = ("id", "title", "status", "choice", "recommended", "at")


def similar(home: Home, id: str) -> list[View]:
    """Return the decisions most like one, the most similar first.

    Returns
    -------
    list of dict
        ``id``, ``title``, ``status``, ``choice`` (None where nobody chose),
        ``recommended``, ``alike`` (how many facts) ``of`` (those known to either),
        ``same_task``, and ``differs``: the facts known to both that are not alike.
        Drafts that one of them superseded are left out, as are those it supersedes.
    """
    with home.store() as store:
        asked = records.get(store, id)
        every = listed(home, store)
    near = {asked.id, asked.supersedes, asked.superseded_by}
    own = values_of(asked.body["facts"])
    found = [
        _compared(own, other)
        for other in every
        if other.id not in near and other.status is not Status.WITHDRAWN
    ]
    found = [view for view in found if view["alike"] >= LEAST_ALIKE]
    found.sort(
        key=lambda view: (
            not view["same_task"],
            -view["alike"] / view["of"],
            -view["alike"],
            view["id"],
        )
    )
    return found[:MOST]


def _compared(own: Mapping[str, Any], other: Listed) -> View:
    both = own.keys() & other.facts.keys()
    alike = {name for name in both if _alike(own[name], other.facts[name])}
    return {
        **{key: other.view[key] for key in _SHOWN},
        "alike": len(alike),
        "of": len(own.keys() | other.facts.keys()),
        "same_task": _TASK in alike,
        "differs": sorted(both - alike),
    }


def _alike(a: object, b: object) -> bool:
    """Tell whether two values are the same, or numbers within a factor of two.

    >>> _alike(True, True), _alike(300, 500), _alike(300, 700), _alike("a", "b")
    (True, True, False, False)
    """
    if a == b:
        return True
    if isinstance(a, bool) or isinstance(b, bool):
        return False
    if not (isinstance(a, int | float) and isinstance(b, int | float)):
        return False
    return a * b > 0 and 1 / _FACTOR <= a / b <= _FACTOR

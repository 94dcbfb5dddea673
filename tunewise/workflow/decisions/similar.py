"""Past decisions on much the same facts, and what they chose.

    facts known to both --equal, or numbers within a factor of two--> alike
    alike / known to either ----------------------------------------> how similar

No weight is learned, and none is guessed: whoever reads it can count it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
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
    compared = (
        _compared(own, other)
        for other in every
        if other.id not in near and other.status is not Status.WITHDRAWN
    )
    found = nsmallest(MOST, (c for c in compared if c.alike >= LEAST_ALIKE), _rank)
    return [_view(each, own) for each in found]


@dataclass(frozen=True, slots=True)
class _Compared:
    other: Listed
    alike: int  # facts
    of: int  # those known to either
    same_task: bool


def _compared(own: Mapping[str, Any], other: Listed) -> _Compared:
    theirs = other.facts
    both = own.keys() & theirs.keys()
    alike = [name for name in both if _alike(own[name], theirs[name])]
    either = len(own) + len(theirs) - len(both)
    return _Compared(other, len(alike), either, same_task=_TASK in alike)


def _rank(compared: _Compared) -> tuple[bool, float, int, str]:
    """Return what comes first: the same task, then the largest share that is alike."""
    share = compared.alike / compared.of
    return not compared.same_task, -share, -compared.alike, compared.other.id


def _view(compared: _Compared, own: Mapping[str, Any]) -> View:
    other = compared.other
    both = own.keys() & other.facts.keys()
    return {
        **{key: other.view[key] for key in _SHOWN},
        "alike": compared.alike,
        "of": compared.of,
        "same_task": compared.same_task,
        "differs": sorted(n for n in both if not _alike(own[n], other.facts[n])),
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

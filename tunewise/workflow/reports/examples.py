"""Held-out examples with every arm's answer, as a report shows some of them.

Texts of the data leave the house only where somebody asked for them.
"""

from collections.abc import Mapping
from typing import Any

from tracker import experiments as records
from tunewise.domain.errors import NotRecorded
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.home import Home

View = dict[str, Any]

MOST = 20  # answers: of four arms 5 examples


class TextsGone(NotRecorded):
    """The texts that somebody asked for are gone with their dataset version."""


def examples_of(home: Home, experiment: str) -> View | None:
    """Return examples of an experiment: where arms differ, then where none is right.

    None where nothing was answered yet.

    Raises
    ------
    TextsGone
        If the texts are gone: their dataset version was deleted.
    """
    with home.store() as store:
        records.get(store, experiment)  # one that is not there is no matter of texts
    try:
        found = experiments.answers(home, experiment)
    except NotRecorded as error:
        raise TextsGone(
            f"{experiment}: its examples cannot be shown ({error})\n"
            "  Leave out --with-examples: the report itself needs no text of the data."
        ) from None
    if not any(row["arms"] for row in found):
        return None
    most = MOST // max(len(row["arms"]) for row in found)
    rows = sorted(found, key=_telling)[:most]  # stable: in file order otherwise
    return {
        "experiment": experiment,
        "total": len(found),
        "rows": [dict(row) for row in rows],
    }


def _telling(row: Mapping[str, Any]) -> int:
    right = {given["correct"] for given in row["arms"].values()}
    return {frozenset((True, False)): 0, frozenset((False,)): 1}.get(
        frozenset(right), 2
    )

"""What the first page of a decision's report says beside its verdict and its choice.

Everything here stands in full in a later section.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from tunewise.report import numbers
from tunewise.report.shapes import View

STRENGTHS = {
    "measured here": "a run of this home has the score",
    "imported": "the score comes from answers that were made elsewhere",
    "stated": "somebody named the score; no run here holds it",
    "assumed": "the score is a guess",
    "rules only": "no score of it is known; rules and stated facts decide alone",
}


def board_of(
    decision: View, verdict: View, experiments: Sequence[View], facts: Iterable[View]
) -> dict[str, Any]:
    """Return what the first page says.

    Returns
    -------
    dict
        ``strength`` and what it means; ``cost``: once, a month and three years of the
        option, None where nobody reckoned it; ``risk``: the first one without a
        control, else the first; ``open_risks``: how many have none; ``flip``: the
        first; ``assumed``: how many facts are only assumed.
    """
    taken = decision["choice"] or verdict["recommended"]
    risks = decision["risks"]
    uncontrolled = [risk for risk in risks if risk["state"] != "controlled"]
    word = decision["strength"]
    return {
        "taken": taken,
        "strength": word,
        "strength_means": STRENGTHS.get(word, ""),
        "cost": _cost(experiments, taken),
        "risk": next(iter([*uncontrolled, *risks]), None),
        "open_risks": len(uncontrolled),
        "flip": next(iter(verdict["flips"]), None),
        "open_conditions": sum(not c["closed"] for c in decision["conditions"]),
        "assumed": sum(fact["assumed"] for fact in facts),
    }


def _cost(experiments: Sequence[View], option: str) -> str:
    """Return the cost of an option in a line, by the last experiment that has one."""
    for found in reversed(experiments):
        costs = found["costs"]
        for row in costs["rows"] if costs else ():
            if row["option"] == option:
                once, month, years = (
                    numbers.amounts(row[key])
                    for key in ("once", "monthly", "three_years")
                )
                return (
                    f"{once} {costs['currency']} once, {month} a month, {years} in "
                    "three years"
                )
    return ""

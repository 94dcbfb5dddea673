"""A second opinion on criteria: from the TOML text and the raw answers alone.

Naive on purpose and free of the engine: it imports nothing of Tunewise. A fact is the
interval that it may lie in; a test is tried on every point of the interval at which its
answer can change, with Python's own operators; what all points agree on is the answer.
Tests then join by Kleene's strong logic, which is the least and the greatest of

    FAILS = 0 < WAITS = 1 < HOLDS = 2
"""

import math
import operator
import tomllib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

FAILS, WAITS, HOLDS = 0, 1, 2

_OPERATORS = {
    "is": operator.eq,
    "not": operator.ne,
    "at_least": operator.ge,
    "at_most": operator.le,
    "above": operator.gt,
    "below": operator.lt,
}


class SecondOpinion:
    """One rule set as its texts say it."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.facts = tomllib.loads(texts["facts.toml"])
        self.whens = {
            path.removeprefix("criteria/").removesuffix(".toml"): tomllib.loads(text)[
                "when"
            ]
            for path, text in texts.items()
            if path.startswith("criteria/") and path.endswith(".toml")
        }

    def truths(self, answers: Mapping[str, Any]) -> dict[str, int]:
        """Return FAILS, WAITS or HOLDS for every criterion by id."""
        known = {}
        for name, entry in answers.items():
            interval = _interval(self.facts[name]["type"], entry)
            if interval is not None:
                known[name] = interval
        return {id: self._all(when, known) for id, when in self.whens.items()}

    def _all(self, table: Mapping[str, Any], known: Mapping[str, Any]) -> int:
        parts = [HOLDS]
        for name, test in table.items():
            if name == "any":
                parts.append(max(self._all(branch, known) for branch in test))
            elif isinstance(test, dict):
                parts += (self._test(name, o, v, known) for o, v in test.items())
            else:
                parts.append(self._test(name, "is", test, known))
        return min(parts)

    def _test(self, name: str, asked: str, value: Any, known: Mapping[str, Any]) -> int:
        if asked == "known":
            return HOLDS if (name in known) is value else FAILS
        other = value["fact"] if isinstance(value, dict) else None
        if name not in known or (other is not None and other not in known):
            return WAITS
        kind = self.facts[name]["type"]
        if asked == "in":
            listed = [_typed(kind, v) for v in value]
            answers = {x in listed for x in _points(known[name], listed)}
        else:
            wanted = known[other] if other else (_typed(kind, value),) * 2
            test = _OPERATORS[asked]
            answers = {
                test(x, y)
                for x in _points(known[name], wanted)
                for y in _points(wanted, known[name])
            }
        return WAITS if len(answers) == 2 else HOLDS if answers == {True} else FAILS


def _interval(kind: str, entry: Any) -> tuple[Any, Any] | None:
    if not isinstance(entry, dict):
        entry = {"value": entry}
    value, low, high = (entry.get(key) for key in ("value", "low", "high"))
    if value in (None, "unknown"):
        value = None
    if value is None and low is None and high is None:
        return None
    lower = _typed(kind, value) if low is None else float(low)
    upper = _typed(kind, value) if high is None else float(high)
    return (
        -math.inf if lower is None else lower,
        math.inf if upper is None else upper,
    )


def _typed(kind: str, value: Any) -> Any:
    """A number is a float, whatever its digits; a date is text; the rest is itself."""
    if value is not None and kind == "number":
        return float(value)
    return value.isoformat() if value is not None and kind == "date" else value


def _points(interval: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Return a value at and between all places where an answer can change."""
    lower, upper = interval
    if lower == upper:
        return [lower]
    ends = sorted({lower, upper, *(o for o in others if lower <= o <= upper)})
    return ends + [_between(a, b) for a, b in pairwise(ends)]


def _between(a: float, b: float) -> float | Fraction:
    if math.isinf(a):
        return 0 if math.isinf(b) else b - 1
    if math.isinf(b):
        return a + 1
    return (Fraction(a) + Fraction(b)) / 2  # exact: between two neighbouring floats too

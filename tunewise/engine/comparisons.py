"""Comparisons of arms, as JSON gives them, become values and go back."""

from collections.abc import Mapping
from dataclasses import asdict

from tunewise.domain.errors import FactError
from tunewise.domain.facts import Comparison, Conclusion
from tunewise.engine.source_text import (
    clipped,
    is_finite,
    is_unicode,
    shown,
    suggest,
)

TEXTS = ("a", "b", "metric")
NUMBERS = ("difference", "low", "high", "p_value")
OPTIONAL = ("needs_n", "stated")
COMPARISON_KEYS = (*TEXTS, *NUMBERS, "conclusion", *OPTIONAL)


def read_comparisons(written: object) -> tuple[Comparison, ...]:
    """Return the comparisons of a fact file's ``comparisons``, none for None."""
    if written is None:
        return ()
    if not isinstance(written, list | tuple):
        raise FactError(
            f"comparisons = {shown(written)} is not a list\n"
            f"  Each one is a table with {', '.join(COMPARISON_KEYS)}."
        )
    return tuple(_comparison(n, entry) for n, entry in enumerate(written, 1))


def comparison_to_raw(comparison: Comparison) -> dict[str, object]:
    """Return a comparison as plain JSON values; ``stated`` only where it is."""
    raw = {**asdict(comparison), "conclusion": comparison.conclusion.value}
    if not comparison.stated:
        del raw["stated"]
    return raw


def _comparison(number: int, entry: object) -> Comparison:
    where = f"comparison {number}"
    if not isinstance(entry, Mapping):
        raise FactError(
            f"{where}: {shown(entry)} is not a table\n"
            f"  It has the keys {', '.join(COMPARISON_KEYS)}."
        )
    for key in entry:
        if key not in COMPARISON_KEYS:
            raise FactError(
                f"{where}: unknown key {clipped(str(key))!r}\n"
                f"  It has the keys {', '.join(COMPARISON_KEYS)}."
                f"{suggest(str(key), COMPARISON_KEYS)}"
            )
    a, b, metric = (_text(where, entry, key) for key in TEXTS)
    difference, low, high, p_value = (_number(where, entry, key) for key in NUMBERS)
    if a == b or low > high:
        raise FactError(
            f"{where}: {a} - {b} = {difference:g} in [{low:g}, {high:g}]\n"
            "  Compare two different arms; low is not above high."
        )
    return Comparison(
        a=a,
        b=b,
        metric=metric,
        difference=difference,
        low=low,
        high=high,
        p_value=p_value,
        conclusion=_conclusion(where, entry),
        needs_n=_needs_n(where, entry),
        stated=_stated(where, entry),
    )


def _text(where: str, entry: Mapping[str, object], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value or not is_unicode(value):
        raise FactError(f"{where}: {key} = {shown(value)}\n  Write it as a text.")
    return value


def _number(where: str, entry: Mapping[str, object], key: str) -> float:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FactError(f"{where}: {key} = {shown(value)}\n  Write it as a number.")
    if not is_finite(value):
        raise FactError(f"{where}: {key} = {shown(value)}\n  It must be finite.")
    return float(value)


def _conclusion(where: str, entry: Mapping[str, object]) -> Conclusion:
    value = entry.get("conclusion")
    known = [c.value for c in Conclusion]
    if value not in known:
        raise FactError(
            f"{where}: conclusion = {shown(value)}\n  It is one of {', '.join(known)}."
        )
    return Conclusion(str(value))


def _needs_n(where: str, entry: Mapping[str, object]) -> int | None:
    value = entry.get("needs_n")
    if value is None:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and is_finite(value):
        return value
    raise FactError(
        f"{where}: needs_n = {shown(value)}\n  Write how many examples, or null."
    )


def _stated(where: str, entry: Mapping[str, object]) -> bool:
    value = entry.get("stated")
    if value is not None and not isinstance(value, bool):
        raise FactError(
            f"{where}: stated = {shown(value)}\n"
            "  Write true where the experiment does not hold the comparison."
        )
    return bool(value)

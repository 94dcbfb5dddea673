"""What an act about a decision asks, as values: its fields, and what is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

View = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: of kind line, text, lines, day, number, option or flag."""

    name: str
    label: str
    kind: str = "text"
    help: str = ""
    required: bool = False
    rows: int = 4  # of a text


def _nothing(decision: View) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Act:
    """Something that people do about a decision, and the form for it."""

    title: str
    what: str  # it does, in a sentence
    button: str
    fields: tuple[Field, ...]
    do: Callable[..., object]
    status: str  # those that a decision may have for it; "" where any will do
    reads: str = "seen"  # what it must still be: the log's newest entry, or the state
    start: Callable[[View], Mapping[str, str]] = _nothing  # what stands in its fields
    hints: Callable[[View], Mapping[str, str]] = _nothing  # beside the help of fields

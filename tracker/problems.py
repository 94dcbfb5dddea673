"""What a check of the records reports: one thing that does not hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # but tab and newline


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold: its kind, the record it concerns, and what.

    ``kind`` is damaged, trigger, log, altered, removed, unlogged, derived (no record,
    and can be made again), blob, report or anchor.
    """

    kind: str
    record: str
    message: str


def printable(problem: Problem) -> Problem:
    """Return the problem with text broken from outside written as escapes."""
    parts = (problem.kind, problem.record, problem.message)
    return Problem(*(as_text(part) for part in parts))


def as_text(text: str) -> str:
    """Return a text that can be printed: what is broken or steers a terminal escaped.

    >>> as_text("red \\x1b[31m")
    'red \\\\x1b[31m'
    """
    whole = text.encode("utf-8", "backslashreplace").decode()
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", whole)


def ranges(numbers: list[int]) -> list[tuple[int, int]]:
    """Return ascending numbers as (first, last) of every stretch without a gap.

    >>> ranges([2, 3, 4, 9])
    [(2, 4), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def span(first: int, last: int) -> str:
    """Return ``entry 2`` or ``entries 2 to 4``."""
    return f"entry {first}" if first == last else f"entries {first} to {last}"


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first names, and how many more there are.

    >>> some(["a", "b", "c"], most=1)
    'a and 2 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"

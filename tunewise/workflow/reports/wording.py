"""A text that other software made, as far as it can be held against today's.

Its figures (whatever holds a digit), the options and the statuses are taken out of
each line; what is left is the line's wording.

    worded as a line of today's    must say what a line of that wording says
    worded otherwise               each figure must stand in today's text, perhaps
                                   rounded; the words cannot be compared, and count
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tunewise.domain.decision import Status
from tunewise.domain.facts import Conclusion
from tunewise.domain.rules import Option
from tunewise.report.words import option_title
from tunewise.workflow.decisions.rounding import is_rounded

_VALUES = {
    *(option.value for option in Option),
    *(option_title(option.value).lower() for option in Option),
    *(status.value for status in Status),
    *(conclusion.value for conclusion in Conclusion),
}
_TELLING = re.compile(
    r"[^\s|()\[\],;*`\"]*\d[^\s|()\[\],;*`\"]*|(?<![\w-])(?:"
    + "|".join(sorted(map(re.escape, _VALUES), key=len, reverse=True))
    + r")(?![\w-])",
    re.IGNORECASE,
)
_UNSHOWN = re.compile(r"<!--.*?-->|<(head|script|style|svg)\b.*?</\1>", re.DOTALL)
_BLOCK_END = re.compile(r"</(?:p|li|td|th|h\d|dd|dt|tr|div|summary|blockquote)>|<br>")
_TAG = re.compile(r"<[^>]*>")
_ENDS = ".:–-+"


@dataclass(slots=True)
class Held:
    """What a text says otherwise, and which of its lines could not be compared."""

    differences: list[str] = field(default_factory=list)
    uncompared: list[str] = field(default_factory=list)


def hold(text: str, meant: str) -> Held:
    """Hold what a text shows, Markdown or a page, against what is meant."""
    said: dict[str, set[tuple[str, ...]]] = {}
    figures: set[str] = set()
    for line in _shown(meant):
        told = _told(line)
        said.setdefault(_wording(line), set()).add(told)
        figures.update(told)
    numbers = [n for n in map(_number, figures) if n is not None]
    held = Held()
    for line in _shown(text):
        told, wording = _told(line), _wording(line)
        if wording not in said:
            held.uncompared.append(line)
            unknown = [t for t in told if not _stands(t, figures, numbers)]
            if unknown:
                what = f"no record gives {', '.join(unknown)}"
                held.differences.append(f"{what}: {line[:80]!r}")
        elif told not in said[wording]:
            held.differences.append(f"the records say otherwise: {line[:80]!r}")
    return held


def _shown(text: str) -> Iterator[str]:
    """Yield what a reader sees, a line each; of a page without its markup."""
    page = text.lstrip()[:9].lower() == "<!doctype"
    seen = _UNSHOWN.sub("", text)
    if page:
        joined = seen.replace("\n", " ")
        seen = html.unescape(_TAG.sub("", _BLOCK_END.sub("\n", joined)))
    for line in seen.splitlines():
        if kept := " ".join(line.split()):
            yield kept


def _told(line: str) -> tuple[str, ...]:
    """Return the figures, options and statuses of a line, in their order.

    >>> _told("RAG scored 0.71 (0.64 to 0.77).")
    ('rag', '0.71', '0.64', '0.77')
    """
    found = (match[0].strip(_ENDS).lower() for match in _TELLING.finditer(line))
    return tuple(found)


def _wording(line: str) -> str:
    return _TELLING.sub("…", line)


def _stands(told: str, figures: set[str], numbers: list[float]) -> bool:
    number = _number(told)
    if told in figures or told in _VALUES:
        return True
    return number is not None and any(
        is_rounded(number, other) or is_rounded(other, number) for other in numbers
    )


def _number(told: str) -> float | None:
    try:
        return float(told.rstrip("%").replace(",", ""))
    except ValueError:
        return None

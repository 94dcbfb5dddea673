"""Answers that were produced elsewhere, as values, and what their fields may be."""

import json
import math
from dataclasses import dataclass

from tunewise.domain.errors import DatasetError
from tunewise.engine.source_text import is_unicode


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One answer as the file has it; None where the file does not say."""

    id: str
    text: str  # "" where no answer came
    place: int  # the line it begins in, or the number of the entry, from 1
    seconds: float | None = None
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    passages: tuple[str, ...] = ()
    error: str = ""  # what the tool says, where no answer came


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """A file of answers, as it was read."""

    name: str
    digest: str  # sha256 of its bytes
    tool: str  # csv, jsonl, json, promptfoo
    answers: tuple[GivenAnswer, ...]
    model: str = ""  # as the tool names it
    prompt: str = ""  # as the tool names it
    unread: tuple[str, ...] = ()  # columns that nothing reads

    def at(self, place: int) -> str:
        """Return where a record stands, as a message begins."""
        if self.tool in ("csv", "jsonl"):
            return f"{self.name}:{place}"
        return f"{self.name}: entry {place}"


def id_of(value: object, where: str) -> str:
    """Return an id as the held-out examples have it: a text; numbers are written out.

    >>> id_of(17, "a.jsonl:1"), id_of(17.0, "a.jsonl:1"), id_of(" t-1 ", "a.csv:2")
    ('17', '17', 't-1')
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as tools write a column of numbers that has a gap
    if isinstance(value, str) or _is_whole(value):
        text = str(value).strip()
        if text and is_unicode(text):
            return text
    raise DatasetError(
        f"{where}: the id {str(value)[:40]!r} is no text and no whole number\n"
        "  Write the id that the held-out example has (metadata.id)."
    )


def text_of(value: object, where: str) -> str:
    """Return an answer as text: null is none, anything but a text its JSON.

    >>> text_of(None, "a.jsonl:1"), text_of({"a": 1}, "a.jsonl:2")
    ('', '{"a": 1}')
    """
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if not is_unicode(text):
        raise DatasetError(
            f"{where}: the answer holds half a character (a lone \\ud… escape)\n"
            "  Write the whole character."
        )
    return text


def number_of(value: object, key: str, where: str) -> float | None:
    """Return a number of 0 or more, None where nothing is said.

    >>> number_of("0.5", "latency_seconds", "a.csv:2")
    0.5
    """
    if value is None:
        return None
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not (math.isfinite(number) and number >= 0):
        raise DatasetError(
            f"{where}: {key}: {str(value)[:40]!r} is no number of 0 or more\n"
            "  Leave it out where it is not known."
        )
    return number


def count_of(value: object, key: str, where: str) -> int | None:
    """Return a whole number of 0 or more, None where nothing is said."""
    number = number_of(value, key, where)
    if number is not None and not number.is_integer():
        raise DatasetError(f"{where}: {key}: {number:g} is no whole number")
    return None if number is None else int(number)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)

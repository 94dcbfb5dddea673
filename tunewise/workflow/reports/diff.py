"""Two JSON values, side by side: where does a report differ from what is recorded?

What another Tunewise tells is not what this one tells, and no forgery: keys that came
later are missing in an older report, and a newer one has some that nobody knows here.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tunewise.workflow.output import SOFTWARE

View = dict[str, Any]

# what is the software's own judgement and wording, and the records only decide in part
_WORDED = ("fact_definitions", "missing", "completeness", "expected", "people")


@dataclass(frozen=True, slots=True)
class Writer:
    """The software that a report says it was written with, "" where it says none."""

    software: str

    @property
    def is_this(self) -> bool:
        """Whether it says that this very software wrote it."""
        return self.software == SOFTWARE

    @property
    def is_another(self) -> bool:
        """Whether it says that other software wrote it."""
        return self.software not in ("", SOFTWARE)


@dataclass(slots=True)
class Compared:
    """What a report says otherwise, and the keys that could not be compared."""

    differences: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)  # this software knows them not
    left_out: list[str] = field(default_factory=list)  # the report does not say them
    worded: list[str] = field(default_factory=list)  # otherwise by other software
    gone: bool = False  # its examples, which nothing here can prove any more
    writer: Writer = field(default_factory=lambda: Writer(""))


def held(
    said: Mapping[str, Any],
    recorded: Mapping[str, Any],
    writer: Writer,
    *,
    first_told: Collection[str],
) -> Compared:
    """Compare what a report says with what it must say.

    A report of this software tells everything. One that names no software or another
    must tell what was ``first_told``; later keys it may lack, at any depth.
    """
    found = Compared(writer=writer)
    meant = plain(recorded)
    for key in dict.fromkeys([*meant, *said]):
        if key not in said and key in first_told:
            found.differences.append(f"{key}: the report lacks it")
        else:
            _hold(key, said.get(key, ...), meant.get(key, ...), found)
    return found


def plain(value: Mapping[str, Any]) -> View:
    """Return a view as it comes back from JSON."""
    read: View = json.loads(json.dumps(value))
    return read


def entries(view: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list under a key, an empty one where there is none."""
    value = view.get(key)
    return value if isinstance(value, list) else []


def _hold(key: str, said: object, recorded: object, found: Compared) -> None:
    """Compare two values at a path; ``...`` says nothing."""
    if said is ...:
        lacking = found.differences if found.writer.is_this else found.left_out
        lacking.append(f"{key}: the report lacks it" if found.writer.is_this else key)
    elif recorded is ...:
        if found.writer.is_another:
            found.unchecked.append(key)
        else:
            told = f"{key}: the report says {_short(said)}, no record does"
            found.differences.append(told)
    elif isinstance(said, dict) and isinstance(recorded, dict):
        for inner in dict.fromkeys([*recorded, *said]):
            a, b = said.get(inner, ...), recorded.get(inner, ...)
            _hold(f"{key}.{inner}", a, b, found)
    elif isinstance(said, list) and isinstance(recorded, list):
        _hold_lists(key, said, recorded, found)
    elif _not_same(said, recorded):
        told = f"{key}: the report says {_short(said)}, the record {_short(recorded)}"
        found.differences += _unless_worded(key, told, found)


def _hold_lists(
    key: str, said: list[Any], recorded: list[Any], found: Compared
) -> None:
    if len(said) != len(recorded):
        told = f"{key}: the report has {len(said)}, the record {len(recorded)}"
        found.differences += _unless_worded(key, told, found)
        return
    for n, (a, b) in enumerate(zip(said, recorded, strict=True)):
        _hold(f"{key}[{n}]", a, b, found)


def _unless_worded(key: str, told: str, found: Compared) -> Iterator[str]:
    """Yield a difference, but where other software may well say it otherwise."""
    part = key.removeprefix("lineage.").partition(".")[0].partition("[")[0]
    if found.writer.is_another and part in _WORDED:
        found.worded.append(key)
    else:
        yield told


def _not_same(a: object, b: object) -> bool:
    """Tell two values apart, also ``true`` from 1 (which Python calls equal)."""
    return a != b or isinstance(a, bool) != isinstance(b, bool)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}…"

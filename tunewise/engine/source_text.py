"""Rule files as text: parse one, find a key's line in it, say what is wrong there.

    text  --parse-->  RuleFile  --section-->  Section  --text/number/…-->  value

tomllib keeps no positions, so the line of a key is found again by scanning the
text for table headers and keys. An error always has the same form:

    rules/criteria/must-cite-sources.toml:2: unknown key 'wieght'
      A criterion has the keys …
"""

import datetime as dt
import difflib
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tunewise.domain.errors import RuleFileError

Keys = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[\w-]+)*)\s*=""")
_MOST_SHOWN = 200
_POSITION = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def suggest(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest known word, "" without one."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def listed(words: Iterable[str], joiner: str = "and") -> str:
    """Join words as a sentence does.

    >>> listed(["a", "b", "c"], "or")
    'a, b or c'
    """
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {joiner} {items[-1]}"


def shown(value: object) -> str:
    """Return a value as a rule file writes it: true, "text", 0.5; never very long.

    >>> shown(True), shown("daily"), shown(["a", 1])
    ('true', '"daily"', '["a", 1]')
    """
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(shown(item) for item in value)}]"
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return "a number of thousands of digits"
    return clipped(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def clipped(text: str) -> str:
    """Return a text that fits into a message."""
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def is_finite(number: float) -> bool:
    """Return False for NaN, infinity, and an integer that no float can hold."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def is_unicode(text: str) -> bool:
    """Return False for half a character (a lone surrogate): no file can hold it."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One parsed file; ``path`` is what messages show."""

    path: str
    text: str
    table: Mapping[str, object]

    def error(self, keys: Keys, what: str, todo: str) -> RuleFileError:
        """Return the error that names the line of ``keys``."""
        line = line_of(self.text, keys)
        return RuleFileError(f"{self.path}:{line}: {what}\n  {todo}")

    def top(self) -> "Section":
        """Return the whole file as a section."""
        return Section(self, (), self.table)


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a file, read key by key with checks."""

    file: RuleFile
    keys: Keys
    table: Mapping[str, object]

    def error(self, key: str | None, what: str, todo: str) -> RuleFileError:
        """Return the error at one of this table's keys, or at the table itself."""
        return self.file.error(
            self.keys if key is None else (*self.keys, key), what, todo
        )

    def only(self, known: Sequence[str], noun: str) -> None:
        """Refuse keys that are not known."""
        for key in self.table:
            if key not in known:
                raise self.error(
                    key,
                    f"unknown key {key!r}",
                    f"{noun} has the keys {', '.join(known)}.{suggest(key, known)}",
                )

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text, which may be empty only where it has a default."""
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self._mistyped(key, "a text in quotes")
        if not value.strip() and default is None:
            raise self.error(key, f"{key!r} is empty", "Say it in one sentence.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return an array of texts, empty where it is left out."""
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self._mistyped(key, 'an array of texts, e.g. ["a", "b"]')
        return tuple(value)

    def date(self, key: str, default: str | None = None) -> str:
        """Return a date as ISO 8601 text."""
        value = self._get(key, default)
        day = iso_date(value)
        if day is None and value != default:
            raise self._mistyped(key, "a date, e.g. 2026-11-23")
        return day or ""

    def number(self, key: str, default: float | None = None) -> float:
        """Return a finite number as float."""
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._mistyped(key, "a number")
        if not is_finite(value):
            raise self._mistyped(key, "a finite number")
        return float(value)

    def integer(self, key: str, default: int | None = None) -> int:
        """Return an integer."""
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._mistyped(key, "an integer")
        return value

    def boolean(self, key: str, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self._mistyped(key, "true or false, without quotes")
        return value

    def section(self, key: str) -> "Section":
        """Return the table under a key."""
        value = self._get(key, None)
        if not isinstance(value, dict):
            raise self._mistyped(key, f"a table, [{key}]")
        return Section(self.file, (*self.keys, key), value)

    def sections(self, key: str) -> tuple["Section", ...]:
        """Return the array of tables under a key, at least one."""
        value = self._get(key, None)
        if not isinstance(value, list) or not value:
            raise self._mistyped(key, f"an array of tables, [[{key}]], at least one")
        for item in value:
            if not isinstance(item, dict):
                raise self._mistyped(key, f"an array of tables, [[{key}]]")
        return tuple(
            Section(self.file, (*self.keys, key, n), item)
            for n, item in enumerate(value)
        )

    def _get(self, key: str, default: object) -> object:
        if key in self.table:
            return self.table[key]
        if default is not None:
            return default
        raise self.error(
            None, f"{key!r} is missing", f"Add {key} = … ; rules/README.md says what."
        )

    def _mistyped(self, key: str, wanted: str) -> RuleFileError:
        value = shown(self.table.get(key))
        return self.error(
            key, f"{key} = {value} is not {wanted}", f"Write {key} as {wanted}."
        )


def parse(path: str, text: str) -> RuleFile:
    """Return the parsed file, or raise RuleFileError with the line of the mistake."""
    try:
        return RuleFile(path, text, tomllib.loads(text))
    except (ValueError, RecursionError) as error:  # not only TOMLDecodeError
        position = _POSITION.search(str(error))
        what = _POSITION.sub("", str(error))
        found = position.group(1) if position else None
        line = int(found) if found else text.count("\n") + 1
        message = f"{path}:{line}: not valid TOML: {what}\n  Mend the line; toml.io"
        raise RuleFileError(f"{message} describes the format.") from None


def iso_date(value: object) -> str | None:
    """Return a TOML date or an ISO 8601 text as ISO 8601 text, None for the rest."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return dt.date.fromisoformat(value).isoformat()
        except ValueError:
            return None
    return None


def line_of(text: str, keys: Keys) -> int:
    """Return the line (from 1) of a key, or of the nearest table around it.

    >>> line_of('a = 1\\n[[then]]\\nb = 1\\n[[then]]\\nb = { c = 2 }', ("then", 1, "b"))
    5
    """
    lines = _line_index(text)
    for length in range(len(keys), 0, -1):
        if keys[:length] in lines:
            start = lines[keys[:length]]
            return _line_within(text, start, keys[length:])
    return 1


def _line_within(text: str, start: int, rest: Keys) -> int:
    """Look for the remaining keys in an inline table that begins at ``start``."""
    names = [k for k in rest if isinstance(k, str)]
    if not names:
        return start
    wanted = re.compile(rf"\b{re.escape(names[-1])}\b\s*=")
    for number, line in enumerate(text.split("\n")[start - 1 :], start):
        if number > start and (_HEADER.match(line) or _KEY.match(line)):
            break
        if wanted.search(line):
            return number
    return start


def _line_index(text: str) -> dict[Keys, int]:
    index: dict[Keys, int] = {}
    counts: dict[Keys, int] = {}
    prefix: Keys = ()
    quoted = False
    for number, line in enumerate(text.split("\n"), 1):
        was_quoted = quoted
        quoted ^= (line.count('"""') + line.count("'''")) % 2 == 1
        if was_quoted:
            continue
        if header := _HEADER.match(line):
            prefix = _header_keys(header, counts)
            index.setdefault(prefix, number)
        elif key := _KEY.match(line):
            index.setdefault((*prefix, *_names(key.group(1))), number)
    return index


def _header_keys(header: re.Match[str], counts: dict[Keys, int]) -> Keys:
    names = _names(header.group(2))
    keys: Keys = ()
    for position, name in enumerate(names, 1):
        keys = (*keys, name)
        if header.group(1) == "[[" and position == len(names):
            counts[keys] = counts.get(keys, -1) + 1
        if keys in counts:
            keys = (*keys, counts[keys])
    return keys


def _names(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r'"[^"]*"|[^.]+', dotted)]

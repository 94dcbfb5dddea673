"""JSON Lines, read with forgiveness for what editors do and none for the rest.

    lines  --parse_entries-->  (line number, JSON value)…, findings in the log

A byte-order mark, CRLF and empty lines are accepted. A line ends at a line feed
only: a text may hold other separators (U+2028). Lines are read one by one, so
memory is bounded by the longest line that is taken, not by the file. A file that is
one JSON document instead is recognised (``one_document``).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, NoReturn

from tunewise.datasets.findings import FindingLog, lines_text
from tunewise.datasets.one_document import JSONL, recognise
from tunewise.domain.errors import DatasetError

LONGEST_LINE = 16 << 20  # bytes: four million tokens, more than any window holds
DEEPEST = 100  # objects and lists inside each other
MOST_DIGITS = 4_000  # of a whole number; Python reads 4,300

Source = str | bytes | BinaryIO

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_ZERO = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_BOM = b"\xef\xbb\xbf"
_UTF8 = "Save the file as UTF-8."
_DEEP = f"objects and lists stand more than {DEEPEST} deep in each other"
_TAKEN = "Write it as texts and plain numbers, one JSON object a line (JSON Lines)."
_FAULTS = {  # by how Python's message begins
    "Expecting value": "a value is missing or is none of JSON's",
    "Expecting property name": "a key in double quotes is missing",
    "Expecting ':'": "a colon is missing",
    "Expecting ','": "a comma or a closing bracket is missing",
    "Illegal trailing comma": "a comma stands before a closing bracket",
    "Extra data": "something follows after its end",
    "Unterminated string": "a text has no closing quotation mark",
    "Invalid control character": "a control character stands in a text",
    "Invalid \\": "a backslash begins no escape",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One JSON value and the line it stood in (from 1)."""

    line: int
    value: object


class _Twice(ValueError):
    """An object has one key two times."""


class _Unreadable(ValueError):
    """A value that cannot be taken, in words for the user."""


def parse_entries(source: Source, log: FindingLog) -> Iterator[Entry]:
    """Yield the entries that can be read; what cannot goes to the log."""
    file = _opened(source)
    begin = file.read(len(_BOM))
    if begin[:2] in (b"\xff\xfe", b"\xfe\xff"):
        log.block("not_utf8", 1, "the file is in UTF-16", _UTF8)
        return
    begin = begin if begin != _BOM else b""
    document, begin = recognise(begin, file, log, longest=LONGEST_LINE)
    if document:
        return
    empty = True
    for line, raw in _lines(begin, file):
        empty = empty and raw is not None and not raw.strip()
        if raw is None:
            what = f"the line has more than {LONGEST_LINE:,} bytes"
            log.block("line_too_long", line, what, JSONL)
        elif raw.strip():
            yield from _entry(line, raw, log)
    if empty:
        log.block("empty_file", 0, "the file is empty", JSONL)


def parse_records(source: Source, *, file: str) -> tuple[dict[str, object], ...]:
    """Return the objects of a plain JSON Lines file.

    Raises
    ------
    DatasetError
        If a line is not a JSON object.
    """
    return tuple(record for _, record in numbered_records(source, file=file))


def numbered_records(
    source: Source, *, file: str
) -> tuple[tuple[int, dict[str, object]], ...]:
    """Return the objects of a plain JSON Lines file, each with its line.

    Raises
    ------
    DatasetError
        If a line is not a JSON object.
    """
    log = FindingLog(file)
    records = []
    for entry in parse_entries(source, log):
        if isinstance(entry.value, dict):
            records.append((entry.line, entry.value))
        else:
            log.block("data_type", entry.line, "the line is no JSON object", JSONL)
    for found in log.findings():
        line = f":{found.lines[0]}" if found.lines else ""
        what = found.message.removeprefix(f"{lines_text(found.lines)}: ")
        raise DatasetError(f"{file}{line}: {what}")
    return tuple(records)


def _opened(source: Source) -> BinaryIO:
    if isinstance(source, str):
        return BytesIO(source.encode("utf-8", "surrogatepass"))
    return BytesIO(source) if isinstance(source, bytes) else source


def _lines(begin: bytes, file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield line numbers and lines, None for one that is too long to be taken."""
    number, rest = 1, BytesIO(begin)
    while True:
        raw = rest.readline(LONGEST_LINE + 1)
        if not raw.endswith(b"\n") and len(raw) <= LONGEST_LINE:
            raw += file.readline(LONGEST_LINE + 1 - len(raw))
        if not raw:
            return
        if len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
            _skip_line(rest, file)
            yield number, None
        else:
            yield number, raw
        number += 1


def _skip_line(*files: BinaryIO) -> None:
    for file in files:
        while piece := file.readline(LONGEST_LINE):
            if piece.endswith(b"\n"):
                return


def _entry(line: int, raw: bytes, log: FindingLog) -> Iterator[Entry]:
    if (zero := raw.find(b"\0")) >= 0:
        do = f"{_UTF8} A file that was cut off while it was written has them, too."
        log.block("nul_byte", line, f"byte {zero + 1} is NUL", do, cause="byte")
        return
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"byte {error.start + 1} is not UTF-8"
        log.block("not_utf8", line, what, _UTF8, cause="byte")
        return
    try:
        value = _DECODER.decode(text)
    except _Twice as error:
        do = "Keep one: programs differ in which of the two they read."
        log.block("duplicate_key", line, str(error), do)
        return
    except json.JSONDecodeError as error:
        why = _why(error)
        what = f"this is not JSON ({why}, column {error.colno})"
        log.block("not_json", line, what, JSONL, cause=why)
        return
    except _Unreadable as error:
        log.block("not_json", line, f"this cannot be read ({error})", _TAKEN)
        return
    except RecursionError:
        log.block("not_json", line, f"this cannot be read ({_DEEP})", _TAKEN)
        return
    if _is_too_deep(raw, value):
        log.block("not_json", line, f"this cannot be read ({_DEEP})", _TAKEN)
    elif _SURROGATE.search(raw) and not _encodable(value):
        what = "a text holds half a character (a lone \\ud… escape)"
        log.block("not_utf8", line, what, "Write the whole character.")
    elif _ZERO.search(raw):
        log.block("nul_byte", line, "a text holds NUL (\\u0000)", "Take it out.")
    else:
        yield Entry(line, value)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Twice(f"the key {key[:60]!r} stands twice in one object")
            seen.add(key)
    return found


def _no_number(name: str) -> NoReturn:
    raise _Unreadable(f"{name} is no JSON number")


def _whole_number(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise _Unreadable(f"a number has more than {MOST_DIGITS:,} digits")
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_no_number, parse_int=_whole_number
)


def _is_too_deep(raw: bytes, value: object) -> bool:
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return False
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return any(isinstance(inner, dict | list) for inner in level)


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _encodable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _why(error: json.JSONDecodeError) -> str:
    """Say in our words why a text is not JSON."""
    found = (ours for theirs, ours in _FAULTS.items() if error.msg.startswith(theirs))
    return next(found, "it breaks the rules of JSON")

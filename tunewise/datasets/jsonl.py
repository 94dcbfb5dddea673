"""JSON Lines, read with forgiveness for what editors do and none for the rest.

    bytes  --parse_entries-->  (line number, JSON value) + findings

A byte-order mark, CRLF and empty lines are accepted. A line ends at a line feed
only: a text may hold other separators (U+2028). A file that is one JSON document
instead is recognised and told so, because that is the commonest mistake.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tunewise.datasets.findings import FindingLog, lines_text
from tunewise.domain.errors import DatasetError

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BOM = b"\xef\xbb\xbf"
_JSONL = "Write one JSON object a line (JSON Lines)."
_UTF8 = "Save the file as UTF-8."
_ALPACA = (
    'Write each record as {"messages": [{"role": "user", "content": instruction '
    '(and input)}, {"role": "assistant", "content": output}]}, one a line.'
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One JSON value and the line it stood in (from 1)."""

    line: int
    value: object


def parse_entries(data: str | bytes, log: FindingLog) -> tuple[Entry, ...]:
    """Return the entries that can be read; what cannot goes to the log."""
    content = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        log.block("not_utf8", 1, "the file is in UTF-16", _UTF8)
        return ()
    content = content.removeprefix(_BOM)
    if not content.strip():
        log.block("empty_file", 0, "the file is empty", _JSONL)
        return ()
    if _is_one_document(content, log):
        return ()
    return tuple(_entries(content, log))


def parse_records(data: str | bytes, *, file: str) -> tuple[dict[str, object], ...]:
    """Return the objects of a plain JSON Lines file.

    Raises
    ------
    DatasetError
        If a line is not a JSON object.
    """
    log = FindingLog(file)
    records = []
    for entry in parse_entries(data, log):
        if isinstance(entry.value, dict):
            records.append(entry.value)
        else:
            log.block("data_type", entry.line, "the line is no JSON object", _JSONL)
    for found in log.findings():
        line = f":{found.lines[0]}" if found.lines else ""
        what = found.message.removeprefix(f"{lines_text(found.lines)}: ")
        raise DatasetError(f"{file}{line}: {what}")
    return tuple(records)


def _entries(content: bytes, log: FindingLog) -> Iterator[Entry]:
    for line, raw in enumerate(content.split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            what = f"byte {error.start + 1} is not UTF-8"
            log.block("not_utf8", line, what, _UTF8)
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            log.block("not_json", line, f"this is not JSON ({_why(error)})", _JSONL)
            continue
        if _SURROGATE.search(raw) and not _encodable(value):
            what = "a text holds half a character (a lone \\ud… escape)"
            log.block("not_utf8", line, what, "Write the whole character.")
            continue
        yield Entry(line, value)


def _is_one_document(content: bytes, log: FindingLog) -> bool:
    """Recognise a JSON array, or one object written over several lines."""
    first = content.lstrip()[:1]
    if first not in b"[{" or (first == b"{" and _first_line_is_json(content)):
        return False
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return False
    if isinstance(value, list):
        records = [v for v in value if isinstance(v, dict)]
        if content.count(b"\n", 0, len(content.rstrip())) == 0 and not records:
            return False  # one line that holds a plain list: an entry of the wrong type
        what = f"the file is one JSON array of {len(value):,} records, not JSON Lines"
        if records and "instruction" in records[0] and "output" in records[0]:
            what += ", and its records have Alpaca's keys (instruction, input, output)"
            log.block("not_jsonl", 1, what, _ALPACA)
            return True
    else:
        what = "the file is one JSON object over several lines, not JSON Lines"
    log.block("not_jsonl", 1, what, _JSONL)
    return True


def _first_line_is_json(content: bytes) -> bool:
    try:
        json.loads(content.lstrip().split(b"\n", 1)[0])
    except (ValueError, RecursionError):
        return False
    return True


def _encodable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, column {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)

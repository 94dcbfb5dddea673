"""Files that are one JSON document, not JSON Lines: the commonest mistake, told so."""

import json
from typing import BinaryIO

from tunewise.datasets.findings import FindingLog

_MOST_BLANK = 20  # lines before the first that says what the file is

JSONL = "Write one JSON object a line (JSON Lines)."
_ALPACA = (
    'Write each record as {"messages": [{"role": "user", "content": instruction '
    '(and input)}, {"role": "assistant", "content": output}]}, one a line.'
)


def recognise(
    begin: bytes, file: BinaryIO, log: FindingLog, *, longest: int
) -> tuple[bool, bytes]:
    """Return whether the file is one document, and what was read of it so far.

    Parameters
    ----------
    begin : the file's first bytes, already read
    longest : bytes that are looked at; a longer document is told by how it begins
    """
    begin += file.readline(longest)
    for _ in range(_MOST_BLANK):
        if not begin.strip():
            begin += file.readline(longest)
    first = begin.lstrip()[:1]
    is_json = _is_json(begin)
    if first not in (b"[", b"{") or (first == b"{" and is_json):
        return False, begin
    begin += file.read(max(0, longest - len(begin)))
    if len(begin) < longest:
        return _is_one(begin, log), begin
    if first == b"[" and not is_json and begin.lstrip()[1:].lstrip()[:1] == b"{":
        what = "the file is one JSON array, not JSON Lines"
        log.block("not_jsonl", 1, what, JSONL)
        return True, begin
    return False, begin


def _is_one(content: bytes, log: FindingLog) -> bool:
    """Recognise a JSON array, or one object written over several lines."""
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
    log.block("not_jsonl", 1, what, JSONL)
    return True


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line.strip())
    except (ValueError, RecursionError):
        return False
    return True
